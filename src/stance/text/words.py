"""Words as the annotation sees them: runs without white space, with their clitics, without punctuation around them."""

from __future__ import annotations

import re

MARKS = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
"""Combining marks of Arabic (and Latin) script, as the inside of a regular-expression class."""

FORMAT_CONTROLS = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff"
"""Invisible characters that may stand inside a word (joiners, direction marks), as the inside of a class."""

LONGEST_WORD = 100
"""A longer run of letters is no word of any language; it is read in parts of this many characters."""

# A control counts as part of a word only where the word goes on after it.
_INNER_CONTROL = rf"[{FORMAT_CONTROLS}](?=[{FORMAT_CONTROLS}]*[^\W_{FORMAT_CONTROLS}])"
_UNIT = re.compile(
    rf"(?P<word>[^\W_](?:[^\W_]|[{MARKS}]|{_INNER_CONTROL}){{0,{LONGEST_WORD - 1}}})"
    rf"|(?P<other>(?:(?![^\W_])[^\s]){{1,{LONGEST_WORD}}})"
)


def split_units(text: str) -> tuple[list[tuple[int, int]], list[bool]]:
    """Split a text into units: words, and the runs of other visible characters between them.

    Spans of the annotation begin and end with a word; punctuation may stand inside a span, never at its edge. Together
    the units hold every character that is not white space.

    Returns:
        The units as (start, end) code-point offsets into `text`, in order, and for each whether it is a word.
    """
    units: list[tuple[int, int]] = []
    is_word: list[bool] = []
    for match in _UNIT.finditer(text):
        units.append(match.span())
        is_word.append(match.lastgroup == "word")
    return units, is_word
