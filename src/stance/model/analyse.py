"""From texts to analyses with a torch checkpoint; the path that training watches and prediction takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stance.model.calibration import Calibration
from stance.model.checkpoint import Checkpoint
from stance.model.decode import Analysis, WindowScores, decode
from stance.model.features import Features
from stance.model.scoring import score_windows

TOKEN_BUDGET = 4096


@dataclass(frozen=True, slots=True)
class Scored:
    """A text with the network's raw scores, to be read with one calibration or another."""

    text: str
    features: Features
    windows: list[WindowScores]

    def read(self, calibration: Calibration) -> Analysis:
        """Return what the scores say under a calibration."""
        return decode(self.text, self.features, self.windows, calibration)


def score_texts(checkpoint: Checkpoint, texts: Sequence[str], token_budget: int = TOKEN_BUDGET) -> list[Scored]:
    """Score texts, one sentence each, in order; a batch holds at most `token_budget` tokens."""
    features = checkpoint.features()(texts)
    scores = iter(
        score_windows(checkpoint.model, [window for feature in features for window in feature.windows], token_budget)
    )
    return [
        Scored(text, feature, [next(scores) for _ in feature.windows])
        for text, feature in zip(texts, features, strict=True)
    ]


def analyse(checkpoint: Checkpoint, texts: Sequence[str], token_budget: int = TOKEN_BUDGET) -> list[Analysis]:
    """Return the analysis of each text, one sentence each, in order, under the checkpoint's own calibration."""
    return [scored.read(checkpoint.calibration) for scored in score_texts(checkpoint, texts, token_budget)]
