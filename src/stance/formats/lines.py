"""Lines of an annotated file, numbered for messages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stance.errors import InputError


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (number from 1, line) of a UTF-8 file.

    Raises:
        InputError: the file cannot be read, or is not UTF-8.
    """
    try:
        with path.open(encoding="utf-8-sig") as lines:
            yield from enumerate(lines, 1)
    except OSError as error:
        raise InputError(f"{path}: cannot read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not UTF-8 (byte {error.start}: {error.reason}); convert the file to UTF-8"
        ) from error
