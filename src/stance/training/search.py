"""Compare training recipes: one base file of options, and trials that change some of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from pydantic import Field, ValidationError
from rich.console import Console
from rich.table import Table
from transformers.trainer_utils import get_last_checkpoint

from stance.errors import StanceError
from stance.evaluation.metrics import CHOSEN_BY
from stance.training.options import Options, TrainingOptions, read_options
from stance.training.train import RUN_FILE, train

RESULTS_FILE = "results.json"
LAST_EPOCHS = 3


class SearchOptions(Options):
    """What is compared."""

    base: Path
    """The file of training options that every trial starts from."""

    output: Path
    """The folder of the trials' runs and of results.json."""

    settings: dict[str, Any] = Field(default_factory=dict)
    """Changes that all trials share, such as fewer epochs; dots reach into groups."""

    trials: dict[str, dict[str, Any]] = Field(min_length=1)
    """Each trial's own changes, by its name."""

    seeds: tuple[int, ...] = (1,)
    """Every trial is run with each of these."""


def search(config: Path) -> list[dict[str, Any]]:
    """Run what has not been run yet, write results.json after each run, and print the trials, the best first.

    A trial's figures are means over its seeds and its last epochs, because one epoch's are noisy.

    Raises:
        StanceError: the file is missing or wrong, or an option of a trial is.
    """
    options = _read(config)
    results: list[dict[str, Any]] = []
    for name, changes in options.trials.items():
        figures = []
        for seed in options.seeds:
            output = options.output / f"{name}-{seed}"
            own = {**options.settings, **changes, "seed": seed, "output": str(output)}
            settings = [f"{key}={json.dumps(value)}" for key, value in own.items()]
            if not (output / RUN_FILE).is_file():
                resume = output.is_dir() and get_last_checkpoint(str(output)) is not None
                train(read_options(options.base, settings, TrainingOptions), resume)
            figures.append(_last_epochs(output / RUN_FILE))
        means = {key: round(float(np.mean([one[key] for one in figures])), 4) for key in figures[0]}
        results.append({"trial": name, "changes": changes, "seeds": list(options.seeds), "figures": means})
        results.sort(key=lambda one: -one["figures"]["score"])
        text = json.dumps({"options": options.model_dump(mode="json"), "results": results}, indent=2)
        (options.output / RESULTS_FILE).write_text(text + "\n", encoding="utf-8")
    _print(results)
    return results


def _read(config: Path) -> SearchOptions:
    try:
        return SearchOptions.model_validate(yaml.safe_load(config.read_text(encoding="utf-8")))
    except OSError as error:
        raise StanceError(f"{config}: cannot read the options: {error.strerror}") from error
    except (yaml.YAMLError, ValidationError) as error:
        raise StanceError(f"{config}: these options are not right: {error}") from error


def _last_epochs(path: Path) -> dict[str, float]:
    history = json.loads(path.read_text(encoding="utf-8"))["history"]
    epochs = [entry for entry in history if "eval_score" in entry][-LAST_EPOCHS:]
    names = [name for name in ("score", *CHOSEN_BY, "exact_set") if f"eval_{name}" in epochs[0]]
    return {name: float(np.mean([entry[f"eval_{name}"] for entry in epochs])) for name in names}


def _print(results: list[dict[str, Any]], console: Console | None = None) -> None:
    table = Table(title="trials, the best first")
    figures: Mapping[str, float] = results[0]["figures"]
    for column in ("trial", *figures):
        table.add_column(column)
    for one in results:
        table.add_row(one["trial"], *(f"{100 * value:.1f}" for value in one["figures"].values()))
    (console or Console()).print(table)
