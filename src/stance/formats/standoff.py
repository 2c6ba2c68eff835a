"""Annotation apart from its text, for text that may not be published: JSON lines of ids, text digests and offsets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from stance.errors import InputError, ValidationError
from stance.formats.jsonl import numbered_objects
from stance.schema import Sentence, sentence_from_dict

DIGEST_LENGTH = 16


def text_digest(text: str) -> str:
    """Return the first 16 hexadecimal digits of the text's SHA-256."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:DIGEST_LENGTH]


def read_standoff(path: Path, texts: Path) -> Iterator[Sentence]:
    """Put annotation and text together again.

    Args:
        path: records of `id`, `text_sha256` (first 16 digits), `entities` and `stances` as in annotated sentences.
        texts: JSON lines with `id` and `text`; records that nobody annotated are passed over.

    Raises:
        InputError: a file cannot be read, an id has no text, the text is another than was annotated, or a record is
            wrong; the message names file and line.
    """
    text_of = {str(value.get("id")): value.get("text") for _, value in numbered_objects(texts)}
    for number, value in numbered_objects(path):
        name = str(value.get("id"))
        text = text_of.get(name)
        if not isinstance(text, str):
            raise InputError(f"{path}:{number}: {texts} has no text with the id {name!r}")
        if text_digest(text) != value.get("text_sha256"):
            raise InputError(
                f"{path}:{number}: the text of {name!r} in {texts} is another than was annotated "
                f"(text_sha256 {value.get('text_sha256')!r}, has {text_digest(text)!r})"
            )
        try:
            yield sentence_from_dict(_annotation(value) | {"text": text}, fallback_id=name)
        except ValidationError as error:
            raise InputError(f"{path}:{number}: {error}") from error


def write_standoff(path: Path, sentences: Iterable[Sentence]) -> None:
    """Write the annotation of sentences without a word of their text."""
    with path.open("w", encoding="utf-8") as file:
        for sentence in sentences:
            record = {"id": sentence.id, "text_sha256": text_digest(sentence.text)}
            whole = sentence.to_dict()
            record |= {key: whole[key] for key in ("entities", "stances") if key in whole}
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def _annotation(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key != "text_sha256"}
