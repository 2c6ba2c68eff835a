"""Adapt an encoder to raw Arabic news by masked-language modelling, with the Trainer of transformers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import torch
from torch.nn import functional
from torch.utils.data import DataLoader
from transformers import AutoModelForMaskedLM, AutoTokenizer, Trainer, TrainerCallback
from transformers.trainer_utils import get_last_checkpoint

from stance.errors import StanceError
from stance.model.tags import UNKNOWN
from stance.training.arguments import training_arguments
from stance.training.corpus import Packed, PackedText, hide_words
from stance.training.options import PretrainingOptions

ENCODER_FOLDER = "encoder"
HISTORY_FILE = "history.json"
CURVE_FILE = "loss.png"


class _HeadFirst(TrainerCallback):  # type: ignore[misc]
    """Keeps the encoder still until the fresh head has learnt something, and its word embeddings for good if asked."""

    def __init__(self, steps: int, embeddings: bool) -> None:
        self._steps = steps
        self._embeddings = embeddings

    def on_step_begin(self, _args: Any, state: Any, _control: Any, model: Any = None, **_: Any) -> None:  # noqa: ANN401
        learns = state.global_step >= self._steps
        for parameter in model.base_model.parameters():
            parameter.requires_grad_(learns)
        model.get_input_embeddings().weight.requires_grad_(learns and self._embeddings)


class MaskedTrainer(Trainer):  # type: ignore[misc]
    """A Trainer that hides words anew in each batch and scores only hidden tokens against the vocabulary."""

    optimizer: torch.optim.Optimizer | None

    def __init__(self, options: PretrainingOptions, held_out: list[Packed], mask: int, **rest: Any) -> None:  # noqa: ANN401
        """Take the options, the sequences to watch, the mask token's id, and what the base class needs."""
        super().__init__(**rest)
        self._options = options
        self._mask = mask
        self._held_out = held_out

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Load batches whose hidden words depend only on the seed and the batch's number."""
        number = 0

        def collate(batch: list[Packed]) -> dict[str, torch.Tensor]:
            nonlocal number
            number += 1
            return self._hide(batch, number)

        return self.accelerator.prepare(  # type: ignore[no-any-return]
            DataLoader(self.train_dataset, batch_size=self._options.batch_sequences, collate_fn=collate)
        )

    def create_optimizer(self, *_: Any) -> torch.optim.Optimizer:  # noqa: ANN401
        """Make AdamW with one rate for the encoder and one for the head."""
        if self.optimizer is None:
            inner = {id(parameter) for parameter in self.model.base_model.parameters()}
            groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
            for parameter in self.model.parameters():
                is_encoder = id(parameter) in inner
                rate = self._options.encoder_learning_rate if is_encoder else self._options.head_learning_rate
                decay = self._options.weight_decay if parameter.ndim > 1 else 0.0
                groups.setdefault((rate, decay), []).append(parameter)
            self.optimizer = torch.optim.AdamW(
                [{"params": part, "lr": rate, "weight_decay": decay} for (rate, decay), part in groups.items()],
                betas=(0.9, 0.98), fused=True,
            )  # fmt: skip
        return self.optimizer

    def compute_loss(
        self,
        model: Any,  # noqa: ANN401
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,  # noqa: ANN401, ARG002
    ) -> Any:  # noqa: ANN401
        """Return the mean cross-entropy of the hidden tokens."""
        with self.accelerator.autocast():
            loss = masked_loss(model, inputs["input_ids"], inputs["labels"])
        return (loss, {}) if return_outputs else loss

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:  # noqa: ANN401
        """Measure the loss on the held-out sequences, the same words hidden each time."""
        self.model.eval()
        losses = []
        for start in range(0, len(self._held_out), self._options.batch_sequences):
            batch = self._hide(self._held_out[start : start + self._options.batch_sequences], 0)
            with torch.inference_mode(), self.accelerator.autocast():
                tensors = [batch[name].to(self.args.device) for name in ("input_ids", "labels")]
                losses.append(masked_loss(self.model, *tensors).item())
        values = {"eval_loss": round(float(np.mean(losses)), 4)}
        self.log(values)
        return values

    def _hide(self, batch: list[Packed], number: int) -> dict[str, torch.Tensor]:
        random = np.random.default_rng([self._options.seed, number])
        return hide_words(batch, self._mask, self.model.config.vocab_size, self._options.mask_probability, random)


def masked_loss(model: Any, input_ids: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:  # noqa: ANN401
    """Return the mean cross-entropy of hidden tokens (labels other than -100); the others meet no vocabulary.

    Args:
        model: a masked language model of `transformers` with a `cls` head (BERT).
        input_ids: (B, T) token ids without padding.
        labels: (B, T) the hidden tokens.
    """
    hidden = model.base_model(input_ids=input_ids).last_hidden_state
    wanted = labels != UNKNOWN
    return functional.cross_entropy(model.cls(hidden[wanted]).float(), labels[wanted])


def pretrain(options: PretrainingOptions, resume: bool = False) -> list[dict[str, float]]:
    """Adapt an encoder and write it as a `transformers` folder with its tokenizer.

    Returns:
        The course of the loss, as written to history.json and drawn in loss.png.

    Raises:
        StanceError: encoder, texts or run folder are not what the options say.
    """
    found = options.output.is_dir() and get_last_checkpoint(str(options.output))
    if bool(found) != resume:
        state = "holds checkpoints; go on with --resume" if found else "holds no checkpoint; start without --resume"
        raise StanceError(f"{options.output}: {state}, or name another folder")
    torch.manual_seed(options.seed)
    try:
        model = AutoModelForMaskedLM.from_pretrained(
            options.encoder, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
            attn_implementation=None if torch.cuda.is_available() else "eager",
        )  # fmt: skip
        tokenizer = AutoTokenizer.from_pretrained(options.encoder)
    except (OSError, ValueError) as error:
        raise StanceError(f"the encoder {options.encoder!r} cannot be had: {error}") from error
    text = PackedText(options.texts, tokenizer.backend_tokenizer, options.sequence_tokens, options.held_out)
    batch_tokens = options.batch_sequences * options.sequence_tokens
    trainer = MaskedTrainer(
        options, text.first(options.held_out), tokenizer.mask_token_id,
        model=model, train_dataset=text, eval_dataset=[0],
        args=training_arguments(
            options, max_steps=max(1, options.tokens // batch_tokens), eval_strategy="steps", save_strategy="steps",
            eval_steps=options.save_steps, save_steps=options.save_steps,
        ),
        callbacks=[_HeadFirst(options.head_tokens // batch_tokens, options.learn_embeddings)],
    )  # fmt: skip
    trainer.train(resume_from_checkpoint=found or None)
    model.save_pretrained(options.output / ENCODER_FOLDER)
    tokenizer.save_pretrained(options.output / ENCODER_FOLDER)
    looks: dict[int, dict[str, float]] = {
        entry["step"]: entry for entry in trainer.state.log_history if "eval_loss" in entry
    }
    history = [entry for entry in trainer.state.log_history if "loss" in entry] + list(looks.values())
    record = {"options": options.model_dump(mode="json"), "history": history}
    (options.output / HISTORY_FILE).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    _draw(options, history)
    return history


def _draw(options: PretrainingOptions, history: list[dict[str, float]]) -> None:
    """Draw the loss over the tokens read."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    for key, label in (("loss", "learnt from"), ("eval_loss", "held out")):
        points = [(entry["step"], entry[key]) for entry in history if key in entry]
        tokens = [step * options.batch_sequences * options.sequence_tokens / 1e6 for step, _ in points]
        axes.plot(tokens, [value for _, value in points], label=label)
    axes.set(xlabel="million tokens", ylabel="masked-token loss (nats)")
    axes.legend()
    figure.savefig(options.output / CURVE_FILE, dpi=120)
