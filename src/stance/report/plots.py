"""Pictures of figures, for cards and logs; needs matplotlib (extra `train`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

Point = tuple[float, float]


def draw_confidence(
    heads: Mapping[str, tuple[float, Sequence[tuple[int, float, float]]]], selective: Sequence[Point], path: Path
) -> None:
    """Draw reliability diagrams, one a head, and accuracy over coverage.

    Args:
        heads: by name, the calibration error and the bins: how many, mean score, share right.
        selective: (coverage, accuracy) of the most confident sentences.
        path: the PNG file to write.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3 * (len(heads) + 1), 3.2), layout="constrained")
    *panels, last = figure.subplots(1, len(heads) + 1)
    for axes, (name, (error, bins)) in zip(panels, heads.items(), strict=True):
        total = sum(count for count, _, _ in bins)
        axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
        sizes = [20 + 180 * count / max(total, 1) for count, _, _ in bins]
        axes.scatter([score for _, score, _ in bins], [right for _, _, right in bins], s=sizes, alpha=0.7)
        axes.plot([score for _, score, _ in bins], [right for _, _, right in bins], linewidth=1)
        axes.set(title=f"{name}: error {error:.3f}", xlabel="score", ylabel="share right", xlim=(0, 1), ylim=(0, 1))
    last.plot([coverage for coverage, _ in selective], [accuracy for _, accuracy in selective], marker="o")
    last.set(title="surest sentences", xlabel="share kept", ylabel="exact sets", ylim=(0.5, 1))
    figure.savefig(path, dpi=110)
