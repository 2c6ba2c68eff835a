"""One encoder, three heads over the same unit states: entities, stances with their cues, and the roles of each cue."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel
from transformers.utils import ModelOutput

from stance.model.tags import OUTSIDE, UNKNOWN, tag_count
from stance.model.targets import EXTENTS, POINTERS, ROLE_CHANNELS
from stance.schema import ENTITY_TYPES, STANCES

DISTANCES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64)
"""Borders, in units, of the buckets in which a role's distance from its cue is seen, on either side."""


SURELY = 20.0
"""A logit that leaves no doubt."""


class StanceConfig(PretrainedConfig):  # type: ignore[misc]
    """What a checkpoint needs to build its network: the encoder's own configuration, the labels, the heads' sizes."""

    model_type = "stance"

    def __init__(
        self,
        encoder: dict[str, Any] | None = None,
        entity_types: tuple[str, ...] | list[str] = ENTITY_TYPES,
        stances: tuple[str, ...] | list[str] = STANCES,
        head_size: int = 256,
        pointer_size: int = 64,
        head_dropout: float = 0.1,
        max_tokens: int = 512,
        release: str | None = None,
        **rest: Any,  # noqa: ANN401 - whatever the base class stores
    ) -> None:
        """Take the encoder's configuration (with `model_type`), labels, sizes, tokens in a window, released name."""
        self.encoder = encoder or {}
        self.entity_types = list(entity_types)
        self.stances = list(stances)
        self.head_size = head_size
        self.pointer_size = pointer_size
        self.head_dropout = head_dropout
        self.max_tokens = max_tokens
        self.release = release
        super().__init__(**rest)


@dataclass
class StanceOutput(ModelOutput):  # type: ignore[misc]
    """Scores of a batch of B windows of at most N units, and the heads' mean losses where answers were given.

    `entity_logits` (B, N, 1 + 2 x types), `cue_logits` (B, N, 1 + 2 x stances), `stance_logits` (B, stances) and
    `role_logits` (B, N, 6, 1 + N): for each unit as the cue and each of `ROLE_CHANNELS`, the null unit first, then all.
    `frame_logits` (F, 6, 1 + N): the same for the cues of the frames that were given.
    """

    losses: dict[str, Tensor] | None = None
    entity_logits: Tensor | None = None
    cue_logits: Tensor | None = None
    stance_logits: Tensor | None = None
    role_logits: Tensor | None = None
    frame_logits: Tensor | None = None


class Head(nn.Sequential):
    """A projection with one hidden layer."""

    def __init__(self, size: int, hidden: int, outputs: int, dropout: float) -> None:
        """Map the last axis from `size` to `outputs` by way of `hidden`."""
        super().__init__(nn.Linear(size, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, outputs))


class StancePooling(nn.Module):
    """A sentence's stances: each stance looks at the units that speak for it (attention pooling), then decides."""

    def __init__(self, size: int, stances: int, dropout: float) -> None:
        """Score `stances` labels from unit states of `size`."""
        super().__init__()
        self.attention = nn.Linear(size, stances)
        self.decision = nn.Linear(size, stances)
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Map (B, N, size) and a mask (B, N) to logits (B, stances)."""
        weights = self.attention(states).masked_fill(~mask[..., None], -1e4).softmax(1)
        pooled = self.dropout(torch.einsum("bns,bnd->bsd", weights, states))
        logits: Tensor = (pooled * self.decision.weight).sum(-1) + self.decision.bias
        return logits


class RolePointers(nn.Module):
    """Where a cue's holder and target begin, end and extend: a biaffine score of cue and unit, plus their distance.

    After Dozat and Manning (2017), "Deep biaffine attention for neural dependency parsing"; a frame without the role
    points at a learnt null unit, as in extractive question answering.
    """

    def __init__(self, size: int, hidden: int, rank: int, dropout: float) -> None:
        """Compare cues and units in a space of `rank` dimensions."""
        super().__init__()
        self.rank = rank
        self.cue = Head(size, hidden, len(ROLE_CHANNELS) * (rank + 1), dropout)
        self.unit = Head(size, hidden, rank, dropout)
        self.null = nn.Parameter(torch.zeros(rank))
        self.distance = nn.Embedding(2 * (len(DISTANCES) + 1) + 1, len(ROLE_CHANNELS))
        nn.init.zeros_(self.distance.weight)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Score every unit as a cue: (B, N, size) and a mask (B, N) to (B, N, 6, 1 + N)."""
        length = states.shape[1]
        cues = self.cue(states).reshape(*states.shape[:-1], len(ROLE_CHANNELS), self.rank + 1)
        units = torch.arange(length, device=states.device)
        return self.score(cues, self.keys(states)[:, None], mask[:, None], self.distances(units, units))

    def score(self, cues: Tensor, keys: Tensor, mask: Tensor, distances: Tensor) -> Tensor:
        """Compare cue vectors (..., 6, rank + 1) with keys (..., 1 + N, rank); distances (..., 6, N), mask (..., N)."""
        scores = cues[..., :-1] @ keys.transpose(-1, -2)
        null = scores[..., :1] + cues[..., -1:]
        units = (scores[..., 1:] + distances).masked_fill(~mask[..., None, :], -1e4)
        return torch.cat([null, units], -1)

    def keys(self, states: Tensor) -> Tensor:
        """Map (B, N, size) to (B, 1 + N, rank), the null unit first."""
        null = self.null.expand(states.shape[0], 1, -1)
        return torch.cat([null, self.unit(states)], 1)

    def distances(self, cues: Tensor, units: Tensor) -> Tensor:
        """Return what distance adds for each pair of cue and unit numbers: (C, 6, N)."""
        difference = units[None, :] - cues[:, None]
        borders = torch.tensor(DISTANCES, device=difference.device)
        bucket = torch.bucketize(difference.abs(), borders, right=True) + (difference != 0).long()
        added: Tensor = self.distance((difference.sign() * bucket) + len(DISTANCES) + 1)
        return added.transpose(-1, -2)


class StanceModel(PreTrainedModel):  # type: ignore[misc]
    """Joint named-entity recognition and stance analysis over any `transformers` encoder."""

    config_class = StanceConfig
    base_model_prefix = "encoder"

    def __init__(self, config: StanceConfig, encoder: PreTrainedModel | None = None) -> None:
        """Build the network; `encoder` brings pre-trained weights, without it they are random."""
        super().__init__(config)
        if encoder is None:
            values = dict(config.encoder)
            encoder = AutoModel.from_config(
                AutoConfig.for_model(values.pop("model_type"), **values), **without_pooler(config.encoder)
            )
        self.encoder = encoder
        size = encoder.config.hidden_size
        self.dropout = nn.Dropout(config.head_dropout)
        self.entities = Head(size, config.head_size, tag_count(config.entity_types), config.head_dropout)
        self.cues = Head(size, config.head_size, tag_count(config.stances), config.head_dropout)
        self.stances = StancePooling(size, len(config.stances), config.head_dropout)
        self.roles = RolePointers(size, config.head_size, config.pointer_size, config.head_dropout)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)

    def silence(self, layers: Collection[str]) -> None:
        """Make the heads of `layers` answer no, whatever they read: for a model that did not learn them."""
        with torch.no_grad():
            if "stances" in layers:
                self.stances.decision.weight.zero_()
                self.stances.decision.bias.fill_(-SURELY)
            for layer, head in (("entities", self.entities), ("roles", self.cues)):
                last = head[-1]
                if layer in layers and isinstance(last, nn.Linear):
                    last.weight.zero_()
                    last.bias.zero_()
                    last.bias[OUTSIDE] = SURELY

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        unit_tokens: Tensor,
        unit_mask: Tensor,
        entity_tags: Tensor | None = None,
        cue_tags: Tensor | None = None,
        stance_targets: Tensor | None = None,
        frame_window: Tensor | None = None,
        frame_cue: Tensor | None = None,
        frame_pointers: Tensor | None = None,
    ) -> StanceOutput:
        """Score a batch of windows; with answers, return the heads' losses in place of the role scores.

        Args:
            input_ids: (B, T) token ids, and `attention_mask` (B, T).
            attention_mask: 1 for tokens, 0 for padding.
            unit_tokens: (B, N) index of each unit's first token.
            unit_mask: (B, N) 1 for units, 0 for padding.
            entity_tags: (B, N) BIO tags, -100 unknown. `cue_tags` likewise.
            cue_tags: see `entity_tags`.
            stance_targets: (B, stances) 0 or 1, -100 unknown.
            frame_window: (F,) the window that holds each frame.
            frame_cue: (F, 2) first and last + 1 unit of its cue.
            frame_pointers: (F, 4) where the role pointers should point, 0 for null.
        """
        unit_mask = unit_mask.bool()
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        states = hidden.gather(1, unit_tokens[..., None].expand(-1, -1, hidden.shape[-1]))
        states = self.dropout(states)
        entities, cues, stances = self.entities(states), self.cues(states), self.stances(states, unit_mask)
        output = StanceOutput(entity_logits=entities, cue_logits=cues, stance_logits=stances)
        if entity_tags is None:
            output.role_logits = self.roles(states, unit_mask)
            return output
        output.losses = {
            "entities": _tag_loss(entities, entity_tags),
            "cues": _tag_loss(cues, _given(cue_tags, "cue_tags")),
            "stances": _stance_loss(stances, _given(stance_targets, "stance_targets")),
        }
        window = _given(frame_window, "frame_window")
        if len(window):
            output.frame_logits = self._frame_scores(states, unit_mask, window, _given(frame_cue, "frame_cue"))
            pointers = _given(frame_pointers, "frame_pointers")
            output.losses |= _role_losses(output.frame_logits, unit_mask[window], pointers)
        else:
            output.losses |= {"roles": states.sum() * 0, "extents": states.sum() * 0}
        return output

    def _frame_scores(self, states: Tensor, mask: Tensor, window: Tensor, cue: Tensor) -> Tensor:
        """Score the roles of frames: the mean over the units of each one's cue."""
        units = torch.arange(states.shape[1], device=states.device)
        inside = (units >= cue[:, :1]) & (units < cue[:, 1:])
        weights = (inside / inside.sum(-1, keepdim=True)).to(states.dtype)
        cues = torch.einsum("fn,fnd->fd", weights, self.roles.cue(states)[window])
        cues = cues.reshape(len(cues), len(ROLE_CHANNELS), -1)
        distances = torch.einsum("fc,cpn->fpn", weights, self.roles.distances(units, units))
        return self.roles.score(cues, self.roles.keys(states)[window], mask[window], distances).float()


def _role_losses(scores: Tensor, mask: Tensor, pointers: Tensor) -> dict[str, Tensor]:
    units = torch.arange(mask.shape[1], device=mask.device)
    starts, ends = pointers[:, 0::2, None], pointers[:, 1::2, None]
    covered = (units + 1 >= starts) & (units + 1 <= ends) & (starts > 0)
    extents = functional.binary_cross_entropy_with_logits(
        scores[:, len(POINTERS) :, 1:], covered.float(), reduction="none"
    )
    real = mask[:, None].expand(-1, len(EXTENTS), -1)
    return {
        "roles": functional.cross_entropy(scores[:, : len(POINTERS)].flatten(0, 1), pointers.flatten()),
        "extents": extents[real].mean(),
    }


def _given(answer: Tensor | None, name: str) -> Tensor:
    if answer is None:
        raise ValueError(f"with entity_tags, {name} is needed too")
    return answer


def without_pooler(encoder_config: dict[str, Any]) -> dict[str, Any]:
    """Return the argument that keeps `transformers` from adding an untrained pooler, where the model type takes it."""
    return {"add_pooling_layer": False} if encoder_config["model_type"] in {"bert", "roberta", "xlm-roberta"} else {}


def _tag_loss(logits: Tensor, tags: Tensor) -> Tensor:
    if not bool((tags != UNKNOWN).any()):
        return logits.sum() * 0
    return functional.cross_entropy(logits.flatten(0, 1).float(), tags.flatten(), ignore_index=UNKNOWN)


def _stance_loss(logits: Tensor, targets: Tensor) -> Tensor:
    known = targets != UNKNOWN
    if not bool(known.any()):
        return logits.sum() * 0
    return functional.binary_cross_entropy_with_logits(logits[known].float(), targets[known].float())


AutoConfig.register("stance", StanceConfig)
AutoModel.register(StanceConfig, StanceModel)
