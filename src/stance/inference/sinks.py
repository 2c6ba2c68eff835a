"""Where predictions go: JSON lines, a flat CSV table, or a table in the terminal.

A file appears under its name only when the run is through; until then it is `NAME.partial`. What was set aside is
beside it in `NAME.rejected.jsonl`.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from stance.errors import InputError
from stance.inference.sources import Rejected
from stance.report.table import print_document
from stance.schema import Document, Prediction, Span

TABLE_COLUMNS = (
    "document", "sentence", "start", "end", "label", "score", "holder", "cue", "target", "entities", "text", "model",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Sink(Protocol):
    """Takes documents one after the other."""

    def write(self, document: Document) -> None:
        """Take the next document."""


class JsonLines:
    """One JSON object a sentence."""

    def __init__(self, file: IO[str]) -> None:
        """Write to an open text file."""
        self._file = file

    def write(self, document: Document) -> None:
        """Write a line for each sentence."""
        for prediction in document.sentences:
            self._file.write(json.dumps(prediction.to_dict(), ensure_ascii=False) + "\n")


class CsvTable:
    """One row a frame; a sentence without stance has one row too, so that every sentence and its entities are there."""

    def __init__(self, file: IO[str]) -> None:
        """Write to an open text file, the header first."""
        self._rows = csv.writer(file)
        self._rows.writerow(TABLE_COLUMNS)

    def write(self, document: Document) -> None:
        """Write the document's rows."""
        for prediction in document.sentences:
            for row in _rows(prediction):
                self._rows.writerow([_defused(cell) for cell in row])


class Terminal:
    """A table for each document, for people."""

    def write(self, document: Document) -> None:
        """Print the document's table."""
        print_document(document)


@contextmanager
def open_sink(output: Path | None) -> Iterator[Sink]:
    """Open what `output` names: .jsonl or .csv, or the terminal where it is None; whole or not at all.

    Raises:
        InputError: the file is of an unknown kind, or cannot be written.
    """
    if output is None:
        yield Terminal()
        return
    makers: dict[str, Callable[[IO[str]], Sink]] = {".jsonl": JsonLines, ".csv": CsvTable}
    maker = makers.get(output.suffix.lower())
    if maker is None:
        raise InputError(f"{output}: unknown kind of output; known: {', '.join(makers)}")
    partial = output.with_name(output.name + ".partial")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        # A spreadsheet takes a CSV file for UTF-8 only if it begins with the byte-order mark.
        encoding = "utf-8-sig" if maker is CsvTable else "utf-8"
        with partial.open("w", encoding=encoding, newline="") as file:
            yield maker(file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(output)
    except OSError as error:
        raise InputError(f"{output}: cannot be written: {error.strerror or error}") from error


class RejectedFile:
    """Collects what was set aside; the file is made with the first record."""

    def __init__(self, output: Path | None) -> None:
        """Write beside `output`; where it is None, only count."""
        self.count = 0
        self.path = None if output is None else output.with_name(output.name + ".rejected.jsonl")
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def add(self, item: Rejected) -> None:
        """Write one record with its place and reason."""
        self.count += 1
        if self.path is not None:
            value = {"id": item.id, "place": item.place, "reason": item.reason, "text": item.text}
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(value, ensure_ascii=False) + "\n")


def _rows(prediction: Prediction) -> Iterator[list[object]]:
    where: list[object] = [prediction.document, prediction.sentence, prediction.start, prediction.end]
    entities = "; ".join(f"{entity.label}: {entity.text}" for entity in prediction.entities)
    rest: list[object] = [entities, prediction.text, prediction.model]
    if not prediction.frames:
        yield [*where, *[""] * 5, *rest]
    for frame in prediction.frames:
        words = [_text(frame.holder), _text(frame.cue), _text(frame.target)]
        yield [*where, frame.label, frame.score, *words, *rest]


def _text(span: Span | None) -> str:
    return span.text if span else ""


def _defused(cell: object) -> object:
    """Keep a spreadsheet from taking text for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
