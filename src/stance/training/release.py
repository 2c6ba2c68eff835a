"""Make a finished run into a released checkpoint: half precision, a name with a version, a card made from the run."""

from __future__ import annotations

import json
import shutil
import tempfile
from functools import partial
from pathlib import Path

from stance.errors import StanceError
from stance.evaluation.run import Evaluation, evaluate_file
from stance.model.analyse import analyse
from stance.model.checkpoint import load_checkpoint
from stance.training.card import model_card
from stance.training.train import MODEL_FOLDER, RUN_FILE

FIGURES_FILE = "figures.json"


def release(run: Path, output: Path, name: str) -> Evaluation:
    """Write the released checkpoint of a run; the folder appears under its name only when it is whole.

    The figures in the card are measured on the weights as released, on the run's own dev sentences.

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
        predict = partial(analyse, load_checkpoint(folder))
        evaluation = evaluate_file(name, predict, Path(record["dev"]["path"]))
        evaluation.save(folder / FIGURES_FILE)
        shutil.copyfile(run / RUN_FILE, folder / RUN_FILE)
        (folder / "README.md").write_text(model_card(evaluation, record), encoding="utf-8")
        for path in (folder, *folder.iterdir()):
            path.chmod(0o755 if path.is_dir() else 0o644)
        shutil.rmtree(output, ignore_errors=True)
        folder.replace(output)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return evaluation
