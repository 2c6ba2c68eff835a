"""Fit temperatures, thresholds and the scale of frame scores on held-out sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from stance.evaluation.metrics import same_frame
from stance.model.analyse import Scored
from stance.model.calibration import SMALLEST, Calibration
from stance.model.decode import Analysis
from stance.model.tags import UNKNOWN
from stance.model.targets import window_targets
from stance.schema import STANCES, Sentence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FOLDS = 5
TEMPERATURES = np.exp(np.linspace(np.log(0.4), np.log(4.0), 47))
THRESHOLDS = np.linspace(0.2, 0.8, 61)
NEIGHBOURS = 0.08
"""A threshold is judged by the mean F1 of all thresholds this near, so that a lucky peak does not decide."""

RESAMPLES = 400
SURE = 0.99
"""A threshold other than a half must be better in so large a share of bootstrap samples: most that look better on a few
hundred sentences are so by luck, and thresholds fitted without this rule lost 2 points on other sentences."""

PRIOR = 0.1
"""Pull of the frame scale towards slope 1 and bias 0, so that few frames cannot carry it away."""


def fit_calibration(gold: Sequence[Sentence], scored: Sequence[Scored]) -> Calibration:
    """Fit a calibration: temperatures by likelihood, thresholds by F1, the scale of frame scores by likelihood.

    Args:
        gold: annotated sentences; what belongs to a layer that they do not carry stays neutral.
        scored: their scores, in the same order.
    """
    layers = frozenset.intersection(*(sentence.layers for sentence in gold))
    calibration = Calibration()
    if "entities" in layers:
        calibration = replace(calibration, entity_temperature=_entity_temperature(gold, scored))
    if "stances" in layers:
        calibration = _with_stances(calibration, gold, scored)
    return _with_frame_scale(calibration, gold, scored) if "roles" in layers else calibration


def read_cross_validated(gold: Sequence[Sentence], scored: Sequence[Scored], seed: int = 0) -> list[Analysis]:
    """Read every sentence under a calibration that was fitted on the other folds, so that figures stay honest.

    With fewer sentences than two a fold, all are read under the neutral calibration.
    """
    if len(gold) < 2 * FOLDS:
        return [one.read(Calibration()) for one in scored]
    fold = np.random.default_rng(seed).permutation(len(gold)) % FOLDS
    readings: list[Analysis | None] = [None] * len(gold)
    for number in range(FOLDS):
        others = np.flatnonzero(fold != number).tolist()
        calibration = fit_calibration([gold[i] for i in others], [scored[i] for i in others])
        for index in np.flatnonzero(fold == number).tolist():
            readings[index] = scored[index].read(calibration)
    return [reading for reading in readings if reading is not None]


def _with_stances(calibration: Calibration, gold: Sequence[Sentence], scored: Sequence[Scored]) -> Calibration:
    logits = np.array([np.max([window.stances for window in one.windows], axis=0) for one in scored], np.float64)
    truth = np.array([[label in sentence.labels for label in STANCES] for sentence in gold])
    temperatures = tuple(
        _best_temperature(partial(_binary_loss, logits[:, k], truth[:, k])) for k in range(len(STANCES))
    )
    probabilities = 1 / (1 + np.exp(-logits / np.asarray(temperatures)))
    return replace(
        calibration,
        stance_temperatures=temperatures,
        thresholds=tuple(_best_threshold(probabilities[:, k], truth[:, k]) for k in range(len(STANCES))),
    )


def _best_temperature(loss: Callable[[float], float]) -> float:
    return float(TEMPERATURES[int(np.argmin([loss(temperature) for temperature in TEMPERATURES]))])


def _binary_loss(logits: Floats, truth: NDArray[np.bool_], temperature: float) -> float:
    return float(np.logaddexp(0, np.where(truth, -logits, logits) / temperature).mean())


def _entity_temperature(gold: Sequence[Sentence], scored: Sequence[Scored]) -> float:
    logits, tags = [], []
    for sentence, one in zip(gold, scored, strict=True):
        for window, target in zip(one.windows, window_targets(sentence, one.features), strict=True):
            known = np.asarray(target.entity_tags) != UNKNOWN
            logits.append(window.entities[known])
            tags.append(np.asarray(target.entity_tags)[known])
    scores, answers = np.concatenate(logits).astype(np.float64), np.concatenate(tags)
    rows = np.arange(len(answers))

    def loss(temperature: float) -> float:
        shifted = scores / temperature
        shifted = shifted - shifted.max(1, keepdims=True)
        return float((np.log(np.exp(shifted).sum(1)) - shifted[rows, answers]).mean())

    return _best_temperature(loss)


def _best_threshold(probabilities: Floats, truth: NDArray[np.bool_]) -> float:
    found = probabilities[:, None] >= THRESHOLDS
    right = (found & truth[:, None]).sum(0)
    f1 = 2 * right / np.maximum(found.sum(0) + truth.sum(), 1)
    smooth = [f1[np.abs(THRESHOLDS - threshold) <= NEIGHBOURS].mean() for threshold in THRESHOLDS]
    neutral, best = int(np.argmin(np.abs(THRESHOLDS - 0.5))), int(np.argmax(smooth))
    weights = np.random.default_rng(0).multinomial(len(truth), np.full(len(truth), 1 / len(truth)), RESAMPLES)
    better = _f1(weights, found[:, best], truth) > _f1(weights, found[:, neutral], truth)
    return round(float(THRESHOLDS[best if better.mean() >= SURE else neutral]), 2)


def _f1(weights: NDArray[np.int64], found: NDArray[np.bool_], truth: NDArray[np.bool_]) -> Floats:
    """F1 under each row of sentence weights (samples, sentences)."""
    scores: Floats = 2 * (weights @ (found & truth)) / np.maximum(weights @ (found.astype(int) + truth), 1)
    return scores


def _with_frame_scale(calibration: Calibration, gold: Sequence[Sentence], scored: Sequence[Scored]) -> Calibration:
    """Fit slope and bias by logistic regression of frames found being right on their log-odds (Platt 1999)."""
    raw, right = [], []
    for sentence, one in zip(gold, scored, strict=True):
        for frame in one.read(calibration).frames:
            raw.append(frame.score or 0.0)
            right.append(any(same_frame(other, frame) for other in sentence.frames))
    if len(set(right)) < 2:  # noqa: PLR2004 - nothing to learn from frames that are all right or all wrong
        return calibration
    bounded = np.clip(raw, SMALLEST, 1 - SMALLEST)
    log_odds = np.log(bounded / (1 - bounded))
    signs = np.where(right, -1.0, 1.0)

    def loss(weights: Floats) -> float:
        pull = (weights - [1.0, 0.0]) ** 2
        return float(np.logaddexp(0, signs * (log_odds * weights[0] + weights[1])).sum() + PRIOR * pull.sum() / 2)

    slope, bias = minimize(loss, [1.0, 0.0], method="L-BFGS-B", bounds=[(SMALLEST, None), (None, None)]).x
    return replace(calibration, frame_slope=float(slope), frame_bias=float(bias))
