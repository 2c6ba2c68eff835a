"""What all trainings ask of the Trainer of transformers."""

from __future__ import annotations

from typing import Any

import torch
from transformers import TrainingArguments

from stance.errors import StanceError
from stance.training.options import PretrainingOptions, TrainingOptions


def training_arguments(options: TrainingOptions | PretrainingOptions, **rest: Any) -> TrainingArguments:  # noqa: ANN401
    """Return the Trainer's arguments; `rest` are those in which trainings differ.

    Raises:
        StanceError: fp16 is asked for and there is no GPU.
    """
    has_gpu = torch.cuda.is_available()
    if options.precision == "fp16" and not has_gpu:
        raise StanceError("precision: fp16 needs a GPU and there is none; use --set precision=bf16 or fp32")
    return TrainingArguments(
        output_dir=str(options.output), seed=options.seed, data_seed=options.seed, lr_scheduler_type="linear",
        learning_rate=options.encoder_learning_rate, warmup_steps=options.warmup_ratio, max_grad_norm=1.0,
        save_total_limit=2, logging_steps=50, bf16=options.precision == "bf16", fp16=options.precision == "fp16",
        use_cpu=options.precision == "bf16" and not has_gpu,
        report_to=[], remove_unused_columns=False, dataloader_pin_memory=False, **rest,
    )  # fmt: skip
