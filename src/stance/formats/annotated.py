"""Annotated sentences in any format that the package reads, told apart by the file's suffix."""

from __future__ import annotations

from pathlib import Path

from stance.errors import InputError
from stance.formats.conll import read_conll
from stance.formats.jsonl import read_sentences
from stance.formats.standoff import read_standoff
from stance.schema import Sentence

READERS = {".jsonl": read_sentences, ".conll": read_conll, ".txt": read_conll}


def read_annotated(path: Path, texts: Path | None = None) -> list[Sentence]:
    """Read a data set: .jsonl (with `texts`, annotation apart from its text), or .conll and .txt columns.

    Raises:
        InputError: the file is missing, of an unknown kind, holds nothing, or a record is wrong.
    """
    reader = READERS.get(path.suffix)
    if reader is None:
        raise InputError(f"{path}: unknown kind of data; known: {', '.join(READERS)}")
    sentences = list(reader(path) if texts is None else read_standoff(path, texts))
    if not sentences:
        raise InputError(f"{path}: holds no sentences")
    return sentences
