"""Measure a model on annotated sentences, beside the lexicon, as a table and as JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from stance.errors import InputError
from stance.evaluation.lexicon import lexicon_analysis
from stance.evaluation.metrics import Figure, measure
from stance.formats.jsonl import read_sentences
from stance.schema import LAYERS, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from stance.evaluation.metrics import Analysed

RESAMPLES = 1000
_LEXICON_FIGURES = ("condemn", "support", "concern", "stance_macro_f1", "exact_set", "cue_overlap_f1")
"""What a word list can answer at all; its other figures would be 0 by construction."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of a model and of the lexicon on one data set, with what is needed to repeat them."""

    model: str
    data: str
    sha256: str
    sentences: int
    seed: int
    resamples: int
    figures: Mapping[str, Figure]
    lexicon: Mapping[str, Figure]

    def save(self, path: Path) -> None:
        """Write the evaluation as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def evaluate_file(
    model: str, predict: Callable[[Sequence[str]], Sequence[Analysed]], data: Path, seed: int = 0
) -> Evaluation:
    """Predict the sentences of an annotated file and measure the predictions, each figure with its 95 % interval.

    Args:
        model: how the model is called in the result.
        predict: maps texts to predictions, one a text.
        data: annotated sentences as JSON lines, with all layers.
        seed: decides the bootstrap samples.

    Raises:
        InputError: the file is empty, wrong, or does not carry all layers.
    """
    sentences = read_gold(data)
    texts = [sentence.text for sentence in sentences]
    lexicon = measure(sentences, [lexicon_analysis(text) for text in texts], RESAMPLES, seed)
    return Evaluation(
        model, str(data), hashlib.sha256(data.read_bytes()).hexdigest(), len(sentences), seed, RESAMPLES,
        measure(sentences, predict(texts), RESAMPLES, seed), {name: lexicon[name] for name in _LEXICON_FIGURES},
    )  # fmt: skip


def read_gold(data: Path) -> list[Sentence]:
    """Read sentences to measure against.

    Raises:
        InputError: the file is empty or wrong, or a record does not carry all layers.
    """
    sentences = list(read_sentences(data))
    if not sentences:
        raise InputError(f"{data}: holds no sentences")
    for sentence in sentences:
        missing = [layer for layer in LAYERS if layer not in sentence.layers]
        if missing:
            raise InputError(f"{data}: record {sentence.id} carries no {', '.join(missing)}; an evaluation needs them")
    return sentences


def print_evaluation(evaluation: Evaluation, console: Console | None = None) -> None:
    """Print the figures as a table, in per cent."""
    table = Table(title=f"{evaluation.model} on {evaluation.data}")
    for name in ("figure", "model", "95 % interval", "lexicon", "95 % interval"):
        table.add_column(name, justify="left" if name == "figure" else "right")
    for name, figure in evaluation.figures.items():
        table.add_row(name, *_cells(figure), *_cells(evaluation.lexicon.get(name)))
    table.caption = (
        f"{evaluation.sentences} sentences, sha256 {evaluation.sha256[:12]}, "
        f"{evaluation.resamples} resamples, seed {evaluation.seed}"
    )
    (console or Console()).print(table)


def _cells(figure: Figure | None) -> tuple[str, str]:
    if figure is None:
        return "", ""
    return f"{100 * figure.value:.1f}", f"{100 * (figure.low or 0):.1f} to {100 * (figure.high or 0):.1f}"
