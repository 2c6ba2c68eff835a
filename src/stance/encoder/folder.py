"""Encoder folders: written whole or not at all, with a tokenizer that `transformers` loads."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from stance.encoder.vocabulary import BEGIN, END, MASK, PADDING, UNKNOWN
from stance.errors import StanceError

if TYPE_CHECKING:
    from tokenizers import Tokenizer


@contextmanager
def folder_under_final_name(output: Path) -> Iterator[Path]:
    """Hand out a folder to write, which gets its final name once all is written.

    Raises:
        StanceError: `output` holds something already.
    """
    if output.exists() and any(output.iterdir()):
        raise StanceError(f"{output}: the folder is not empty; name a new one or remove it first")
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{output.name}-", dir=output.parent))
    try:
        yield partial
        for path in (partial, *partial.iterdir()):
            path.chmod(0o755 if path.is_dir() else 0o644)
        partial.replace(output)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def save_tokenizer(tokenizer: Tokenizer, positions: int, folder: Path) -> None:
    """Write a tokenizer of ours as `transformers` wants it."""
    from transformers import PreTrainedTokenizerFast

    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=positions, bos_token=BEGIN, cls_token=BEGIN, eos_token=END,
        sep_token=END, pad_token=PADDING, unk_token=UNKNOWN, mask_token=MASK, clean_up_tokenization_spaces=False,
    ).save_pretrained(folder)  # fmt: skip
