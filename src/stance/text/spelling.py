"""Loose spelling as people type it: hamzas left out, final letters mixed up. Letters change one for one."""

from __future__ import annotations

import re
from collections.abc import Callable

_HAMZAS = re.compile("[أإآ]")
_FINAL_LETTERS = re.compile(r"[ةى]\b")
_LOOSE = {"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي"}


def without_hamzas(text: str, chosen: Callable[[], bool] = lambda: True) -> str:
    """Write alifs without their hamza, those that `chosen` says yes to; no offset moves."""
    return _HAMZAS.sub(lambda match: _LOOSE[match[0]] if chosen() else match[0], text)


def with_loose_final_letters(text: str, chosen: Callable[[], bool] = lambda: True) -> str:
    """Write final ta marbuta as ha and final alif maqsura as ya, where `chosen` says yes; no offset moves."""
    return _FINAL_LETTERS.sub(lambda match: _LOOSE[match[0]] if chosen() else match[0], text)
