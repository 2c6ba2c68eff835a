"""A checkpoint folder: config.json, model.safetensors, tokenizer.json, calibration.json."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from stance.errors import StanceError
from stance.model.calibration import Calibration
from stance.model.features import FeatureExtractor
from stance.text.normalise import add_arabert_cleanup

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

    from stance.model.network import StanceModel

MODEL_FOLDER = "model"
"""Where in its run folder a training leaves the checkpoint."""

CLEANUPS = ("tokenizer", "arabert")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A network with the tokenizer and the calibration that belong to it."""

    model: StanceModel
    tokenizer: PreTrainedTokenizerFast
    calibration: Calibration

    def features(self) -> FeatureExtractor:
        """Return what turns text into this network's input."""
        return FeatureExtractor(self.tokenizer.backend_tokenizer, self.model.config.max_tokens)

    def save(self, folder: Path) -> None:
        """Write the checkpoint in the precision that the network has."""
        folder.mkdir(parents=True, exist_ok=True)
        self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)
        self.calibration.save(folder)


def new_checkpoint(
    encoder: str,
    cleanup: str,
    encoder_dropout: float,
    head_dropout: float,
    window_tokens: int,
    layers: int | None = None,
) -> Checkpoint:
    """Put fresh heads on a pre-trained encoder, or take up a checkpoint of ours with the heads that it has.

    Args:
        encoder: a local folder or a hub id; a checkpoint that `Checkpoint.save` wrote brings heads and clean-up along.
        cleanup: ``tokenizer`` where the tokenizer carries the Arabic clean-up itself, ``arabert`` to add AraBERT's.
        encoder_dropout: dropout inside the encoder; 0 trains 1.5 times faster on a CPU than 0.1.
        head_dropout: dropout before and in the heads.
        window_tokens: tokens that are read at once, at most; never more than the encoder has positions for.
        layers: how many of the encoder's layers to keep, evenly spread with the last among them; None for all.

    Raises:
        StanceError: the encoder cannot be had, it has no fast tokenizer, or fewer layers than are to be kept.
    """
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    from stance.model.network import StanceConfig, StanceModel, without_pooler

    try:
        config = AutoConfig.from_pretrained(encoder)
        if isinstance(config, StanceConfig):
            return _taken_up(Path(encoder), encoder_dropout, head_dropout, layers)
        tokenizer = AutoTokenizer.from_pretrained(encoder, use_fast=True)
        for name in ("hidden_dropout_prob", "attention_probs_dropout_prob"):
            if hasattr(config, name):
                setattr(config, name, encoder_dropout)
        network = AutoModel.from_pretrained(encoder, config=config, **without_pooler(config.to_dict()))
    except (OSError, ValueError) as error:
        raise StanceError(_cannot_load(encoder, error)) from error
    if not tokenizer.is_fast:
        raise StanceError(
            f"{encoder}: has no fast tokenizer (tokenizer.json), which gives the offsets that stance needs"
        )
    if cleanup == "arabert":
        add_arabert_cleanup(tokenizer.backend_tokenizer)
    if layers is not None:
        _keep_layers(network, layers, encoder)
        config.num_hidden_layers = layers
    own = StanceConfig(
        encoder=config.to_dict(),
        head_dropout=head_dropout,
        max_tokens=min(config.max_position_embeddings, window_tokens),
    )
    return Checkpoint(StanceModel(own, network), tokenizer, Calibration())


def _taken_up(folder: Path, encoder_dropout: float, head_dropout: float, layers: int | None) -> Checkpoint:
    from torch.nn import Dropout

    checkpoint = load_checkpoint(folder)
    encoder = set(checkpoint.model.encoder.modules())
    for module in checkpoint.model.modules():
        if isinstance(module, Dropout):
            module.p = encoder_dropout if module in encoder else head_dropout
    if layers is not None:
        _keep_layers(checkpoint.model.encoder, layers, str(folder))
        checkpoint.model.config.encoder["num_hidden_layers"] = layers
    checkpoint.model.config.release = None
    return replace(checkpoint, model=checkpoint.model.train(), calibration=Calibration())


def _keep_layers(network: PreTrainedModel, layers: int, name: str) -> None:
    from torch.nn import ModuleList

    stack = getattr(getattr(network, "encoder", None), "layer", None)
    if not isinstance(stack, ModuleList) or len(stack) < layers:
        has = f"{len(stack)} layers" if isinstance(stack, ModuleList) else "no stack of layers as BERT has"
        raise StanceError(f"{name}: has {has}; cannot keep {layers} of them (option encoder_layers)")
    network.encoder.layer = ModuleList(stack[(number + 1) * len(stack) // layers - 1] for number in range(layers))
    network.config.num_hidden_layers = layers


def load_checkpoint(folder: Path) -> Checkpoint:
    """Load a checkpoint folder that `Checkpoint.save` wrote, in fp32 whatever it was saved in, in evaluation mode.

    Raises:
        StanceError: the folder is not such a checkpoint.
    """
    import torch
    from transformers import AutoTokenizer

    from stance.model.network import StanceModel

    if not (folder / "config.json").is_file():
        raise StanceError(f"{folder}: not a checkpoint folder (no config.json); name one that `stance train` wrote")
    try:
        with _quiet_transformers():
            model = StanceModel.from_pretrained(folder, dtype=torch.float32).eval()
            tokenizer = AutoTokenizer.from_pretrained(folder)
    except (OSError, ValueError, RuntimeError) as error:
        raise StanceError(f"{folder}: cannot load the checkpoint: {error}") from error
    return Checkpoint(model, tokenizer, Calibration.load(folder))


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    """Keep the library's progress bars and notes off the console while a checkpoint of ours is read."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


def _cannot_load(encoder: str, error: Exception) -> str:
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return (
        f"the encoder {encoder!r} cannot be had: {reason}\n"
        "Two ways on: give a local folder of it with --set encoder=FOLDER,\n"
        "or train on the compact encoder with --config configs/compact.yaml (make it with: stance encoder build)."
    )
