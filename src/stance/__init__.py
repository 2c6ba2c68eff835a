"""Who takes which stance towards what, in Arabic news.

    import stance
    model = stance.load()
    for sentence in model.predict_document(article):
        print(sentence.labels, sentence.frames)

Importing the package loads neither torch nor transformers; `load`, `train` and `evaluate` do when they are called.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stance.errors import InputError, MissingDependencyError, StanceError, ValidationError
from stance.schema import Document, Entity, Frame, Prediction, Sentence, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stance.evaluation.metrics import Figure
    from stance.inference.predictor import Predictor
    from stance.training.options import TrainingOptions

__version__ = "0.1.0"
__all__ = [
    "Document", "Entity", "Frame", "InputError", "MissingDependencyError", "Prediction", "Sentence", "Span",
    "StanceError", "ValidationError", "evaluate", "load", "train",
]  # fmt: skip


def load(model: str | Path | None = None) -> Predictor:
    """Load a model: the bundled one, a checkpoint folder, or a hub id. See `Predictor.load`."""
    from stance.inference.predictor import Predictor

    return Predictor.load(model)


def train(options: TrainingOptions, resume: bool = False) -> dict[str, Figure]:
    """Train a model. See `stance.training.train.train`; needs the extra ``train``."""
    from stance.training.train import train as run

    return run(options, resume)


def evaluate(model: Predictor, sentences: Sequence[Sentence], resamples: int = 1000) -> dict[str, Figure]:
    """Measure a loaded model on annotated sentences. See `stance.evaluation.metrics.measure`."""
    from stance.evaluation.metrics import measure

    return measure(sentences, model.predict([sentence.text for sentence in sentences]), resamples)
