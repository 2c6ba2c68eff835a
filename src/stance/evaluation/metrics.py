"""What is measured: entities, stances, roles and frames of predictions against annotation, with bootstrap intervals.

- Entities: micro-averaged F1 over exact (start, end, type), as seqeval counts them; also for each type and their mean.
- Stances: F1 of each label over sentences, their mean, and the share of sentences whose set of labels is exactly right.
- Roles (cue, holder, target): F1 over exact (label, start, end), and over the characters covered, label by label.
- Frames: F1 where a frame is right if the stance is the same, the cues overlap, and holder and target each are absent
  on both sides or share at least half of the characters of their union.

The F1 of something that neither side has is 0. Intervals are percentiles over resampled sentences (Efron, 1979).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from stance.schema import ENTITY_TYPES, ROLES, STANCES, Entity, Frame, Sentence, Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

OVERLAP_NEEDED = 0.5
CHOSEN_BY = ("stance_macro_f1", "entity_f1", "holder_overlap_f1", "target_overlap_f1", "frame_f1")
"""The five figures that users ask about."""

_KINDS = (
    "entity",
    *(f"entity_{name}" for name in ENTITY_TYPES),
    *STANCES,
    *ROLES,
    *(f"{role}_overlap" for role in ROLES),
    "frame",
)
_COLUMN = {kind: 3 * number for number, kind in enumerate(_KINDS)}
_EXACT_SET = 3 * len(_KINDS)
_SENTENCES = _EXACT_SET + 1
_WIDTH = _SENTENCES + 1


class Analysed(Protocol):
    """What a prediction must have to be measured."""

    @property
    def entities(self) -> Sequence[Entity]:
        """The entities found."""

    @property
    def labels(self) -> Collection[str]:
        """The stances expressed."""

    @property
    def frames(self) -> Sequence[Frame]:
        """The frames found."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value between 0 and 1, with its 95 % interval where sentences were resampled."""

    value: float
    low: float | None = None
    high: float | None = None


def count(gold: Sentence, predicted: Analysed) -> NDArray[np.int64]:
    """Return one sentence's counts: true positives, false positives, false negatives of every kind, and two more."""
    row = np.zeros(_WIDTH, np.int64)
    gold_entities = {(e.start, e.end, e.label) for e in gold.entities}
    found_entities = {(e.start, e.end, e.label) for e in predicted.entities}
    _compare(row, "entity", gold_entities, found_entities)
    for name in ENTITY_TYPES:
        _compare(
            row,
            f"entity_{name}",
            {e for e in gold_entities if e[2] == name},
            {e for e in found_entities if e[2] == name},
        )
    labels = set(predicted.labels)
    for name in STANCES:
        _compare(row, name, gold.labels & {name}, labels & {name})
    for role in ROLES:
        gold_spans = _role_spans(gold.frames, role)
        found_spans = _role_spans(predicted.frames, role)
        _compare(row, role, gold_spans, found_spans)
        _compare(row, f"{role}_overlap", _characters(gold_spans), _characters(found_spans))
    right = _matching_frames(gold.frames, predicted.frames)
    row[_COLUMN["frame"] :][:3] = right, len(predicted.frames) - right, len(gold.frames) - right
    row[_EXACT_SET] = gold.labels == labels
    row[_SENTENCES] = 1
    return row


def measure(
    gold: Sequence[Sentence], predicted: Sequence[Analysed], resamples: int = 0, seed: int = 0
) -> dict[str, Figure]:
    """Measure predictions against annotation, sentence by sentence in the same order.

    Args:
        gold: annotated sentences.
        predicted: as many predictions.
        resamples: bootstrap samples for the 95 % intervals; 0 for none.
        seed: decides the samples.

    Returns:
        The figures of those layers that every annotated sentence carries.

    Raises:
        ValueError: the two differ in length, or are empty.
    """
    if len(gold) != len(predicted) or not gold:
        raise ValueError(f"{len(gold)} annotated sentences and {len(predicted)} predictions; needs as many, and some")
    counts = np.stack([count(*pair) for pair in zip(gold, predicted, strict=True)])
    layers = frozenset.intersection(*(sentence.layers for sentence in gold))
    values = _figures(counts.sum(0, keepdims=True), layers)
    if not resamples:
        return {name: Figure(float(value[0])) for name, value in values.items()}
    random = np.random.default_rng(seed)
    weights = random.multinomial(len(gold), np.full(len(gold), 1 / len(gold)), resamples)
    spread = {name: np.percentile(value, [2.5, 97.5]) for name, value in _figures(weights @ counts, layers).items()}
    return {
        name: Figure(float(value[0]), float(spread[name][0]), float(spread[name][1])) for name, value in values.items()
    }


def _figures(totals: NDArray[np.int64], layers: Set[str]) -> dict[str, NDArray[np.float64]]:
    """Turn summed counts (samples, width) into the figures (samples,) of some layers, by name."""

    def parts(kind: str) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        column = _COLUMN[kind]
        return totals[:, column], totals[:, column + 1], totals[:, column + 2]

    def f1(kind: str) -> NDArray[np.float64]:
        right, wrong, missed = parts(kind)
        value: NDArray[np.float64] = 2 * right / np.maximum(2 * right + wrong + missed, 1)
        return value

    values: dict[str, NDArray[np.float64]] = {}
    if "entities" in layers:
        values["entity_f1"] = f1("entity")
        values |= {f"entity_{name}": f1(f"entity_{name}") for name in ENTITY_TYPES}
        values["entity_macro_f1"] = np.mean([values[f"entity_{name}"] for name in ENTITY_TYPES], axis=0)
    if "stances" in layers:
        for name in STANCES:
            right, wrong, missed = parts(name)
            values[name] = f1(name)
            values[f"{name}_precision"] = right / np.maximum(right + wrong, 1)
            values[f"{name}_recall"] = right / np.maximum(right + missed, 1)
        values["stance_macro_f1"] = np.mean([values[name] for name in STANCES], axis=0)
        values["exact_set"] = totals[:, _EXACT_SET] / np.maximum(totals[:, _SENTENCES], 1)
    if "roles" in layers:
        for role in ROLES:
            values[f"{role}_f1"] = f1(role)
            values[f"{role}_overlap_f1"] = f1(f"{role}_overlap")
        values["frame_f1"] = f1("frame")
    return values


def _compare(row: NDArray[np.int64], kind: str, gold: Set[object], found: Set[object]) -> None:
    right = len(gold & found)
    row[_COLUMN[kind] :][:3] += (right, len(found) - right, len(gold) - right)


def _role_spans(frames: Sequence[Frame], role: str) -> set[tuple[int, int, str]]:
    return {(span.start, span.end, frame.label) for frame in frames if (span := frame.role(role))}


def _characters(spans: set[tuple[int, int, str]]) -> set[tuple[str, int]]:
    return {(label, position) for start, end, label in spans for position in range(start, end)}


def _matching_frames(gold: Sequence[Frame], found: Sequence[Frame]) -> int:
    used: set[int] = set()
    for frame in gold:
        for number, other in enumerate(found):
            if number not in used and same_frame(frame, other):
                used.add(number)
                break
    return len(used)


def same_frame(gold: Frame, found: Frame) -> bool:
    """Tell whether a frame found is that annotated one, as this module measures it."""
    if gold.label != found.label or not gold.cue or not found.cue or not _shared(gold.cue, found.cue):
        return False
    return all(_same_role(gold.role(role), found.role(role)) for role in ("holder", "target"))


def _same_role(gold: Span | None, found: Span | None) -> bool:
    if gold is None or found is None:
        return gold is found
    shared = _shared(gold, found)
    union = gold.end - gold.start + found.end - found.start - shared
    return shared / union >= OVERLAP_NEEDED


def _shared(one: Span, other: Span) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def mean_figure(figures: Mapping[str, Figure]) -> float:
    """Return the one number by which checkpoints are chosen: the mean of those of `CHOSEN_BY` that were measured."""
    return float(np.mean([figures[name].value for name in CHOSEN_BY if name in figures]))
