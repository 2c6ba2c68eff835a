"""Read entities, stances and frames off a network's scores; numpy alone.

Tags are decoded with the Viterbi algorithm under the rule that an inside tag follows a tag of the same label; each cue
of a stance that the sentence expresses makes a frame, whose holder and target are the best start and end of its
pointers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stance.model.calibration import Calibration
from stance.model.features import Features
from stance.model.tags import OUTSIDE, begin_tag, decode_tags, inside_tag
from stance.schema import ENTITY_TYPES, STANCES, Entity, Frame, Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

EXTENT_WEIGHT = 0.8
"""How much the units that a role covers count beside its borders; chosen on dev sentences."""

LOG_CERTAINLY_OUTSIDE = float(np.log(0.98))
"""The roles of units that are outside any cue with a higher probability are not kept."""

LONGEST_ROLE = 60
"""A holder or target of more units than this is never proposed; the longest annotated one has 40."""


@dataclass(frozen=True, slots=True)
class WindowScores:
    """The network's raw scores for one window of N units.

    `entities` (N, tags), `cues` (N, tags) and `stances` (labels,) are logits as `StanceOutput` has them; `roles` holds
    the role logits (6, 1 + N) of those units that may be (part of) a cue, by unit number.
    """

    entities: Floats
    cues: Floats
    stances: Floats
    roles: dict[int, Floats]

    @classmethod
    def of(cls, entities: Floats, cues: Floats, stances: Floats, roles: Floats) -> WindowScores:
        """Keep, of role scores (N, 6, 1 + N), what decoding may ask for: a long window's are large."""
        likely = np.flatnonzero(_log_softmax(cues)[:, OUTSIDE] < LOG_CERTAINLY_OUTSIDE)
        strongest = (cues[:, [begin_tag(label) for label in range(len(stances))]] - cues[:, :1]).argmax(0)
        return cls(entities, cues, stances, {int(unit): roles[unit].copy() for unit in {*likely, *strongest}})


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a sentence says: entities, the probability of each stance, the stances it expresses, and their frames."""

    entities: tuple[Entity, ...]
    stances: dict[str, float]
    labels: tuple[str, ...]
    frames: tuple[Frame, ...]


def decode(text: str, features: Features, scores: Sequence[WindowScores], calibration: Calibration) -> Analysis:
    """Read one sentence's analysis off the scores of its windows."""
    if not scores:
        return Analysis((), dict.fromkeys(STANCES, 0.0), (), ())
    owner = _owners(features)
    tags, confidence = best_tags(_merge([w.entities for w in scores], features, owner) / calibration.entity_temperature)
    entities = tuple(
        Entity(span.start, span.end, span.text, ENTITY_TYPES[label], _mean(confidence[first:last]))
        for first, last, label in decode_tags(tags.tolist())
        if (span := _words(text, features, first, last))
    )
    logits = np.max([window.stances for window in scores], axis=0) / np.asarray(calibration.stance_temperatures)
    probabilities = 1 / (1 + np.exp(-logits))
    expressed = [k for k, threshold in enumerate(calibration.thresholds) if probabilities[k] >= threshold]
    cue_logits = _merge([w.cues for w in scores], features, owner)
    frames = [
        replace(frame, score=round(calibration.frame_score(frame.score or 0.0), 4))
        for frame in _frames(text, features, scores, owner, cue_logits, expressed, probabilities)
    ]
    return Analysis(
        entities,
        {label: round(float(p), 4) for label, p in zip(STANCES, probabilities, strict=True)},
        tuple(STANCES[k] for k in expressed),
        tuple(frames),
    )


def best_tags(logits: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Return the best valid BIO tag sequence for logits (N, tags), and the probability of each of its tags."""
    log_probabilities = _log_softmax(logits)
    count, tags = log_probabilities.shape
    allowed = np.ones((tags, tags), np.bool_)
    for label in range((tags - 1) // 2):
        allowed[:, inside_tag(label)] = False
        allowed[[begin_tag(label), inside_tag(label)], inside_tag(label)] = True
    transition = np.where(allowed, 0.0, -1e9).astype(np.float32)
    best = log_probabilities[0] + transition[OUTSIDE]
    back = np.zeros((count, tags), np.int64)
    for position in range(1, count):
        paths = best[:, None] + transition
        back[position] = paths.argmax(0)
        best = paths.max(0) + log_probabilities[position]
    path = np.zeros(count, np.int64)
    path[-1] = best.argmax()
    for position in range(count - 1, 0, -1):
        path[position - 1] = back[position, path[position]]
    return path, np.exp(log_probabilities[np.arange(count), path])


def best_span(start: Floats, end: Floats, extent: Floats) -> tuple[int, int, float] | None:
    """Find where a role most likely stands: its borders' log-probabilities plus its units' weighted log-odds.

    Args:
        start: pointer logits (1 + N,), null first; `end` likewise.
        end: see `start`.
        extent: log-odds (N,) that the role covers each unit.

    Returns:
        First unit, last + 1, and the mean probability of the two borders; None where the null pointers win.
    """
    start, end = _log_softmax(start), _log_softmax(end)
    size = len(extent)
    sums = np.concatenate([[0.0], EXTENT_WEIGHT * np.cumsum(extent)])
    borders = start[1:, None] + end[None, 1:]
    pairs = borders + sums[None, 1:] - sums[:-1, None]
    offset = np.arange(size)[None, :] - np.arange(size)[:, None]
    pairs = np.where((offset >= 0) & (offset < LONGEST_ROLE), pairs, -np.inf)
    first, last = np.unravel_index(pairs.argmax(), pairs.shape)
    if pairs[first, last] <= start[0] + end[0]:
        return None
    return int(first), int(last) + 1, float(np.exp(borders[first, last] / 2))


def _frames(
    text: str,
    features: Features,
    scores: Sequence[WindowScores],
    owner: NDArray[np.int64],
    cue_logits: Floats,
    expressed: Sequence[int],
    probabilities: Floats,
) -> list[Frame]:
    tags, confidence = best_tags(cue_logits)
    cues = [
        (first, last, label)
        for first, last, label in decode_tags(tags.tolist())
        if label in expressed and features.is_word[first:last].any()
    ]
    for label in expressed:
        if all(found != label for _, _, found in cues):
            cues.append(_strongest_cue(features, cue_logits, label))
    frames = []
    for first, last, label in sorted(cues):
        number = int(owner[first])
        shift = features.windows[number].first_unit
        pointers = cue_roles(scores[number].roles, first - shift, last - shift)
        score = float(probabilities[label]) * _mean(confidence[first:last])
        spans: list[Span | None] = []
        for start, end, extent in ((0, 1, 4), (2, 3, 5)):
            found = best_span(pointers[start], pointers[end], pointers[extent, 1:])
            spans.append(_words(text, features, found[0] + shift, found[1] + shift) if found else None)
            score *= found[2] if found else 1.0
        cue = _words(text, features, first, last)
        frames.append(Frame(STANCES[label], cue, spans[0], spans[1], score))
    return frames


def cue_roles(roles: dict[int, Floats], first: int, last: int) -> Floats:
    """Return the mean role logits (6, 1 + N) of a cue's units; of the nearest unit kept where none of them was."""
    rows = [roles[unit] for unit in range(first, last) if unit in roles]
    result: Floats = np.mean(rows or [roles[min(roles, key=lambda unit: abs(unit - first))]], axis=0)
    return result


def _strongest_cue(features: Features, cue_logits: Floats, label: int) -> tuple[int, int, int]:
    """Return the word that most looks like the beginning of a cue of this stance."""
    gain = cue_logits[:, begin_tag(label)] - cue_logits[:, OUTSIDE]
    unit = int(np.where(features.is_word, gain, -np.inf).argmax())
    return unit, unit + 1, label


def _owners(features: Features) -> NDArray[np.int64]:
    """Return, for each unit, the window whose scores count: two that overlap share the overlap, half each."""
    owner = np.zeros(len(features.units), np.int64)
    for number, window in enumerate(features.windows[1:], 1):
        previous = features.windows[number - 1]
        previous_end = previous.first_unit + len(previous.unit_tokens)
        owner[(window.first_unit + previous_end) // 2 :] = number
    return owner


def _merge(logits: Sequence[Floats], features: Features, owner: NDArray[np.int64]) -> Floats:
    """Return (units, tags) from the windows' own (window units, tags)."""
    if len(logits) == 1:
        return logits[0]
    shift = np.asarray([window.first_unit for window in features.windows])
    return np.stack([logits[number][unit - shift[number]] for unit, number in enumerate(owner.tolist())])


def _words(text: str, features: Features, first: int, last: int) -> Span | None:
    """Return the span of the units from `first` to `last`, without punctuation at its edges."""
    while first < last and not features.is_word[first]:
        first += 1
    while first < last and not features.is_word[last - 1]:
        last -= 1
    if first >= last:
        return None
    start, end = int(features.units[first, 0]), int(features.units[last - 1, 1])
    return Span(start, end, text[start:end])


def _mean(confidence: Floats) -> float:
    """Return the geometric mean of probabilities."""
    return round(float(np.exp(np.log(np.maximum(confidence, 1e-9)).mean())), 4)


def _log_softmax(values: Floats) -> Floats:
    shifted = values - values.max(-1, keepdims=True)
    result: Floats = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return result
