"""The predictor that `stance.load` returns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from stance.errors import StanceError
from stance.schema import Document, Prediction
from stance.text.sentences import sentence_spans

if TYPE_CHECKING:
    from stance.model.checkpoint import Checkpoint

BUNDLED_MODEL = "stance-compact-ar"
DOCUMENTS_AT_ONCE = 64
"""How many documents `stream` holds at a time; their sentences share batches."""


def bundled_model() -> Path:
    """Return the folder of the model that is shipped inside the package."""
    return Path(str(resources.files("stance"))) / "bundled" / BUNDLED_MODEL


BASELINES = "baselines/*.json"
"""Where a released checkpoint keeps the figures of the systems that it is compared with."""


class Predictor:
    """Reads Arabic sentences and documents; keeps the model in memory between calls."""

    def __init__(self, checkpoint: Checkpoint, name: str, baselines: Sequence[Path] = ()) -> None:
        """Take a loaded checkpoint, the name that predictions say who made them by, and files of baseline figures."""
        self._checkpoint = checkpoint
        self.name = name
        self.baselines = tuple(baselines)

    @classmethod
    def load(cls, model: str | Path | None = None) -> Predictor:
        """Load the bundled model (None), a checkpoint folder, or a hub id.

        The network is used only where `model` is neither None nor an existing folder.

        Raises:
            StanceError: there is no such model, or it is no `stance` checkpoint.
        """
        from stance.model.checkpoint import MODEL_FOLDER, load_checkpoint

        folder = bundled_model() if model is None else Path(model)
        if not folder.is_dir() and model is not None:
            folder = _download(str(model))
        checkpoint = load_checkpoint(folder)
        given = str(model)
        if model is None or Path(model).is_dir():
            *_, run, given = folder.resolve().parts
            given = run if given == MODEL_FOLDER else given  # a run's checkpoint is called after its run
        return cls(checkpoint, checkpoint.model.config.release or given, sorted(folder.glob(BASELINES)))

    def predict(self, sentences: str | Sequence[str]) -> list[Prediction]:
        """Analyse sentences as they are, without splitting them; one longer than the encoder reads is read in windows.

        Args:
            sentences: the sentences; a single string counts as one.

        Returns:
            A prediction for each, in order; its `document` is the sentence's number.

        Raises:
            TypeError: something in `sentences` is not a string.
        """
        texts = [sentences] if isinstance(sentences, str) else list(sentences)
        for number, text in enumerate(texts):
            if not isinstance(text, str):
                raise TypeError(f"sentence {number}: needs a string, has {type(text).__name__}")
        return self._predict([(str(number), 0, 0, len(text), text) for number, text in enumerate(texts)])

    def predict_document(self, text: str, document: str = "document") -> Document:
        """Split a text into sentences and analyse each; offsets of the sentences index `text` as given."""
        return next(iter(self.stream([(document, text)])))

    def stream(self, documents: Iterable[str | tuple[str, str]]) -> Iterator[Document]:
        """Analyse documents one after the other, in order, holding a bounded number in memory.

        Args:
            documents: texts, or (id, text) pairs; a text without an id is called by its number.
        """
        numbered = (
            (str(number), item) if isinstance(item, str) else (str(item[0]), item[1])
            for number, item in enumerate(documents)
        )
        while batch := list(islice(numbered, DOCUMENTS_AT_ONCE)):
            spans = [sentence_spans(text) for _, text in batch]
            rows = [
                (name, number, start, end, text[start:end])
                for (name, text), places in zip(batch, spans, strict=True)
                for number, (start, end) in enumerate(places)
            ]
            predictions = iter(self._predict(rows))
            for (name, _), places in zip(batch, spans, strict=True):
                yield Document(name, tuple(islice(predictions, len(places))))

    def _predict(self, rows: Sequence[tuple[str, int, int, int, str]]) -> list[Prediction]:
        from stance.model.analyse import analyse

        analyses = analyse(self._checkpoint, [row[-1] for row in rows])
        return [
            Prediction(*row, analysis.entities, analysis.stances, analysis.labels, analysis.frames, self.name)
            for row, analysis in zip(rows, analyses, strict=True)
        ]


def _download(model: str) -> Path:
    """Fetch a checkpoint from the hub by its id (safetensors and JSON only); local copies are used where there are."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError

    try:
        return Path(snapshot_download(model, allow_patterns=["*.json", "*.safetensors"]))
    except (OSError, ValueError, HFValidationError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise StanceError(f"the model {model!r} is neither a folder nor to be had from the hub: {reason}") from error
