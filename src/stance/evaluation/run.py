"""Measure a model on annotated sentences, beside the lexicon, as a table and as JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from stance.errors import InputError
from stance.evaluation.confidence import Confidence, confidence
from stance.evaluation.lexicon import lexicon_analysis
from stance.evaluation.metrics import Figure, measure
from stance.formats.annotated import read_annotated
from stance.model.decode import Analysis
from stance.schema import LAYERS, STANCES, Prediction, Sentence

RESAMPLES = 1000
MAJORITY = "majority"
NOTHING = Analysis((), dict.fromkeys(STANCES, 0.0), (), ())
"""What most sentences hold of most things; the majority's answer."""

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
    confidence: Confidence | None
    """What the scores are worth; None where not all layers are annotated."""

    beside: Mapping[str, Mapping[str, Figure]]
    """The figures of other systems on the same sentences, by name."""

    def save(self, path: Path) -> None:
        """Write the evaluation as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def evaluate(
    model: str,
    data: Path,
    sentences: Sequence[Sentence],
    found: Sequence[Prediction | Analysis],
    beside: Mapping[str, Mapping[str, Figure]] | None = None,
    seed: int = 0,
) -> Evaluation:
    """Measure predictions against annotation, each figure with its 95 % interval.

    Args:
        model: how the model is called in the result.
        data: the file that the sentences are from.
        sentences: annotated sentences.
        found: as many predictions.
        beside: the figures of other systems on the same sentences.
        seed: decides the bootstrap samples.
    """
    lexicon = measure(sentences, [lexicon_analysis(sentence.text) for sentence in sentences], RESAMPLES, seed)
    return Evaluation(
        model, str(data), hashlib.sha256(data.read_bytes()).hexdigest(), len(sentences), seed, RESAMPLES,
        measure(sentences, found, RESAMPLES, seed),
        {name: lexicon[name] for name in _LEXICON_FIGURES if name in lexicon},
        confidence(sentences, found) if sentences[0].layers == frozenset(LAYERS) else None,
        {MAJORITY: measure(sentences, [NOTHING] * len(sentences)), **(beside or {})},
    )  # fmt: skip


def read_figures(path: Path, data: Path) -> tuple[str, dict[str, Figure]] | None:
    """Read the figures that an evaluation wrote, if it was of the same sentences.

    Returns:
        The model's name and its figures; None where the evaluation was of other sentences.

    Raises:
        InputError: the file is not what `Evaluation.save` writes.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["sha256"] != hashlib.sha256(data.read_bytes()).hexdigest():
            return None
        return str(record["model"]), {name: Figure(**values) for name, values in record["figures"].items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not the figures of an evaluation: {error}") from error


def read_gold(data: Path, layers: Collection[str] = LAYERS) -> list[Sentence]:
    """Read sentences to measure against, by some of their layers; all must carry the same ones.

    Raises:
        InputError: the file is empty or wrong, a record carries other layers than the first, or none of `layers`.
    """
    sentences = read_annotated(data)
    wanted = sentences[0].layers
    for sentence in sentences:
        if sentence.layers != wanted:
            has, needs = (", ".join(sorted(layers)) for layers in (sentence.layers, wanted))
            raise InputError(
                f"{data}: record {sentence.id} carries {has}, the first one {needs}; all must carry the same"
            )
    if not wanted & set(layers):
        raise InputError(f"{data}: carries {', '.join(sorted(wanted))}, but {', '.join(layers)} is to be measured")
    return [replace(sentence, layers=wanted & set(layers)) for sentence in sentences]


def print_evaluation(evaluation: Evaluation, console: Console | None = None) -> None:
    """Print the figures as a table, in per cent."""
    table = Table(title=f"{evaluation.model} on {evaluation.data}")
    for name in ("figure", "model", "95 % interval", "lexicon", *evaluation.beside):
        table.add_column(name, justify="left" if name == "figure" else "right")
    for name, figure in evaluation.figures.items():
        others = [evaluation.lexicon.get(name), *(figures.get(name) for figures in evaluation.beside.values())]
        table.add_row(name, per_cent(figure), interval(figure), *map(per_cent, others))
    if evaluation.confidence:
        for name, head in evaluation.confidence.heads.items():
            table.add_row(f"calibration error, {name}", f"{100 * head.error:.1f}")
        for coverage, accuracy in evaluation.confidence.selective[1:]:
            table.add_row(f"exact_set, surest {coverage:.0%}", f"{100 * accuracy:.1f}")
    table.caption = (
        f"{evaluation.sentences} sentences, sha256 {evaluation.sha256[:12]}, "
        f"{evaluation.resamples} resamples, seed {evaluation.seed}"
    )
    (console or Console()).print(table)


def per_cent(figure: Figure | None) -> str:
    """Write a figure's value in per cent; nothing for none."""
    return "" if figure is None else f"{100 * figure.value:.1f}"


def interval(figure: Figure) -> str:
    """Write a figure's interval in per cent; nothing for none."""
    return "" if figure.low is None or figure.high is None else f"{100 * figure.low:.1f} to {100 * figure.high:.1f}"
