"""Make a finished run into a released checkpoint: half precision, a name with a version, a card made from the run."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from stance.errors import StanceError
from stance.evaluation.run import Evaluation, evaluate, read_gold
from stance.model.analyse import score_texts
from stance.model.checkpoint import load_checkpoint
from stance.report.plots import draw_confidence
from stance.training.calibrate import fit_calibration, read_cross_validated
from stance.training.card import model_card
from stance.training.train import MODEL_FOLDER, RUN_FILE

FIGURES_FILE = "figures.json"
CONFIDENCE_FILE = "confidence.png"


def release(run: Path, output: Path, name: str) -> Evaluation:
    """Write the released checkpoint of a run; the folder appears under its name only when it is whole.

    The figures in the card are measured on the weights as released, on the run's own dev sentences, each sentence
    read under a calibration that was fitted on others; the calibration that is saved is fitted on all of them.

    Args:
        run: a run folder that `train` finished.
        output: the folder to write; what it held is replaced.
        name: the name under which its predictions say who made them, such as ``stance-compact-ar@1``.

    Raises:
        StanceError: the run folder is not one of a finished run, or its dev sentences are gone.
    """
    if not (run / RUN_FILE).is_file():
        raise StanceError(
            f"{run}: not the folder of a finished run (no {RUN_FILE}); finish it with stance train --resume"
        )
    record = json.loads((run / RUN_FILE).read_text(encoding="utf-8"))
    checkpoint = load_checkpoint(run / MODEL_FOLDER)
    checkpoint.model.config.release = name
    checkpoint.model.half()
    output.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{output.name}-", dir=output.parent))
    try:
        checkpoint.save(folder)
        dev = Path(record["dev"]["path"])
        sentences = read_gold(dev)
        scored = score_texts(load_checkpoint(folder), [sentence.text for sentence in sentences])
        fit_calibration(sentences, scored).save(folder)
        evaluation = evaluate(name, dev, sentences, read_cross_validated(sentences, scored))
        evaluation.save(folder / FIGURES_FILE)
        if evaluation.confidence:
            draw_confidence(
                {
                    head: (found.error, [(one.count, one.score, one.right) for one in found.bins])
                    for head, found in evaluation.confidence.heads.items()
                },
                evaluation.confidence.selective,
                folder / CONFIDENCE_FILE,
            )
        shutil.copyfile(run / RUN_FILE, folder / RUN_FILE)
        (folder / "README.md").write_text(model_card(evaluation, record), encoding="utf-8")
        for path in (folder, *folder.iterdir()):
            path.chmod(0o755 if path.is_dir() else 0o644)
        shutil.rmtree(output, ignore_errors=True)
        folder.replace(output)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return evaluation
