"""Soft answers of trained models, learnt beside the annotation (Hinton et al., 2015, "Distilling the Knowledge")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from torch import Tensor
from torch.nn import functional

from stance.model.analyse import Scored, score_texts
from stance.model.checkpoint import load_checkpoint
from stance.model.decode import cue_roles
from stance.model.network import StanceOutput
from stance.model.targets import POINTERS, ROLE_CHANNELS
from stance.training.data import Example

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

TEXTS_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class SoftAnswer:
    """What the teachers answer for one window of N units, in the mean: probabilities.

    `entities` (N, tags), `cues` (N, tags), `stances` (labels,); for the window's frames `pointers` (F, 4, 1 + N) and
    `extents` (F, 2, N), -1 where no teacher's word is to be had.
    """

    entities: Floats
    cues: Floats
    stances: Floats
    pointers: Floats
    extents: Floats


def ask_teachers(
    teachers: Sequence[Path], texts: Sequence[str], examples: Sequence[Sequence[Example]]
) -> list[list[SoftAnswer | None]]:
    """Ask all teachers about all sentences.

    Args:
        teachers: checkpoint folders, one loaded at a time.
        texts: the sentences.
        examples: each sentence's windows as the student sees them; a sentence that a teacher's tokenizer cuts into
            other windows has no soft answers.

    Returns:
        For each sentence its windows' answers.
    """
    sums: list[list[SoftAnswer | None]] = [[None] * len(windows) for windows in examples]
    spoilt: set[int] = set()
    for folder in teachers:
        teacher = load_checkpoint(folder)
        steps = range(0, len(texts), TEXTS_AT_ONCE)
        for start in track(steps, f"asking {folder}", console=Console(stderr=True)):
            for number, scored in enumerate(score_texts(teacher, texts[start : start + TEXTS_AT_ONCE]), start):
                windows = examples[number]
                if [len(w.unit_tokens) for w in scored.features.windows] != [
                    len(example.window.unit_tokens) for example in windows
                ]:
                    spoilt.add(number)
                    continue
                answers = [_answer(scored, place, example) for place, example in enumerate(windows)]
                sums[number] = [_add(old, new, len(teachers)) for old, new in zip(sums[number], answers, strict=True)]
    return [
        [None if answer is None or number in spoilt else _known(answer) for answer in row]
        for number, row in enumerate(sums)
    ]


def soft_losses(output: StanceOutput, answers: dict[str, Tensor], unit_mask: Tensor) -> dict[str, Tensor]:
    """Return the heads' cross-entropies against the teachers; windows without an answer (-1) count for nothing.

    Args:
        output: scores of a batch (B, N) with F frames.
        answers: padded `SoftAnswer` fields, as `collate_answers` gives them.
        unit_mask: (B, N) 1 for units.
    """
    if output.entity_logits is None or output.cue_logits is None or output.stance_logits is None:
        raise ValueError("the output holds no scores")
    asked = answers["stances"][:, 0] >= 0
    known = asked[:, None] & unit_mask.bool()
    losses = {
        "entities": _soft_cross_entropy(output.entity_logits[known], answers["entities"][known]),
        "cues": _soft_cross_entropy(output.cue_logits[known], answers["cues"][known]),
        "stances": _soft_binary(output.stance_logits[asked], answers["stances"][asked]),
    }
    if output.frame_logits is not None:
        framed = answers["pointers"][:, 0, 0] >= 0
        logits = output.frame_logits[framed]
        losses["roles"] = _soft_cross_entropy(
            logits[:, : len(POINTERS)].flatten(0, 1), answers["pointers"][framed].flatten(0, 1)
        )
        extents = answers["extents"][framed]
        real = extents >= 0
        losses["extents"] = _soft_binary(logits[:, len(POINTERS) :, 1:][real], extents[real])
    return losses


def collate_answers(answers: Sequence[SoftAnswer | None], examples: Sequence[Example]) -> dict[str, Tensor]:
    """Pad the answers of a batch; -1 where there is none."""
    units = max(len(example.window.unit_tokens) for example in examples)
    first = next((answer for answer in answers if answer), None)
    if first is None:
        return {}
    frames = sum(len(example.target.frames) for example in examples)
    arrays = {
        "entities": np.zeros((len(answers), units, first.entities.shape[1]), np.float32),
        "cues": np.zeros((len(answers), units, first.cues.shape[1]), np.float32),
        "stances": np.full((len(answers), len(first.stances)), -1, np.float32),
        "pointers": np.zeros((frames, first.pointers.shape[1], 1 + units), np.float32),
        "extents": np.full((frames, first.extents.shape[1], units), -1, np.float32),
    }
    place = 0
    for row, (answer, example) in enumerate(zip(answers, examples, strict=True)):
        count = len(example.target.frames)
        if answer is None:
            arrays["pointers"][place : place + count] = -1
        else:
            size = len(answer.entities)
            arrays["entities"][row, :size] = answer.entities
            arrays["cues"][row, :size] = answer.cues
            arrays["stances"][row] = answer.stances
            arrays["pointers"][place : place + count, :, : 1 + size] = answer.pointers
            arrays["extents"][place : place + count, :, :size] = answer.extents
        place += count
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def _answer(scored: Scored, place: int, example: Example) -> SoftAnswer:
    window = scored.windows[place]
    size = len(example.window.unit_tokens)
    # A teacher keeps role scores only where it sees a cue; of other cues it knows nothing.
    unknown = np.full((len(ROLE_CHANNELS), 1 + size), np.nan, np.float32)
    roles = [
        cue_roles(window.roles, *frame.cue) if any(unit in window.roles for unit in range(*frame.cue)) else unknown
        for frame in example.target.frames
    ]
    frames = np.stack(roles) if roles else unknown[None][:0]
    return SoftAnswer(
        _softmax(window.entities), _softmax(window.cues), _sigmoid(window.stances),
        _softmax(frames[:, : len(POINTERS)]), _sigmoid(frames[:, len(POINTERS) :, 1:]),
    )  # fmt: skip


def _add(old: SoftAnswer | None, new: SoftAnswer, count: int) -> SoftAnswer:
    names = SoftAnswer.__slots__
    parts = {name: getattr(new, name) / count + (getattr(old, name) if old else 0) for name in names}
    return SoftAnswer(**{name: part.astype(np.float32) for name, part in parts.items()})


def _known(answer: SoftAnswer) -> SoftAnswer:
    return replace(
        answer, pointers=np.nan_to_num(answer.pointers, nan=-1), extents=np.nan_to_num(answer.extents, nan=-1)
    )


def _softmax(logits: Floats) -> Floats:
    powers: Floats = np.exp(logits - logits.max(-1, keepdims=True))
    powers /= powers.sum(-1, keepdims=True)
    return powers


def _sigmoid(logits: Floats) -> Floats:
    result: Floats = (1 / (1 + np.exp(-np.clip(logits, -60, 60)))).astype(np.float32)
    return result


def _soft_cross_entropy(logits: Tensor, answers: Tensor) -> Tensor:
    if not len(logits):
        return logits.sum() * 0
    return functional.cross_entropy(logits.float(), answers)


def _soft_binary(logits: Tensor, answers: Tensor) -> Tensor:
    if not len(logits):
        return logits.sum() * 0
    return functional.binary_cross_entropy_with_logits(logits.float(), answers)
