"""From texts to analyses with a torch checkpoint; the path that training watches and prediction takes."""

from __future__ import annotations

from collections.abc import Sequence

from stance.model.checkpoint import Checkpoint
from stance.model.decode import Analysis, decode
from stance.model.scoring import score_windows


def analyse(checkpoint: Checkpoint, texts: Sequence[str], token_budget: int = 4096) -> list[Analysis]:
    """Return the analysis of each text, one sentence each, in order; a batch holds at most `token_budget` tokens."""
    features = checkpoint.features()(texts)
    windows = [window for feature in features for window in feature.windows]
    scores = iter(score_windows(checkpoint.model, windows, token_budget))
    return [
        decode(text, feature, [next(scores) for _ in feature.windows], checkpoint.calibration)
        for text, feature in zip(texts, features, strict=True)
    ]
