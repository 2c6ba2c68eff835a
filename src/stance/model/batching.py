"""Pack windows of similar length into padded arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from stance.model.features import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray


def by_token_budget(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Group items by length so that a padded group holds at most `budget` tokens (one item at least); yield indices."""
    group: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda index: lengths[index]):
        if group and (len(group) + 1) * lengths[index] > budget:
            yield group
            group = []
        group.append(index)
    if group:
        yield group


def pad_windows(windows: Sequence[Window], padding: int) -> dict[str, NDArray[np.int64]]:
    """Return input_ids and attention_mask (B, T), unit_tokens and unit_mask (B, N) of windows, padded at the end."""
    tokens = max(len(window.input_ids) for window in windows)
    units = max(len(window.unit_tokens) for window in windows)
    arrays = {
        "input_ids": np.full((len(windows), tokens), padding, np.int64),
        "attention_mask": np.zeros((len(windows), tokens), np.int64),
        "unit_tokens": np.zeros((len(windows), units), np.int64),
        "unit_mask": np.zeros((len(windows), units), np.int64),
    }
    for row, window in enumerate(windows):
        arrays["input_ids"][row, : len(window.input_ids)] = window.input_ids
        arrays["attention_mask"][row, : len(window.input_ids)] = 1
        arrays["unit_tokens"][row, : len(window.unit_tokens)] = window.unit_tokens
        arrays["unit_mask"][row, : len(window.unit_tokens)] = 1
    return arrays
