"""Behaviour, not averages: near pairs whose stances differ, and changes of a text that must change no stance.

After Ribeiro et al. (2020), "Beyond Accuracy: Behavioral Testing of NLP Models with CheckList".
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stance.errors import InputError
from stance.evaluation.metrics import Analysed
from stance.formats.jsonl import numbered_objects
from stance.schema import STANCES, Entity, Sentence
from stance.text.spelling import with_loose_final_letters, without_hamzas

Predict = Callable[[Sequence[str]], Sequence[Analysed]]

FATHA, TATWEEL = "\u064e", "\u0640"
CONJUNCTION = "و"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sentences, one changed as little as can be, with the stances that each expresses."""

    id: str
    kind: str
    texts: tuple[str, str]
    labels: tuple[frozenset[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Rate:
    """How many cases there were, and which went wrong."""

    cases: int
    failed: tuple[str, ...]

    @property
    def share(self) -> float:
        """The share that went wrong."""
        return len(self.failed) / max(self.cases, 1)


def read_pairs(path: Path) -> list[Pair]:
    """Read near pairs: JSON lines with `id`, `kind`, and `a` and `b` with `text` and `labels`.

    Raises:
        InputError: the file cannot be read, or a line is not such a pair.
    """
    pairs = []
    for number, value in numbered_objects(path):
        try:
            sides = [value["a"], value["b"]]
            pair = Pair(
                str(value["id"]), str(value["kind"]), (sides[0]["text"], sides[1]["text"]),
                (frozenset(sides[0]["labels"]), frozenset(sides[1]["labels"])),
            )  # fmt: skip
        except (KeyError, TypeError) as error:
            raise InputError(f"{path}:{number}: needs id, kind, a and b with text and labels ({error!r})") from error
        unknown = (pair.labels[0] | pair.labels[1]) - set(STANCES)
        if unknown:
            raise InputError(f"{path}:{number}: unknown label {min(unknown)!r}; known: {', '.join(STANCES)}")
        pairs.append(pair)
    return pairs


def pair_rates(pairs: Sequence[Pair], predict: Predict) -> dict[str, Rate]:
    """Return, by kind, the pairs of which either sentence has other stances than it should."""
    sides = [predict([pair.texts[side] for pair in pairs]) for side in (0, 1)]
    failed = {
        pair.id
        for side in (0, 1)
        for pair, found in zip(pairs, sides[side], strict=True)
        if set(found.labels) != pair.labels[side]
    }
    rates = {}
    for kind in sorted({pair.kind for pair in pairs}):
        members = [pair.id for pair in pairs if pair.kind == kind]
        rates[kind] = Rate(len(members), tuple(name for name in members if name in failed))
    return rates


def invariance_rates(sentences: Sequence[Sentence], predict: Predict, seed: int = 0) -> dict[str, Rate]:
    """Return, by change, the sentences whose stances are others after a change that leaves their meaning alone.

    Sentences that a change does not touch are no cases.

    Args:
        sentences: sentences with annotated entities.
        predict: maps texts to predictions, one a text.
        seed: decides which names take whose place.
    """
    before = predict([sentence.text for sentence in sentences])
    rates = {}
    for name, change in CHANGES.items():
        changed = change(sentences, random.Random(seed))
        touched = [number for number, sentence in enumerate(sentences) if changed[number] != sentence.text]
        after = predict([changed[number] for number in touched])
        wrong = [
            sentences[number].id
            for number, found in zip(touched, after, strict=True)
            if set(found.labels) != set(before[number].labels)
        ]
        rates[name] = Rate(len(touched), tuple(wrong))
    return rates


def _each(change: Callable[[str], str]) -> Callable[[Sequence[Sentence], random.Random], list[str]]:
    return lambda sentences, _: [change(sentence.text) for sentence in sentences]


def _with_conjunction(text: str) -> str:
    return text if not re.match(r"[\u0621-\u064a]", text) or text.startswith(CONJUNCTION) else CONJUNCTION + text


def _swap_names(sentences: Sequence[Sentence], chooser: random.Random) -> list[str]:
    """Put, for each name, another of its type; names that may have a clitic (by their first letter) stay."""
    names: dict[str, list[str]] = {}
    for sentence in sentences:
        for entity in sentence.entities:
            if _is_bare(entity):
                names.setdefault(entity.label, []).append(entity.text)
    texts = []
    for sentence in sentences:
        text = sentence.text
        for entity in sorted(sentence.entities, key=lambda entity: -entity.start):
            if _is_bare(entity):
                text = text[: entity.start] + chooser.choice(names[entity.label]) + text[entity.end :]
        texts.append(text)
    return texts


def _is_bare(entity: Entity) -> bool:
    return entity.label != "MISC" and not re.match("[وفبلك]", entity.text)


CHANGES: Mapping[str, Callable[[Sequence[Sentence], random.Random], list[str]]] = {
    "names swapped": _swap_names,
    "conjunction before": _each(_with_conjunction),
    "diacritics": _each(lambda text: re.sub("([بتسعدن])(?=[\u0621-\u064a])", rf"\1{FATHA}", text)),
    "tatweel": _each(lambda text: re.sub("([بتسعن])(?=[\u0621-\u064a])", rf"\1{TATWEEL}", text)),
    "hamza left out": _each(without_hamzas),
    "final letters": _each(with_loose_final_letters),
}
"""The changes, each from all sentences to their new texts: names within their type, a clitic, and ways of typing."""
