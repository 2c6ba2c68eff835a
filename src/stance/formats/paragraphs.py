"""Raw text, a paragraph a line, plain or .gz; blank lines count for nothing."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path

from stance.errors import InputError


def read_paragraphs(paths: Sequence[Path]) -> Iterator[str]:
    """Yield paragraphs from all files in turn, until each is at its end.

    Raises:
        InputError: a file cannot be read, or is not UTF-8.
    """
    waiting = [_lines(path) for path in paths]
    while waiting:
        still = []
        for lines in waiting:
            paragraph = next(lines, None)
            if paragraph is not None:
                yield paragraph
                still.append(lines)
        waiting = still


def _lines(path: Path) -> Iterator[str]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            yield from (line.strip() for line in lines if line.strip())
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 (byte {error.start}: {error.reason})") from error
    except (OSError, EOFError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
