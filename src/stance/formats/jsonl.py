"""Annotated sentences as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from stance.errors import InputError, ValidationError
from stance.formats.lines import numbered_lines
from stance.schema import Sentence, sentence_from_dict


def numbered_objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, JSON object) of a file; blank lines are passed over.

    Raises:
        InputError: the file cannot be read, or a line is no JSON object; the message names file and line.
    """
    for number, line in numbered_lines(path):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(f"{path}:{number}: not JSON: {error.msg} at column {error.colno}") from error
        if not isinstance(value, dict):
            raise InputError(f"{path}:{number}: needs a JSON object, has {line.strip()[:80]!r}")
        yield number, value


def read_sentences(path: Path) -> Iterator[Sentence]:
    """Read annotated sentences, one JSON object a line.

    Raises:
        InputError: the file cannot be read, or a line is not a valid record; the message names file and line.
    """
    for number, value in numbered_objects(path):
        try:
            yield sentence_from_dict(value, fallback_id=f"{path.stem}-{number}")
        except ValidationError as error:
            raise InputError(f"{path}:{number}: {error}") from error


def write_sentences(path: Path, sentences: Iterable[Sentence]) -> None:
    """Write annotated sentences, one JSON object a line, UTF-8."""
    with path.open("w", encoding="utf-8") as file:
        for sentence in sentences:
            file.write(json.dumps(sentence.to_dict(), ensure_ascii=False) + "\n")
