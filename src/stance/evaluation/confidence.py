"""Can the scores be trusted: calibration error by head, and accuracy where only confident sentences are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from stance.evaluation.metrics import same_frame
from stance.schema import STANCES, Entity, Frame, Sentence

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 10
COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)


@dataclass(frozen=True, slots=True)
class Bin:
    """Scores of one range: how many, their mean, and the share that was right."""

    count: int
    score: float
    right: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """A head's scores against the truth: expected calibration error over the bins that hold any (Guo et al., 2017)."""

    error: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Confidence:
    """What scores are worth on one data set.

    Attributes:
        heads: ``stances`` (every sentence's probability of every stance), each stance alone, ``entities`` (found ones,
            right in borders and type) and ``frames`` (found ones, right as frames are measured).
        selective: (share of the sentences kept, the most confident first; share of those with the right stances),
            after El-Yaniv and Wiener (2010).
    """

    heads: Mapping[str, Reliability]
    selective: tuple[tuple[float, float], ...]


class Scored(Protocol):
    """What a prediction must have for its scores to be compared with the truth."""

    @property
    def entities(self) -> Sequence[Entity]:
        """The entities found, with scores."""

    @property
    def stances(self) -> Mapping[str, float]:
        """The probability of each stance."""

    @property
    def labels(self) -> Collection[str]:
        """The stances expressed."""

    @property
    def frames(self) -> Sequence[Frame]:
        """The frames found, with scores."""


def confidence(gold: Sequence[Sentence], found: Sequence[Scored]) -> Confidence:
    """Compare scores with the truth, for sentences that are annotated in all layers.

    Args:
        gold: annotated sentences.
        found: as many predictions. A sentence is as confident as its set of stances is probable, were they independent.
    """
    pairs = list(zip(gold, found, strict=True))
    probabilities = np.array([[one.stances[label] for label in STANCES] for one in found])
    truth = np.array([[label in sentence.labels for label in STANCES] for sentence in gold])
    heads = {"stances": reliability(probabilities.ravel(), truth.ravel())}
    heads |= {label: reliability(probabilities[:, k], truth[:, k]) for k, label in enumerate(STANCES)}
    entities = [
        (entity.score or 0.0, (entity.start, entity.end, entity.label) in known)
        for sentence, one in pairs
        for known in [{(e.start, e.end, e.label) for e in sentence.entities}]
        for entity in one.entities
    ]
    frames = [
        (frame.score or 0.0, any(same_frame(other, frame) for other in sentence.frames))
        for sentence, one in pairs
        for frame in one.frames
    ]
    for name, scored in (("entities", entities), ("frames", frames)):
        heads[name] = reliability(np.array([s for s, _ in scored]), np.array([r for _, r in scored], np.bool_))
    chosen = np.array([[label in one.labels for label in STANCES] for one in found])
    order = np.argsort(-np.where(chosen, probabilities, 1 - probabilities).prod(1), kind="stable")
    right = (chosen == truth).all(1)[order]
    return Confidence(
        heads,
        tuple((coverage, float(right[: max(1, round(coverage * len(right)))].mean())) for coverage in COVERAGES),
    )


def reliability(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> Reliability:
    """Sort scores (n,) into ten ranges of equal width and compare each range's mean with the share that was right."""
    place = np.minimum((scores * BINS).astype(int), BINS - 1)
    bins = tuple(
        Bin(int(chosen.sum()), float(scores[chosen].mean()), float(right[chosen].mean()))
        for number in range(BINS)
        if (chosen := place == number).any()
    )
    error = sum(one.count * abs(one.score - one.right) for one in bins) / max(len(scores), 1)
    return Reliability(float(error), bins)
