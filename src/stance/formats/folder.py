"""Folders that are written whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stance.errors import StanceError


@contextmanager
def folder_under_final_name(output: Path, replace: bool = False) -> Iterator[Path]:
    """Hand out a folder to write, which gets its final name once all is written.

    Args:
        output: the final name.
        replace: whether what is there already gives way.

    Raises:
        StanceError: `output` holds something already, and is not to be replaced.
    """
    if not replace and output.exists() and any(output.iterdir()):
        raise StanceError(f"{output}: the folder is not empty; name a new one or remove it first")
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{output.name}-", dir=output.parent))
    try:
        yield partial
        for path in (partial, *partial.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        if replace:
            shutil.rmtree(output, ignore_errors=True)
        partial.replace(output)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
