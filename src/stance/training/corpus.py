"""Raw text for masked-language modelling: streamed, packed into sequences of one length, whole words hidden."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.utils.data import IterableDataset

from stance.errors import InputError
from stance.formats.paragraphs import read_paragraphs
from stance.model.tags import UNKNOWN

PARAGRAPHS_AT_ONCE = 256
KEPT, REPLACED = 0.1, 0.1
"""Of the hidden words, the shares left as they are and replaced by other tokens (Devlin et al., 2019)."""

Packed = tuple[list[int], list[int]]
"""A sequence's token ids, and for each the number of its word in the sequence; -1 for special tokens."""


class PackedText(IterableDataset[Packed]):
    """Packed sequences of raw text, without end, the same at every reading."""

    def __init__(self, paths: Sequence[Path], tokenizer: Tokenizer, length: int, skip: int) -> None:
        """Take files, the encoder's tokenizer, the sequence length in tokens and how many sequences to leave out."""
        self._paths = list(paths)
        self._tokenizer = tokenizer
        self._begin, self._end = tokenizer.encode("").ids
        self._length = length
        self._skip = skip

    def __iter__(self) -> Iterator[Packed]:
        """Go through the sequences from the first that is not left out; start over at the texts' end.

        Raises:
            InputError: the texts hold less than one sequence more than is left out.
        """
        while True:
            count = 0
            for count, packed in enumerate(self._packed(), 1):
                if count > self._skip:
                    yield packed
            if count <= self._skip:
                raise InputError(f"the texts hold {count} sequences; needs more than the {self._skip} held out")

    def first(self, count: int) -> list[Packed]:
        """Return the first sequences."""
        return list(islice(self._packed(), count))

    def _packed(self) -> Iterator[Packed]:
        room = self._length - 2
        ids: list[int] = []
        words: list[int] = []
        paragraphs = read_paragraphs(self._paths)
        while batch := list(islice(paragraphs, PARAGRAPHS_AT_ONCE)):
            for encoding in self._tokenizer.encode_batch(batch, add_special_tokens=False):
                first = words[-1] + 1 if words else 0
                ids += encoding.ids
                words += [first + (word or 0) for word in encoding.word_ids]
            whole = len(ids) // room * room
            for start in range(0, whole, room):
                numbers = [word - words[start] for word in words[start : start + room]]
                yield [self._begin, *ids[start : start + room], self._end], [-1, *numbers, -1]
            ids, words = ids[whole:], words[whole:]


def hide_words(
    batch: Sequence[Packed], mask: int, vocabulary: int, probability: float, random: np.random.Generator
) -> dict[str, torch.Tensor]:
    """Hide whole words of packed sequences.

    Args:
        batch: sequences of one length T.
        mask: id of the mask token.
        vocabulary: number of tokens to draw replacements from.
        probability: share of the words to hide.
        random: decides which words, and what becomes of them.

    Returns:
        input_ids (B, T), and labels (B, T) that hold the hidden tokens and `UNKNOWN` elsewhere.
    """
    ids = np.asarray([sequence for sequence, _ in batch])
    words = np.asarray([numbers for _, numbers in batch])
    fate = random.random((len(ids), int(words.max()) + 1))
    drawn = np.take_along_axis(fate, np.maximum(words, 0), axis=1)
    hidden = (drawn < probability) & (words >= 0)
    share = drawn / probability
    changed = np.where(share < 1 - KEPT - REPLACED, mask, random.integers(0, vocabulary, ids.shape))
    inputs = np.where(hidden & (share < 1 - KEPT), changed, ids)
    labels = np.where(hidden, ids, UNKNOWN)
    return {"input_ids": torch.from_numpy(inputs), "labels": torch.from_numpy(labels)}
