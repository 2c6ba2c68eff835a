"""Turn text into what the network reads: token ids in windows, and where each unit's first token stands.

Only `tokenizers` and numpy are needed, so that prediction without torch reads text in exactly the same way as training.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stance.errors import StanceError
from stance.text.words import split_units

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Encoding, Tokenizer

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
OVERLAP = 4
"""Neighbouring windows share a quarter of their length, so that each unit has context on both sides in one of them."""


@dataclass(frozen=True, slots=True)
class Window:
    """A run of units that the encoder reads at once.

    `input_ids` hold the special tokens too; `unit_tokens` holds, for each unit from `first_unit` on, the index of its
    first token in `input_ids`.
    """

    input_ids: list[int]
    unit_tokens: list[int]
    first_unit: int


@dataclass(frozen=True, slots=True)
class Features:
    """A text as the network reads it: its units' offsets, which of them are words, and the windows that cover them."""

    units: NDArray[np.int64]
    is_word: NDArray[np.bool_]
    windows: list[Window]

    def unit_range(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the (first, last + 1) words that overlap the code points `start` to `end`; None where none does."""
        first = int(np.searchsorted(self.units[:, 1], start, side="right"))
        last = int(np.searchsorted(self.units[:, 0], end, side="left"))
        while first < last and not self.is_word[first]:
            first += 1
        while first < last and not self.is_word[last - 1]:
            last -= 1
        return (first, last) if first < last else None


class FeatureExtractor:
    """Cut texts into units and tokens with a saved tokenizer."""

    def __init__(self, tokenizer: Tokenizer, max_tokens: int) -> None:
        """Take a fast tokenizer and the number of tokens, specials included, that the encoder reads at once.

        Raises:
            StanceError: the tokenizer puts special tokens elsewhere than around a text, or the windows are too short.
        """
        tokenizer.no_truncation()
        tokenizer.no_padding()
        special = tokenizer.encode("").ids
        if len(special) != 2:  # noqa: PLR2004 - one before, one after
            raise StanceError(
                f"the tokenizer adds {len(special)} special tokens to a text; stance needs one at each end"
            )
        self._begin, self._end = special
        self._room = max_tokens - len(special)
        if self._room < OVERLAP * OVERLAP:
            raise StanceError(f"the encoder reads only {max_tokens} tokens at once; stance needs at least 18")
        self._tokenizer = tokenizer

    def __call__(self, texts: Sequence[str]) -> list[Features]:
        """Return the features of each text, in order. A text without visible characters has no units and no windows."""
        # Half a character (a lone surrogate) cannot be encoded; it is read as the replacement character, one for one.
        whole = [_LONE_SURROGATE.sub("\ufffd", text) for text in texts]
        encodings = self._tokenizer.encode_batch(whole, add_special_tokens=False)
        return [self._features(text, encoding) for text, encoding in zip(texts, encodings, strict=True)]

    def _features(self, text: str, encoding: Encoding) -> Features:
        spans, is_word = split_units(text)
        units = np.asarray(spans, np.int64).reshape(-1, 2)
        words = np.asarray(is_word, np.bool_)
        ids = encoding.ids
        offsets = np.asarray(encoding.offsets, np.int64).reshape(-1, 2)
        token = np.searchsorted(offsets[:, 1], units[:, 0], side="right")
        # A unit of which the clean-up leaves nothing (a lone tatweel, an emoji variation mark) has no token.
        padded = np.append(offsets[:, 0], np.iinfo(np.int64).max)
        seen = padded[token] < units[:, 1]
        return Features(units[seen], words[seen], self._windows(ids, token[seen]))

    def _windows(self, ids: list[int], token: NDArray[np.int64]) -> list[Window]:
        if not len(token):
            return []
        windows: list[Window] = []
        borders = np.append(token[1:], len(ids))
        first = 0
        while True:
            begin = 0 if first == 0 else int(token[first])
            last = max(int(np.searchsorted(borders, begin + self._room, side="right")), first + 1)
            end = min(int(borders[last - 1]), begin + self._room)
            unit_tokens = (token[first:last] - begin + 1).tolist()
            windows.append(Window([self._begin, *ids[begin:end], self._end], unit_tokens, first))
            if last == len(token):
                return windows
            shared = int(np.searchsorted(token, end - self._room // OVERLAP, side="left"))
            first = max(min(shared, last), first + 1)
