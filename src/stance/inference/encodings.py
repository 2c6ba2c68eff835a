"""Which encoding a file is in: UTF-8, UTF-16, or an old Arabic code page."""

from __future__ import annotations

import codecs
import io
from typing import IO, cast

LAST_ASCII = 0x7F
SAMPLE = 1 << 18
"""Bytes that are looked at."""

OLD_ARABIC = ["cp1256", "iso8859_6"]
MOST_BAD = 0.1
"""A file of which at most this share of the bytes above 127 is not UTF-8 is UTF-8 with damage."""

_SURROGATES = range(0xD800, 0xE000)


def open_text(file: io.BufferedIOBase) -> tuple[IO[str], str | None]:
    """Wrap a binary file as text, without closing it, and tell its encoding; None where it is no Arabic text.

    Bytes that are not UTF-8 inside a UTF-8 file come through as lone surrogates; `has_bad_bytes` finds them.
    """
    buffered = io.BufferedReader(cast("io.RawIOBase", file), SAMPLE)
    encoding = detect(buffered.peek(SAMPLE)[:SAMPLE])
    errors = "surrogateescape" if encoding in (None, "utf-8-sig") else "strict"
    return io.TextIOWrapper(buffered, encoding or "utf-8", errors=errors, newline=""), encoding


def detect(sample: bytes) -> str | None:
    """Return the encoding of the beginning of a file, or None where it is not text of a known encoding."""
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoded = sample.decode("utf-8", "surrogateescape")
    high = sum(byte > LAST_ASCII for byte in sample)
    bad = sum(ord(letter) in _SURROGATES for letter in decoded)
    if bad <= max(MOST_BAD * high, 3):  # a letter cut by the sample's end makes up to three
        return "utf-8-sig"
    return _old_code_page(sample)


def has_bad_bytes(text: str) -> bool:
    """Tell whether a text read by `open_text` holds bytes that are not UTF-8, or JSON escapes of half a character."""
    return not text.isascii() and any(ord(letter) in _SURROGATES for letter in text)


def _old_code_page(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=OLD_ARABIC, threshold=0.4).best()
    return None if best is None else best.encoding
