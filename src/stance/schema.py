"""The words of the domain: spans, entities, frames, annotated sentences and predictions, with their JSON.

All offsets are Unicode code points, as Python indexes strings: ``text[span.start:span.end] == span.text``. Entities and
roles index the sentence's `text`; a prediction's own `start` and `end` place the sentence in the document as given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal, TypeAlias

from stance.errors import ValidationError

ENTITY_TYPES = ("PER", "LOC", "ORG", "MISC")
STANCES = ("condemn", "support", "concern")
ROLES = ("cue", "holder", "target")

Layer: TypeAlias = Literal["entities", "stances", "roles"]
LAYERS: tuple[Layer, ...] = ("entities", "stances", "roles")
"""What can be annotated on a sentence. A corpus may carry only some layers; the others are unknown there, not empty."""

JsonObject: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A run of whole words: half-open code-point offsets into a text, and the text between them."""

    start: int
    end: int
    text: str

    def to_dict(self) -> JsonObject:
        """Return the span as a JSON object."""
        return {"start": self.start, "end": self.end, "text": self.text}


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """A named entity: span, type, and the model's confidence (None in annotated data)."""

    start: int
    end: int
    text: str
    label: str
    score: float | None = None

    def to_dict(self) -> JsonObject:
        """Return the entity as a JSON object, without `score` where there is none."""
        value: JsonObject = {"start": self.start, "end": self.end, "text": self.text, "label": self.label}
        return value if self.score is None else value | {"score": self.score}


@dataclass(frozen=True, slots=True)
class Frame:
    """One stance as expressed: its label, the words that express it, who holds it, what it is towards.

    `cue` is None only in data that names a sentence's stances without their words.
    """

    label: str
    cue: Span | None
    holder: Span | None = None
    target: Span | None = None
    score: float | None = None

    def role(self, name: str) -> Span | None:
        """Return the span of one of `ROLES`."""
        return {"cue": self.cue, "holder": self.holder, "target": self.target}[name]

    def to_dict(self) -> JsonObject:
        """Return the frame as the JSON object of a prediction."""
        return {
            "label": self.label,
            **({} if self.score is None else {"score": self.score}),
            **{name: span.to_dict() if (span := self.role(name)) else None for name in ROLES},
        }


@dataclass(frozen=True, slots=True)
class Sentence:
    """An annotated sentence. `layers` says what was annotated; `extra` keeps keys that are not ours (source, date)."""

    id: str
    text: str
    entities: tuple[Entity, ...] = ()
    frames: tuple[Frame, ...] = ()
    layers: frozenset[str] = frozenset(LAYERS)
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def labels(self) -> frozenset[str]:
        """The set of stances that the sentence expresses."""
        return frozenset(frame.label for frame in self.frames)

    def to_dict(self) -> JsonObject:
        """Return the record as JSON; layers that were not annotated are left out."""
        value: JsonObject = {"id": self.id, "text": self.text}
        if "entities" in self.layers:
            value["entities"] = [{"start": e.start, "end": e.end, "label": e.label} for e in self.entities]
        if "stances" in self.layers:
            value["stances"] = [
                {"label": frame.label}
                | ({name: _pair(frame.role(name)) for name in ROLES} if "roles" in self.layers else {})
                for frame in self.frames
            ]
        return value | dict(self.extra)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model says about one sentence of a document."""

    document: str
    sentence: int
    start: int
    end: int
    text: str
    entities: tuple[Entity, ...]
    stances: Mapping[str, float]
    labels: tuple[str, ...]
    frames: tuple[Frame, ...]
    model: str

    def of(self, document: str) -> Prediction:
        """Return the same prediction as a sentence of another document."""
        return replace(self, document=document)

    def to_dict(self) -> JsonObject:
        """Return the JSON object that the command line writes and the web API answers."""
        return {
            "document": self.document,
            "sentence": self.sentence,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "entities": [entity.to_dict() for entity in self.entities],
            "stances": dict(self.stances),
            "labels": list(self.labels),
            "frames": [frame.to_dict() for frame in self.frames],
            "model": self.model,
        }


@dataclass(frozen=True, slots=True)
class Document:
    """A document's predictions, a sentence each, in the order of the text."""

    id: str
    sentences: tuple[Prediction, ...]

    def __iter__(self) -> Iterator[Prediction]:
        """Go through the sentences."""
        return iter(self.sentences)

    def __len__(self) -> int:
        """Return the number of sentences."""
        return len(self.sentences)

    def to_dict(self) -> JsonObject:
        """Return the document as JSON."""
        return {"document": self.id, "sentences": [sentence.to_dict() for sentence in self.sentences]}


def _pair(span: Span | None) -> list[int] | None:
    return [span.start, span.end] if span else None


def sentence_from_dict(value: Mapping[str, Any], fallback_id: str) -> Sentence:
    """Read an annotated record and check it against its own text.

    Args:
        value: the JSON object of DESIGN; `entities` or `stances` may be missing (not annotated), and a stance without
            `cue` makes the roles of the whole sentence unknown.
        fallback_id: how messages call the record where it has no `id`; it becomes the id.

    Raises:
        ValidationError: a field is missing, of a wrong type, holds an unknown label or an offset outside the text.
    """
    record = str(value.get("id", fallback_id))
    text = value.get("text")
    if not isinstance(text, str) or not text:
        raise ValidationError(record, "text", f"needs a non-empty string, has {text!r:.80}")
    layers = set()
    entities: tuple[Entity, ...] = ()
    frames: tuple[Frame, ...] = ()
    if "entities" in value:
        layers.add("entities")
        items = _list(record, "entities", value["entities"])
        entities = tuple(_entity(record, f"entities[{i}]", item, text) for i, item in enumerate(items))
        _reject_overlaps(record, entities)
    if "stances" in value:
        layers.add("stances")
        items = _list(record, "stances", value["stances"])
        frames = tuple(_frame(record, f"stances[{i}]", item, text) for i, item in enumerate(items))
        if all(frame.cue for frame in frames):
            layers.add("roles")
    if not layers:
        raise ValidationError(record, "entities, stances", "neither is given; an annotated record needs one of them")
    extra = {key: item for key, item in value.items() if key not in {"id", "text", "entities", "stances"}}
    return Sentence(record, text, tuple(sorted(entities)), frames, frozenset(layers), extra)


def _list(record: str, name: str, value: object) -> Sequence[Any]:
    if not isinstance(value, list):
        raise ValidationError(record, name, f"needs a list, has {value!r:.80}")
    return value


def _label(record: str, name: str, value: object, known: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in known:
        raise ValidationError(record, name, f"unknown label {value!r}; known: {', '.join(known)}")
    return value


def _span(record: str, name: str, pair: object, text: str) -> Span:
    match pair:
        case [int(start), int(end)] if 0 <= start < end <= len(text):
            return Span(start, end, text[start:end])
        case _:
            raise ValidationError(
                record,
                name,
                f"needs [start, end] with 0 <= start < end <= {len(text)} (the text's length), has {pair!r:.80}",
            )


def _entity(record: str, name: str, item: object, text: str) -> Entity:
    if not isinstance(item, Mapping):
        raise ValidationError(record, name, f"needs an object with start, end, label; has {item!r:.80}")
    span = _span(record, name, [item.get("start"), item.get("end")], text)
    return Entity(span.start, span.end, span.text, _label(record, f"{name}.label", item.get("label"), ENTITY_TYPES))


def _frame(record: str, name: str, item: object, text: str) -> Frame:
    if not isinstance(item, Mapping):
        raise ValidationError(record, name, f"needs an object with label, cue, holder, target; has {item!r:.80}")
    label = _label(record, f"{name}.label", item.get("label"), STANCES)
    spans = {
        role: None if item.get(role) is None else _span(record, f"{name}.{role}", item[role], text) for role in ROLES
    }
    if spans["cue"] is None and (spans["holder"] or spans["target"]):
        raise ValidationError(record, f"{name}.cue", "missing; a stance with a holder or target needs its cue")
    return Frame(label, spans["cue"], spans["holder"], spans["target"])


def _reject_overlaps(record: str, entities: Sequence[Entity]) -> None:
    ordered = sorted(entities)
    for one, other in pairwise(ordered):
        if other.start < one.end:
            raise ValidationError(record, "entities", f"{one.text!r} and {other.text!r} overlap; entities are flat")
