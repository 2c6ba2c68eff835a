"""Make a finished run into a released checkpoint: half precision, a name with a version, a card made from the run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from stance.errors import StanceError
from stance.evaluation.behaviour import Predict, Rate, invariance_rates, pair_rates, read_pairs
from stance.evaluation.metrics import Figure
from stance.evaluation.run import Evaluation, evaluate, read_figures, read_gold
from stance.formats.folder import folder_under_final_name
from stance.model.analyse import analyse, score_texts
from stance.model.checkpoint import MODEL_FOLDER, load_checkpoint
from stance.report.plots import draw_confidence
from stance.schema import Sentence
from stance.training.calibrate import fit_calibration, read_cross_validated
from stance.training.card import model_card
from stance.training.train import RUN_FILE

FIGURES_FILE = "figures.json"
BEHAVIOUR_FILE = "behaviour.json"
BASELINES_FOLDER = "baselines"
CONFIDENCE_FILE = "confidence.png"


def release(run: Path, output: Path, name: str, pairs: Path | None = None, beside: Sequence[Path] = ()) -> Evaluation:
    """Write the released checkpoint of a run; the folder appears under its name only when it is whole.

    The figures in the card are measured on the weights as released, on the run's own dev sentences, each sentence
    read under a calibration that was fitted on others; the calibration that is saved is fitted on all of them.

    Args:
        run: a run folder that `train` finished.
        output: the folder to write; what it held is replaced.
        name: the name under which its predictions say who made them, such as ``stance-compact-ar@1``.
        pairs: near pairs, whose failure rates go into the card.
        beside: evaluations of other systems on the same sentences, which the card compares with.

    Raises:
        StanceError: the run folder is not one of a finished run, its dev sentences are gone, or figures in `beside` are
            of other sentences or have one name.
    """
    if not (run / RUN_FILE).is_file():
        raise StanceError(
            f"{run}: not the folder of a finished run (no {RUN_FILE}); finish it with stance train --resume"
        )
    record = json.loads((run / RUN_FILE).read_text(encoding="utf-8"))
    dev = Path(record["dev"]["path"])
    sentences = read_gold(dev)
    others = _others(beside, dev)
    checkpoint = load_checkpoint(run / MODEL_FOLDER)
    checkpoint.model.config.release = name
    checkpoint.model.half()
    with folder_under_final_name(output, replace=True) as folder:
        checkpoint.save(folder)
        released = load_checkpoint(folder)
        scored = score_texts(released, [sentence.text for sentence in sentences])
        released = replace(released, calibration=fit_calibration(sentences, scored))
        released.calibration.save(folder)
        evaluation = evaluate(name, dev, sentences, read_cross_validated(sentences, scored), others)
        evaluation.save(folder / FIGURES_FILE)
        _draw(evaluation, folder / CONFIDENCE_FILE)
        behaviour = _behaviour(partial(analyse, released), sentences, pairs)
        written = json.dumps({part: _plain(rates) for part, rates in behaviour.items()}, indent=2)
        (folder / BEHAVIOUR_FILE).write_text(written + "\n", encoding="utf-8")
        for path, system in zip(beside, others, strict=True):
            (folder / BASELINES_FOLDER).mkdir(exist_ok=True)
            shutil.copyfile(path, folder / BASELINES_FOLDER / f"{system.replace('/', '--')}.json")
        shutil.copyfile(run / RUN_FILE, folder / RUN_FILE)
        (folder / "README.md").write_text(model_card(evaluation, behaviour, record), encoding="utf-8")
    return evaluation


def _others(beside: Sequence[Path], dev: Path) -> dict[str, dict[str, Figure]]:
    others = {}
    for path in beside:
        found = read_figures(path, dev)
        if found is None:
            raise StanceError(f"{path}: its figures are of other data than {dev}; evaluate that system on this one")
        if found[0] in others:
            raise StanceError(f"{path}: a system named {found[0]} is there already; give each its own run folder")
        others[found[0]] = found[1]
    return others


def _behaviour(predict: Predict, sentences: Sequence[Sentence], pairs: Path | None) -> dict[str, dict[str, Rate]]:
    rates = {"invariances": invariance_rates(sentences, predict)} if "stances" in sentences[0].layers else {}
    return rates if pairs is None else {"pairs": pair_rates(read_pairs(pairs), predict), **rates}


def _plain(rates: Mapping[str, Rate]) -> dict[str, dict[str, object]]:
    """Counts alone: the ids are of sentences that need not be here."""
    return {name: {"cases": rate.cases, "failed": len(rate.failed)} for name, rate in rates.items()}


def _draw(evaluation: Evaluation, path: Path) -> None:
    if evaluation.confidence is None:
        return
    heads = {
        name: (found.error, [(one.count, one.score, one.right) for one in found.bins])
        for name, found in evaluation.confidence.heads.items()
    }
    draw_confidence(heads, evaluation.confidence.selective, path)
