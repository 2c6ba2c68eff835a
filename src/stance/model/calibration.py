"""Temperatures and thresholds that turn logits into probabilities and decisions; saved beside the weights as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from stance.errors import StanceError

FILE_NAME = "calibration.json"


@dataclass(frozen=True, slots=True)
class Calibration:
    """One temperature for entity tags, and for each stance its temperature and the probability from which it counts."""

    entity_temperature: float = 1.0
    stance_temperatures: tuple[float, ...] = (1.0, 1.0, 1.0)
    thresholds: tuple[float, ...] = (0.5, 0.5, 0.5)

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
            )
        except (ValueError, KeyError, TypeError) as error:
            raise StanceError(f"{path}: not a calibration file: {error}") from error
