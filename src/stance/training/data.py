"""The training mixture: data sets read, cut into windows with their answers, and packed into batches."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Sampler

from stance.errors import StanceError
from stance.formats.annotated import read_annotated
from stance.model.batching import pad_windows
from stance.model.features import FeatureExtractor, Window
from stance.model.tags import UNKNOWN
from stance.model.targets import Target, window_targets
from stance.schema import STANCES, Sentence, sentence_from_dict
from stance.text.spelling import with_loose_final_letters, without_hamzas
from stance.training.options import DataSource

LENGTH_NOISE = 0.1
"""Batches are cut from sentences sorted by length, each length shaken by this share, so that epochs differ."""

LOOSE_LETTERS = 0.5
"""In a sentence spelt loosely, the share of the letters that invite it."""


@dataclass(frozen=True, slots=True)
class Example:
    """A window and its answers."""

    window: Window
    target: Target


def read_source(source: DataSource) -> list[Sentence]:
    """Read one data set of the mixture, with the layers that are to be learnt from.

    Raises:
        InputError: the file is missing, of an unknown kind, holds nothing, or a record is wrong.
    """
    sentences = read_annotated(source.path, source.texts)
    if source.layers is None:
        return sentences
    wanted = frozenset(source.layers)
    return [replace(sentence, layers=sentence.layers & wanted) for sentence in sentences]


def spell_loosely(sentences: Sequence[Sentence], share: float, seed: int) -> list[Sentence]:
    """Spell a share of the sentences as people type in haste; no offset moves."""
    chooser = random.Random(seed)

    def often() -> bool:
        return chooser.random() < LOOSE_LETTERS

    spelt = []
    for sentence in sentences:
        if chooser.random() < share:
            text = with_loose_final_letters(without_hamzas(sentence.text, often), often)
            loose = sentence_from_dict({**sentence.to_dict(), "text": text}, sentence.id)
            spelt.append(replace(loose, layers=sentence.layers))
        else:
            spelt.append(sentence)
    return spelt


def make_examples(sentences: Sequence[Sentence], extractor: FeatureExtractor) -> list[list[Example]]:
    """Cut each sentence into windows with their answers."""
    features = extractor([sentence.text for sentence in sentences])
    return [
        [Example(*pair) for pair in zip(feature.windows, window_targets(sentence, feature), strict=True)]
        for sentence, feature in zip(sentences, features, strict=True)
    ]


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class MixtureBatches(Sampler[list[int]]):
    """Batches of example numbers: each epoch draws its share of every data set and packs sentences of like length.

    The number of batches is the same in every epoch, and epoch *k* is the same whether or not the run was resumed.
    """

    def __init__(self, lengths: Sequence[Sequence[int]], fractions: Sequence[float], budget: int, seed: int) -> None:
        """Take the examples' lengths in tokens, one list a data set, numbered through; a batch holds about `budget`.

        Raises:
            StanceError: there is nothing to learn from.
        """
        self._lengths = np.concatenate([np.asarray(part, np.int64) for part in lengths])
        borders = np.cumsum([0, *map(len, lengths)])
        self._parts = [np.arange(a, b) for a, b in pairwise(borders)]
        self._fractions = list(fractions)
        self._seed = seed
        self._epoch = 0
        ordered = np.sort(self._lengths[self._draw(np.random.default_rng([seed, 0]))])
        if not len(ordered):
            raise StanceError("the training mixture is empty; raise the fractions of its data sets")
        self._cuts = self._cut(ordered, budget)

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose batches come next."""
        self._epoch = epoch

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return len(self._cuts) - 1

    def __iter__(self) -> Iterator[list[int]]:
        """Go through the epoch's batches."""
        random = np.random.default_rng([self._seed, self._epoch])
        drawn = self._draw(random)
        shaken = self._lengths[drawn] * random.uniform(1 - LENGTH_NOISE, 1 + LENGTH_NOISE, len(drawn))
        ordered = drawn[np.argsort(shaken, kind="stable")]
        for number in random.permutation(len(self)):
            yield ordered[self._cuts[number] : self._cuts[number + 1]].tolist()

    def _draw(self, random: np.random.Generator) -> np.ndarray:
        drawn = []
        for part, fraction in zip(self._parts, self._fractions, strict=True):
            whole, rest = divmod(round(len(part) * fraction), max(len(part), 1))
            drawn += [part] * whole + [random.permutation(part)[:rest]]
        return np.concatenate(drawn)

    @staticmethod
    def _cut(ordered: np.ndarray, budget: int) -> list[int]:
        cuts, start = [0], 0
        for position, length in enumerate(ordered.tolist()):
            if position > start and (position - start + 1) * length > budget:
                cuts.append(position)
                start = position
        return [*cuts, len(ordered)]


def collate(examples: Sequence[Example], padding: int) -> dict[str, torch.Tensor]:
    """Pad examples into the arguments of `StanceModel.forward`."""
    arrays = pad_windows([example.window for example in examples], padding)
    size = arrays["unit_mask"].shape
    entity_tags = np.full(size, UNKNOWN, np.int64)
    cue_tags = np.full(size, UNKNOWN, np.int64)
    stances = np.full((len(examples), len(STANCES)), UNKNOWN, np.float32)
    frames: list[tuple[int, int, int, tuple[int, ...]]] = []
    for row, example in enumerate(examples):
        target = example.target
        entity_tags[row, : len(target.entity_tags)] = target.entity_tags
        cue_tags[row, : len(target.cue_tags)] = target.cue_tags
        if target.stances is not None:
            stances[row] = target.stances
        frames += [(row, *frame.cue, frame.pointers) for frame in target.frames]
    return {name: torch.from_numpy(array) for name, array in arrays.items()} | {
        "entity_tags": torch.from_numpy(entity_tags),
        "cue_tags": torch.from_numpy(cue_tags),
        "stance_targets": torch.from_numpy(stances),
        "frame_window": torch.tensor([frame[0] for frame in frames], dtype=torch.long),
        "frame_cue": torch.tensor([frame[1:3] for frame in frames], dtype=torch.long).reshape(-1, 2),
        "frame_pointers": torch.tensor([frame[3] for frame in frames], dtype=torch.long).reshape(-1, 4),
    }
