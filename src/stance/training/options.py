"""The options of a training: one YAML file an experiment, every key a field of these classes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stance.errors import StanceError


class Options(BaseModel):
    """Base of all option classes: unknown keys are errors, values do not change, field docstrings are descriptions."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class DataSource(Options):
    """One data set of the mixture."""

    path: Path
    """The file; .jsonl is annotated sentences, .conll and .txt are CoNLL columns with entities alone. ``{data}`` in
    it stands for the option `data`."""

    texts: Path | None = None
    """Where `path` holds annotation without its text: the .jsonl file that has the texts, by id."""

    fraction: float = Field(1.0, gt=0, le=20)
    """How much of it an epoch sees, drawn anew each epoch; 2 shows every sentence twice."""

    about: str = ""
    """What the data is, who made its labels and under which licence; it goes into the model card."""

    layers: tuple[Literal["entities", "stances", "roles"], ...] | None = None
    """Which layers to learn from; all that the data has where this is not given."""


class LossWeights(Options):
    """How much each head's mean loss counts."""

    entities: float = Field(1.0, ge=0)
    """Entity tags."""

    cues: float = Field(1.0, ge=0)
    """Cue tags."""

    stances: float = Field(1.0, ge=0)
    """Sentence stances."""

    roles: float = Field(1.0, ge=0)
    """Where roles begin and end."""

    extents: float = Field(3.0, ge=0)
    """Which units roles cover."""

    def layers(self) -> frozenset[str]:
        """Return the layers of annotation that any loss is for."""
        counted = {"entities": self.entities, "stances": self.stances, "roles": self.cues * (self.roles + self.extents)}
        return frozenset(layer for layer, weight in counted.items() if weight)


class TrainingOptions(Options):
    """Everything that decides how a model is trained."""

    encoder: str
    """The pre-trained encoder: a local folder, or an id on the hub."""

    encoder_layers: int | None = Field(None, ge=1)
    """Keep so many of the encoder's layers, evenly spread; all where this is not given."""

    cleanup: Literal["tokenizer", "arabert"] = "tokenizer"
    """Arabic clean-up: the tokenizer carries it already, or AraBERT's published preprocessing is put into it."""

    data: Path = Path()
    """The folder that ``{data}`` stands for in the paths of the data sets."""

    output: Path
    """The run folder: checkpoints, the best model, options, metrics, versions and data hashes."""

    train: tuple[DataSource, ...] = Field(min_length=1)
    """The mixture to learn from."""

    loose_spelling: float = Field(0.0, ge=0, le=1)
    """Share of the training sentences that are read as typed in haste: hamzas left out, final letters mixed up."""

    dev: Path | None = None
    """Annotated sentences that choose the best epoch and set the thresholds; never trained on."""

    dev_share: float = Field(0.1, gt=0, lt=1)
    """Where there is no `dev`: the last sentences of every data set, so large a share, are kept apart for it."""

    epochs: int = Field(10, ge=1)
    """How often the mixture is seen at most."""

    window_tokens: int = Field(192, ge=18)
    """Longer texts are read in overlapping windows of so many tokens; near the longest training sentences is best."""

    patience: int = Field(4, ge=1)
    """Stop after so many epochs without a better dev score."""

    batch_tokens: int = Field(1024, ge=64)
    """Padded tokens in a batch, at most."""

    encoder_learning_rate: float = Field(1e-4, gt=0)
    """Peak learning rate of the encoder's top layer."""

    layer_decay: float = Field(1.0, gt=0, le=1)
    """Each lower encoder layer learns at this fraction of the rate of the one above."""

    head_learning_rate: float = Field(1e-3, gt=0)
    """Peak learning rate of the heads."""

    warmup_ratio: float = Field(0.1, ge=0, lt=1)
    """Share of the steps in which the rate rises; it then falls to 0 in a line."""

    weight_decay: float = Field(0.01, ge=0)
    """Decoupled weight decay of matrices."""

    encoder_dropout: float = Field(0.0, ge=0, lt=1)
    """Dropout inside the encoder."""

    head_dropout: float = Field(0.1, ge=0, lt=1)
    """Dropout before and in the heads."""

    losses: LossWeights = LossWeights()
    """How much each head counts."""

    teachers: tuple[Path, ...] = ()
    """Checkpoint folders whose mean answers are learnt beside the annotation."""

    teacher_weight: float = Field(0.5, gt=0, le=1)
    """What share of the loss the teachers' answers have, the annotation the rest."""

    precision: Literal["fp32", "bf16", "fp16"] = "fp32"
    """Number format of matrix products; fp16 needs a GPU, bf16 is quick on CPUs that have it (AVX512-BF16, AMX)."""

    seed: int = 1
    """Decides initial heads, dropout and the order of the sentences."""


class PretrainingOptions(Options):
    """Everything that decides how an encoder is adapted to raw text by masked-language modelling."""

    encoder: str
    """The encoder to go on from: a local folder, or an id on the hub."""

    data: Path = Path()
    """The folder that ``{data}`` stands for in the paths of the texts."""

    output: Path
    """The run folder: checkpoints, the adapted encoder, options, the loss curve."""

    texts: tuple[Path, ...] = Field(min_length=1)
    """Raw text, a paragraph a line, each also .gz; read in turn, a paragraph from each, longer ones to their end."""

    tokens: int = Field(15_000_000, ge=1)
    """How many tokens to read; the texts start over where they are shorter."""

    head_tokens: int = Field(500_000, ge=0)
    """For so many tokens only the fresh language-model head learns, so that it does not disturb the encoder."""

    learn_embeddings: bool = True
    """Whether the word embeddings learn, too; the head shares them, and a fresh head pulls at all of them."""

    held_out: int = Field(400, ge=1)
    """The first so many packed sequences are never learnt from; the loss on them is what is watched."""

    sequence_tokens: int = Field(256, ge=18)
    """Length of a packed sequence, special tokens included."""

    batch_sequences: int = Field(16, ge=1)
    """Packed sequences in a batch."""

    mask_probability: float = Field(0.15, gt=0, lt=1)
    """Share of the words that are hidden; of those 80 % are masked, 10 % replaced, 10 % left."""

    encoder_learning_rate: float = Field(2e-4, gt=0)
    """Peak learning rate of the encoder."""

    head_learning_rate: float = Field(1e-3, gt=0)
    """Peak learning rate of the head."""

    warmup_ratio: float = Field(0.05, ge=0, lt=1)
    """Share of the steps in which the rates rise; they then fall to 0 in a line."""

    weight_decay: float = Field(0.01, ge=0)
    """Decoupled weight decay of matrices."""

    save_steps: int = Field(250, ge=1)
    """A checkpoint that --resume takes up, and a look at the held-out loss, after so many steps."""

    precision: Literal["fp32", "bf16", "fp16"] = "fp32"
    """Number format of matrix products; fp16 needs a GPU, bf16 is quick on CPUs that have it (AVX512-BF16, AMX)."""

    seed: int = 1
    """Decides the fresh head and which words are hidden."""


AnyOptions = TypeVar("AnyOptions", TrainingOptions, PretrainingOptions)


def read_options(path: Path, settings: Sequence[str], kind: type[AnyOptions]) -> AnyOptions:
    """Read a YAML file of options and put `key=value` settings over it (dots reach into groups: losses.roles=2).

    Args:
        path: the file.
        settings: what comes from the command line.
        kind: the class whose fields are the keys.

    Raises:
        StanceError: the file is missing or not YAML, or a key or value is not allowed; the message names all of them.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StanceError(f"{path}: cannot read the options: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise StanceError(f"{path}: not YAML: {error}") from error
    if not isinstance(values, dict):
        raise StanceError(f"{path}: needs keys and values, has {type(values).__name__}")
    for setting in settings:
        _put(values, setting)
    _fill_in(values, str(values.get("data", ".")))
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        problems: list[str] = []
        for item in error.errors():
            place = ".".join(map(str, item["loc"]))
            problems.append(f"  {place}: {item['msg']} (has {json.dumps(item['input'], default=str)[:80]})")
        raise StanceError("\n".join([f"{path}: these options are not right:", *problems])) from error


def _fill_in(values: dict[str, Any], data: str) -> None:
    """Replace ``{data}`` in the paths of data sets and texts."""
    if isinstance(values.get("texts"), list):
        values["texts"] = [str(text).replace("{data}", data) for text in values["texts"]]
    sources = values.get("train") or ()
    for holder, key in [(values, "dev"), *((source, key) for source in sources for key in ("path", "texts"))]:
        if isinstance(holder, dict) and isinstance(holder.get(key), str):
            holder[key] = holder[key].replace("{data}", data)


def _put(values: dict[str, Any], setting: str) -> None:
    key, equals, value = setting.partition("=")
    if not equals or not key:
        raise StanceError(f"--set {setting}: needs key=value")
    *groups, last = key.split(".")
    for group in groups:
        values = values.setdefault(group, {})
        if not isinstance(values, dict):
            raise StanceError(f"--set {setting}: {group!r} is no group of options")
    values[last] = yaml.safe_load(value)
