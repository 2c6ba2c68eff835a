"""Named-entity corpora in CoNLL columns: one word and its IOB tag a line, sentences apart by a blank line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from stance.errors import InputError
from stance.formats.lines import numbered_lines
from stance.schema import Entity, Sentence

TYPE_NAMES: Mapping[str, str] = {
    "PER": "PER", "PERS": "PER", "LOC": "LOC", "ORG": "ORG", "MISC": "MISC", "MIS": "MISC",
}  # fmt: skip
"""Names of entity types in public Arabic corpora (ANERcorp, AQMAR) to ours."""


def read_conll(path: Path) -> Iterator[Sentence]:
    """Read a corpus in IOB1 or IOB2; its sentences carry the layer `entities` alone.

    The first column is the word, the last the tag. Words are joined by single spaces.

    Raises:
        InputError: the file cannot be read, a line has no tag, or a tag is unknown; the message names file and line.
    """
    words: list[str] = []
    tags: list[str] = []
    for number, line in numbered_lines(path):
        columns = line.split()
        if not columns:
            if words:
                yield _sentence(f"{path.stem}-{number - len(words)}", words, tags)
            words, tags = [], []
            continue
        words.append(columns[0])
        tags.append(_tag(path, number, columns))
    if words:
        yield _sentence(f"{path.stem}-last", words, tags)


def _tag(path: Path, number: int, columns: list[str]) -> str:
    if len(columns) < 2:  # noqa: PLR2004 - a word and a tag
        raise InputError(f"{path}:{number}: needs a word and a tag, has {' '.join(columns)!r}")
    prefix, _, name = columns[-1].partition("-")
    if prefix == "O" and not name:
        return "O"
    if prefix not in {"B", "I"} or name not in TYPE_NAMES:
        known = ", ".join(sorted(TYPE_NAMES))
        raise InputError(f"{path}:{number}: unknown tag {columns[-1]!r}; known: O, and B- or I- with one of {known}")
    return f"{prefix}-{TYPE_NAMES[name]}"


def _sentence(name: str, words: list[str], tags: list[str]) -> Sentence:
    text = " ".join(words)
    entities: list[Entity] = []
    position, previous = 0, "O"
    for word, tag in zip(words, tags, strict=True):
        end = position + len(word)
        if tag != "O":
            label = tag[2:]
            goes_on = tag.startswith("I") and previous[2:] == label
            start = entities.pop().start if goes_on else position
            entities.append(Entity(start, end, text[start:end], label))
        position, previous = end + 1, tag
    return Sentence(name, text, tuple(entities), layers=frozenset({"entities"}))
