"""What the network should answer for an annotated sentence, window by window."""

from __future__ import annotations

from dataclasses import dataclass

from stance.model.features import Features, Window
from stance.model.tags import UNKNOWN, encode_spans
from stance.schema import ENTITY_TYPES, STANCES, Frame, Sentence

NULL = 0
"""Where a role pointer points when the frame has no such span; unit *k* of a window is pointer *k* + 1."""

POINTERS = ("holder start", "holder end", "target start", "target end")
EXTENTS = ("in holder", "in target")
ROLE_CHANNELS = (*POINTERS, *EXTENTS)
"""What is scored for each pair of a cue and a unit: whether a role begins or ends there, and whether it covers it."""


@dataclass(frozen=True, slots=True)
class FrameTarget:
    """A frame within a window: its cue's units (first, last + 1), and where the four `POINTERS` should point."""

    cue: tuple[int, int]
    pointers: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Target:
    """The answers for one window; `UNKNOWN` tags, None stances and no frames where a layer was not annotated."""

    entity_tags: list[int]
    cue_tags: list[int]
    stances: list[float] | None
    frames: list[FrameTarget]


def window_targets(sentence: Sentence, features: Features) -> list[Target]:
    """Return the answers for each window of a sentence, in order."""
    count = len(features.units)
    if "entities" in sentence.layers:
        entities = [
            (*units, ENTITY_TYPES.index(entity.label))
            for entity in sentence.entities
            if (units := features.unit_range(entity.start, entity.end))
        ]
        entity_tags = encode_spans(count, entities)
    else:
        entity_tags = [UNKNOWN] * count
    if "roles" in sentence.layers:
        cues = [
            (*units, STANCES.index(frame.label))
            for frame in sentence.frames
            if frame.cue and (units := features.unit_range(frame.cue.start, frame.cue.end))
        ]
        cue_tags = encode_spans(count, cues)
    else:
        cue_tags = [UNKNOWN] * count
    stances = [float(label in sentence.labels) for label in STANCES] if "stances" in sentence.layers else None
    frames = sentence.frames if "roles" in sentence.layers else ()
    return [
        Target(
            entity_tags[window.first_unit : window.first_unit + len(window.unit_tokens)],
            cue_tags[window.first_unit : window.first_unit + len(window.unit_tokens)],
            stances,
            [target for frame in frames if (target := _frame_target(frame, features, window))],
        )
        for window in features.windows
    ]


def _frame_target(frame: Frame, features: Features, window: Window) -> FrameTarget | None:
    """Place a frame in a window; None where its cue or part of a role lies outside it."""
    located = {}
    for role in ("cue", "holder", "target"):
        span = frame.role(role)
        units = features.unit_range(span.start, span.end) if span else None
        if units:
            first, last = units[0] - window.first_unit, units[1] - window.first_unit
            if first < 0 or last > len(window.unit_tokens):
                return None
            located[role] = (first, last)
    if "cue" not in located:
        return None
    holder = _pointers(located.get("holder"))
    target = _pointers(located.get("target"))
    return FrameTarget(located["cue"], (*holder, *target))


def _pointers(units: tuple[int, int] | None) -> tuple[int, int]:
    """Return start and inclusive end as pointers."""
    return (NULL, NULL) if units is None else (units[0] + 1, units[1])
