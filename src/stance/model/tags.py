"""Spans over units as BIO tags, and back: tag 0 is ``O``; label *k* has ``B`` = 1 + 2k and ``I`` = 2 + 2k."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

OUTSIDE = 0
UNKNOWN = -100
"""The tag of units whose label is not known; the losses pass over it."""


def tag_count(labels: Sequence[str]) -> int:
    """Return the number of BIO tags for these labels."""
    return 1 + 2 * len(labels)


def begin_tag(label: int) -> int:
    """Return the tag of a span's first unit."""
    return 1 + 2 * label


def inside_tag(label: int) -> int:
    """Return the tag of a span's later units."""
    return 2 + 2 * label


def tag_names(labels: Sequence[str]) -> list[str]:
    """Return the names of all tags, by number: O, B-first, I-first, ..."""
    return ["O", *(f"{prefix}-{label}" for label in labels for prefix in "BI")]


def encode_spans(length: int, spans: Iterable[tuple[int, int, int]]) -> list[int]:
    """Write spans as tags.

    Args:
        length: number of units.
        spans: (first unit, last unit + 1, label number); of overlapping spans the one that comes first is kept whole.
    """
    tags = [OUTSIDE] * length
    for start, end, label in spans:
        if any(tags[start:end]):
            continue
        tags[start:end] = [begin_tag(label)] + [inside_tag(label)] * (end - start - 1)
    return tags


def decode_tags(tags: Sequence[int]) -> list[tuple[int, int, int]]:
    """Read (first unit, last unit + 1, label number) off valid BIO tags; an ``I`` without its ``B`` begins a span."""
    spans: list[tuple[int, int, int]] = []
    start, open_label = 0, -1
    for position, tag in enumerate([*tags, OUTSIDE]):
        label = (tag - 1) // 2 if tag > 0 else -1
        if open_label >= 0 and (label != open_label or tag % 2 == 1):
            spans.append((start, position, open_label))
            open_label = -1
        if label >= 0 and open_label < 0:
            start, open_label = position, label
    return spans
