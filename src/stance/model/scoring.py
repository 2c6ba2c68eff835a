"""Run a torch network over windows and hand back numpy scores."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from stance.model.batching import by_token_budget, pad_windows
from stance.model.decode import WindowScores
from stance.model.features import Window
from stance.model.network import StanceModel


def score_windows(model: StanceModel, windows: Sequence[Window], token_budget: int) -> list[WindowScores]:
    """Score windows in batches of at most `token_budget` padded tokens; the answers come in the windows' order.

    The model runs in the mode (train or eval), on the device and in the precision that it is in.
    """
    padding = int(model.encoder.config.pad_token_id or 0)
    answers: list[WindowScores | None] = [None] * len(windows)
    for group in by_token_budget([len(window.input_ids) for window in windows], token_budget):
        arrays = pad_windows([windows[index] for index in group], padding)
        tensors = {name: torch.from_numpy(array).to(model.device) for name, array in arrays.items()}
        with torch.inference_mode():
            output = model(**tensors)
        parts = [
            part.float().cpu().numpy()
            for part in (output.entity_logits, output.cue_logits, output.stance_logits, output.role_logits)
        ]
        for row, index in enumerate(group):
            count = len(windows[index].unit_tokens)
            entities, cues, stances, roles = (part[row] for part in parts)
            answers[index] = WindowScores.of(entities[:count], cues[:count], stances, roles[:count, :, : count + 1])
    return [answer for answer in answers if answer is not None]
