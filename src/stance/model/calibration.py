"""What turns logits and raw scores into probabilities and decisions; saved beside the weights as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

from stance.errors import StanceError

FILE_NAME = "calibration.json"

SMALLEST = 1e-6
"""Raw scores are kept so far from 0 and 1, where log-odds are not finite."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The neutral values are the defaults.

    Attributes:
        entity_temperature: divides the logits of entity tags (Guo et al., 2017).
        stance_temperatures: divide the logits of the stances.
        thresholds: the probability from which a stance counts.
        frame_slope: with `frame_bias`, a frame's score is the logistic of slope times the log-odds of its parts'
            product plus bias (Platt, 1999).
        frame_bias: see `frame_slope`.
    """

    entity_temperature: float = 1.0
    stance_temperatures: tuple[float, ...] = (1.0, 1.0, 1.0)
    thresholds: tuple[float, ...] = (0.5, 0.5, 0.5)
    frame_slope: float = 1.0
    frame_bias: float = 0.0

    def frame_score(self, raw: float) -> float:
        """Return the probability that a frame is right, from the product of its parts' probabilities."""
        bounded = min(max(raw, SMALLEST), 1 - SMALLEST)
        odds = self.frame_slope * math.log(bounded / (1 - bounded)) + self.frame_bias
        return 1 / (1 + math.exp(-odds))

    def save(self, folder: Path) -> None:
        """Write the values into a checkpoint folder."""
        (folder / FILE_NAME).write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Calibration:
        """Read a checkpoint's values; a checkpoint without the file has the neutral ones.

        Raises:
            StanceError: the file is not what `save` writes.
        """
        path = folder / FILE_NAME
        if not path.exists():
            return cls()
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            return cls(
                float(values["entity_temperature"]),
                tuple(map(float, values["stance_temperatures"])),
                tuple(map(float, values["thresholds"])),
                float(values.get("frame_slope", 1.0)),
                float(values.get("frame_bias", 0.0)),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise StanceError(f"{path}: not a calibration file: {error}") from error
