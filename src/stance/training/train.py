"""Fine-tune an encoder jointly for entities, stances and roles, with the Trainer of transformers."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader
from transformers import EarlyStoppingCallback, Trainer, TrainerControl
from transformers.trainer_utils import get_last_checkpoint

from stance.errors import InputError, StanceError
from stance.evaluation.metrics import Figure, mean_figure, measure
from stance.evaluation.run import RESAMPLES, read_gold
from stance.formats.jsonl import write_sentences
from stance.model.analyse import analyse, score_texts
from stance.model.checkpoint import MODEL_FOLDER, Checkpoint, new_checkpoint
from stance.schema import LAYERS, Sentence
from stance.training.arguments import training_arguments
from stance.training.calibrate import fit_calibration, read_cross_validated
from stance.training.data import Example, MixtureBatches, collate, file_hash, make_examples, read_source, spell_loosely
from stance.training.options import LossWeights, TrainingOptions
from stance.training.teachers import SoftAnswer, ask_teachers, collate_answers, soft_losses

RUN_FILE = "run.json"
DEV_FILE = "dev.jsonl"
TEACHER = "teacher_"
Taught = tuple[Example, SoftAnswer | None]
VERSIONS = ("stance", "torch", "transformers", "tokenizers", "accelerate", "numpy")


class StanceTrainer(Trainer):  # type: ignore[misc]
    """A Trainer that weighs the heads' losses, packs its own batches and measures whole predictions."""

    optimizer: torch.optim.Optimizer | None
    control: TrainerControl

    def __init__(
        self,
        checkpoint: Checkpoint,
        batches: MixtureBatches,
        examples: Sequence[Taught],
        dev: Sequence[Sentence],
        options: TrainingOptions,
        **rest: Any,  # noqa: ANN401 - handed on to the base class
    ) -> None:
        """Take the network, examples with the teachers' answers, how they are batched, and sentences to measure on."""
        super().__init__(model=checkpoint.model, train_dataset=list(examples), eval_dataset=list(dev), **rest)
        self.checkpoint = checkpoint
        self.batches = batches
        self.dev = dev
        self.options = options

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Load the mixture's own batches."""
        padding = int(self.checkpoint.model.encoder.config.pad_token_id or 0)
        loader: DataLoader[Any] = DataLoader(
            self.train_dataset, batch_sampler=self.batches, collate_fn=partial(_collate, padding=padding)
        )
        return self.accelerator.prepare(loader)  # type: ignore[no-any-return]

    def create_optimizer(self, *_: Any) -> torch.optim.Optimizer:  # noqa: ANN401
        """Make AdamW with a rate for each encoder layer and one for the heads."""
        if self.optimizer is None:
            groups = parameter_groups(self.checkpoint, self.options)
            self.optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-8, fused=True)
        return self.optimizer

    def compute_loss(
        self,
        model: Any,  # noqa: ANN401 - as the base class has it
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,  # noqa: ANN401, ARG002
    ) -> Any:  # noqa: ANN401
        """Return the weighted sum of the heads' losses."""
        answers = {name: inputs.pop(TEACHER + name) for name in SoftAnswer.__slots__ if TEACHER + name in inputs}
        output = model(**inputs)
        loss = weighted_loss(output.losses, self.options.losses)
        if answers:
            soft = weighted_loss(soft_losses(output, answers, inputs["unit_mask"]), self.options.losses)
            loss = torch.lerp(loss, soft, self.options.teacher_weight)
        return (loss, output) if return_outputs else loss

    def evaluate(self, *_: Any, metric_key_prefix: str = "eval", **__: Any) -> dict[str, float]:  # noqa: ANN401
        """Measure whole predictions on the dev sentences."""
        self.checkpoint.model.eval()
        figures = measure(self.dev, analyse(self.checkpoint, [sentence.text for sentence in self.dev]))
        values = {f"{metric_key_prefix}_{name}": round(figure.value, 4) for name, figure in figures.items()}
        values[f"{metric_key_prefix}_score"] = round(mean_figure(figures), 5)
        self.log(values)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, values)
        return values


def _collate(batch: Sequence[Taught], padding: int) -> dict[str, torch.Tensor]:
    examples, answers = zip(*batch, strict=True)
    soft = collate_answers(answers, examples)
    return collate(examples, padding) | {TEACHER + name: tensor for name, tensor in soft.items()}


def weighted_loss(losses: dict[str, torch.Tensor], weights: LossWeights) -> torch.Tensor:
    """Add up the heads' losses, each times its weight."""
    return torch.stack([losses[name] * getattr(weights, name) for name in losses]).sum()


def parameter_groups(checkpoint: Checkpoint, options: TrainingOptions) -> list[dict[str, Any]]:
    """Group the network's parameters by learning rate and weight decay (vectors and embeddings have none)."""
    layers = int(getattr(checkpoint.model.encoder.config, "num_hidden_layers", 0))
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    for name, parameter in checkpoint.model.named_parameters():
        if name.startswith("encoder."):
            parts = name.split(".")
            depth = next((layers - 1 - int(part) for part in parts if part.isdigit()), layers)
            rate = options.encoder_learning_rate * options.layer_decay**depth
        else:
            rate = options.head_learning_rate
        decay = options.weight_decay if parameter.ndim > 1 and "embeddings" not in name else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    return [{"params": members, "lr": rate, "weight_decay": decay} for (rate, decay), members in groups.items()]


def train(options: TrainingOptions, resume: bool = False) -> dict[str, Figure]:
    """Train a model, keep the best epoch by the dev score, and write the run folder.

    Args:
        options: everything that decides the result.
        resume: go on from the run folder's last checkpoint.

    Returns:
        The best model's figures on the dev sentences.

    Raises:
        StanceError: data, encoder or run folder are not what the options say.
    """
    _check_run_folder(options, resume)
    torch.manual_seed(options.seed)
    checkpoint = new_checkpoint(
        options.encoder, options.cleanup, options.encoder_dropout, options.head_dropout, options.window_tokens,
        options.encoder_layers,
    )  # fmt: skip
    if not torch.cuda.is_available():
        # On a CPU the plain attention is quicker to train than the fused one, by a third in bf16.
        checkpoint.model.encoder.set_attn_implementation("eager")
    extractor = checkpoint.features()
    sources, dev, dev_file = _read_data(options)
    sources = [spell_loosely(part, options.loose_spelling, options.seed) for part in sources]
    windows = [make_examples(sentences, extractor) for sentences in sources]
    parts = [[example for sentence in part for example in sentence] for part in windows]
    answers: list[SoftAnswer | None] = [None] * sum(map(len, parts))
    if options.teachers:
        texts = [sentence.text for sentences in sources for sentence in sentences]
        asked = ask_teachers(options.teachers, texts, [sentence for part in windows for sentence in part])
        answers = [answer for row in asked for answer in row]
    batches = MixtureBatches(
        [[len(example.window.input_ids) for example in part] for part in parts],
        [source.fraction for source in options.train], options.batch_tokens, options.seed,
    )  # fmt: skip
    taught = list(zip([example for part in parts for example in part], answers, strict=True))
    trainer = StanceTrainer(
        checkpoint, batches, taught, dev, options,
        args=training_arguments(
            options, num_train_epochs=options.epochs, eval_strategy="epoch", save_strategy="epoch",
            load_best_model_at_end=True, metric_for_best_model="eval_score", greater_is_better=True,
        ),
        callbacks=[EarlyStoppingCallback(options.patience)],
    )  # fmt: skip
    trainer.train(resume_from_checkpoint=get_last_checkpoint(str(options.output)) if resume else None)
    checkpoint.model.eval()
    checkpoint.model.silence(set(LAYERS) - dev[0].layers)
    scored = score_texts(checkpoint, [sentence.text for sentence in dev])
    figures = measure(dev, read_cross_validated(dev, scored), RESAMPLES, options.seed)
    replace(checkpoint, calibration=fit_calibration(dev, scored)).save(options.output / MODEL_FOLDER)
    _write_run(options, figures, trainer, [len(part) for part in parts], dev_file)
    return figures


def _read_data(options: TrainingOptions) -> tuple[list[list[Sentence]], list[Sentence], Path]:
    """Return the sentences of each data set, the dev sentences, and the file that these are in."""
    sources = [read_source(source) for source in options.train]
    if options.dev is not None:
        dev = read_gold(options.dev)
        _reject_leaks(options, sources, dev)
        learnt = options.losses.layers()
        return sources, [replace(sentence, layers=sentence.layers & learnt) for sentence in dev], options.dev
    cuts = [len(sentences) - round(len(sentences) * options.dev_share) for sentences in sources]
    dev_file = options.output / DEV_FILE
    options.output.mkdir(parents=True, exist_ok=True)
    write_sentences(dev_file, [one for part, cut in zip(sources, cuts, strict=True) for one in part[cut:]])
    return [part[:cut] for part, cut in zip(sources, cuts, strict=True)], read_gold(dev_file), dev_file


def _check_run_folder(options: TrainingOptions, resume: bool) -> None:
    found = options.output.is_dir() and get_last_checkpoint(str(options.output)) is not None
    if found and not resume:
        raise StanceError(
            f"{options.output}: holds checkpoints of an earlier run; go on with --resume, or name another"
        )
    if resume and not found:
        raise StanceError(f"{options.output}: holds no checkpoint to resume from; start without --resume")


def _reject_leaks(options: TrainingOptions, sources: Sequence[Sequence[Sentence]], dev: Sequence[Sentence]) -> None:
    """Make sure that no dev sentence is trained on."""
    held_out = {sentence.text for sentence in dev}
    for source, sentences in zip(options.train, sources, strict=True):
        for sentence in sentences:
            if sentence.text in held_out:
                raise InputError(f"{source.path}: sentence {sentence.id} is also in {options.dev}; remove it from one")


def _write_run(
    options: TrainingOptions, figures: dict[str, Figure], trainer: StanceTrainer, sizes: Sequence[int], dev: Path
) -> None:
    """Write what made this model beside it: options, data hashes, versions, figures, the course of the training."""
    record = {
        "options": options.model_dump(mode="json"),
        "data": [
            {"path": str(source.path), "sha256": file_hash(source.path), "windows": size}
            for source, size in zip(options.train, sizes, strict=True)
        ],
        "dev": {"path": str(dev), "sha256": file_hash(dev), "sentences": len(trainer.dev)},
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in VERSIONS},
        "figures": {name: [figure.value, figure.low, figure.high] for name, figure in figures.items()},
        "best_step": trainer.state.best_global_step,
        "history": trainer.state.log_history,
    }
    path = Path(options.output) / RUN_FILE
    path.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
