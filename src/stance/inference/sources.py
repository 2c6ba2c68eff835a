"""Where texts come from: files, folders, globs and standard input, as records with an id and a place.

What cannot be read as text is handed on as `Rejected`, with its place and the reason, so that the run goes on and
nothing is lost silently. What the user named but does not exist is an error at once.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import IO, Literal, TypeAlias

from stance.errors import InputError
from stance.inference.encodings import has_bad_bytes, open_text

STANDARD_INPUT = "-"
SUFFIXES = (".txt", ".jsonl", ".csv", ".tsv")
Unit: TypeAlias = Literal["document", "sentence"]


@dataclass(frozen=True, slots=True)
class Record:
    """A text to read: its document id, and where it came from (file, or file and line)."""

    id: str
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that cannot be read, where it stands and why; `text` is what could be saved of it."""

    id: str
    place: str
    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of tables and JSON lines hold the text and the id."""

    text: str = "text"
    id: str = "id"


Item: TypeAlias = Record | Rejected
Reader: TypeAlias = Callable[[IO[str], str, Columns, Unit], Iterator[Item]]


def find_inputs(inputs: Sequence[str]) -> list[str]:
    """Turn what the user named into a sorted list of files (or `-`), folders searched at all depths.

    Raises:
        InputError: something does not exist, a folder or glob holds nothing readable, or a file is of an unknown kind.
    """
    found: list[str] = []
    for name in inputs:
        path = Path(name)
        if name == STANDARD_INPUT:
            found.append(name)
        elif path.is_dir():
            inside = sorted(str(file) for file in path.rglob("*") if file.is_file() and _suffix(file) in SUFFIXES)
            if not inside:
                raise InputError(f"{name}: the folder holds no {', '.join(SUFFIXES)} file (each may also be .gz)")
            found += inside
        elif path.is_file():
            if _suffix(path) not in SUFFIXES:
                raise InputError(f"{name}: unknown kind of file; known: {', '.join(SUFFIXES)}, each also .gz")
            found.append(name)
        else:
            matches = sorted(match for match in glob(name, recursive=True) if Path(match).is_file())  # noqa: PTH207
            if not matches:
                raise InputError(f"{name}: no such file or folder")
            found += find_inputs(matches)
    return list(dict.fromkeys(found))


def read_inputs(names: Iterable[str], columns: Columns, unit: Unit, tell: Callable[[str], None]) -> Iterator[Item]:
    """Read records from files found by `find_inputs`; `tell` gets a line where a file is not UTF-8."""
    seen: dict[str, int] = {}
    for name in names:
        stem = "stdin" if name == STANDARD_INPUT else _stem(Path(name))
        seen[stem] = seen.get(stem, 0) + 1
        document = stem if seen[stem] == 1 else f"{stem}-{seen[stem]}"
        yield from _read_file(name, document, columns, unit, tell)


def _read_file(name: str, document: str, columns: Columns, unit: Unit, tell: Callable[[str], None]) -> Iterator[Item]:
    try:
        with _open_bytes(name) as file:
            text, encoding = open_text(file)
            if encoding is None:
                yield Rejected(document, name, "neither UTF-8 nor another encoding of Arabic text")
                return
            if encoding != "utf-8-sig":
                tell(f"{name}: read as {encoding}, not UTF-8")
            suffix = ".txt" if name == STANDARD_INPUT else _suffix(Path(name))
            for item in _READERS[suffix](text, document, columns, unit):
                yield _checked(item, name)
    except (OSError, EOFError, gzip.BadGzipFile) as error:
        yield Rejected(
            document, name, f"cannot be read: {error.strerror or error}" if isinstance(error, OSError) else str(error)
        )
    except (UnicodeError, csv.Error, zlib.error) as error:
        yield Rejected(document, name, f"cannot be read to its end: {error}")


def _checked(item: Item, name: str) -> Item:
    """Set aside texts that hold nothing to read."""
    place = f"{name}{item.place}"
    if isinstance(item, Rejected):
        return Rejected(item.id, place, item.reason, item.text)
    if has_bad_bytes(item.text):
        clean = item.text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        return Rejected(item.id, place, "holds bytes that are not UTF-8", clean)
    if not item.text.strip():
        return Rejected(item.id, place, "empty")
    if not any("\u0620" <= letter <= "\u06ff" or "\ufb50" <= letter <= "\ufefc" for letter in item.text):
        return Rejected(item.id, place, "holds no Arabic letter", item.text)
    return Record(item.id, item.text, place)


def _read_text(file: IO[str], document: str, _: Columns, unit: Unit) -> Iterator[Item]:
    if unit == "document":
        yield Record(document, file.read(), "")
        return
    for number, line in enumerate(file, 1):
        if line.strip():
            yield Record(f"{document}-{number}", line.rstrip("\r\n"), f":{number}")


def _read_jsonl(file: IO[str], document: str, columns: Columns, _: Unit) -> Iterator[Item]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        name, place = f"{document}-{number}", f":{number}"
        if has_bad_bytes(line):
            yield Record(name, line, place)
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            yield Rejected(name, place, f"not JSON: {error.msg} at column {error.colno}", line.strip())
            continue
        if not isinstance(value, dict) or not isinstance(value.get(columns.text), str):
            yield Rejected(
                name, place, f"no text under the key {columns.text!r} (--text-column names it)", line.strip()
            )
            continue
        yield Record(str(value.get(columns.id, name)), value[columns.text], place)


def _table_reader(delimiter: str) -> Reader:
    def read(file: IO[str], document: str, columns: Columns, _: Unit) -> Iterator[Item]:
        csv.field_size_limit(sys.maxsize)
        rows = csv.DictReader(file, delimiter=delimiter)
        names = rows.fieldnames
        if names is None:
            yield Rejected(document, "", "empty")
            return
        if columns.text not in names:
            reason = f"has no column {columns.text!r}; it has {', '.join(names)} (--text-column names one)"
            yield Rejected(document, "", reason)
            return
        for row in rows:
            name, place = f"{document}-{rows.line_num}", f":{rows.line_num}"
            yield Record(str(row.get(columns.id) or name), row[columns.text] or "", place)

    return read


_READERS: dict[str, Reader] = {
    ".txt": _read_text,
    ".jsonl": _read_jsonl,
    ".csv": _table_reader(","),
    ".tsv": _table_reader("\t"),
}


def _open_bytes(name: str) -> io.BufferedIOBase:
    if name == STANDARD_INPUT:
        return io.BytesIO(sys.stdin.buffer.read())
    return gzip.open(name, "rb") if name.endswith(".gz") else Path(name).open("rb")


def _suffix(path: Path) -> str:
    return Path(path.stem).suffix.lower() if path.suffix == ".gz" else path.suffix.lower()


def _stem(path: Path) -> str:
    return Path(path.stem).stem if path.suffix == ".gz" else path.stem
