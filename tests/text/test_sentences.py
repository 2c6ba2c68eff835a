"""Sentence splitting: 200 hand-made hard cases, the source article, and what holds for every text."""

from __future__ import annotations

import json
import re
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.text import sentence_spans, split_sentences

HARD_CASES = Path(__file__).with_name("hard_cases.jsonl")
SEED = Path(__file__).parents[2] / "seeds" / "000_eb6746986b947118.txt"
CASES = [json.loads(line) for line in HARD_CASES.read_text(encoding="utf-8").split("\n") if line]

INVISIBLE = "\u200e\u200f\u061c\u202b\u202c\u2067\u2069\ufeff\u200b\x00\x7f"
DIACRITICS_AND_TATWEEL = "\u064b\u064f\u0651\u0640"
LINE_ENDS = "\n\r\x0b\x0c\x85\u2028\u2029"
WORDS = [
    "انتهى",
    "وقال",
    "د",
    "ق.م",
    "كم",
    "إلخ",
    "في",
    "الجزيرة.نت",
    "Dr",
    "U.S",
    "The",
    "iOS",
    "12",
    "3.5",
    "https://a.b/c.d",
]
MARKS = [".", "..", "...", "…", "!", "؟", "؟!", "۔", "،", ":", "-", "🌹", " ", " ", " ", "\u00a0"]
HOSTILE_UNITS = [*' ."(\n\u200f', ". ", "أ. ", "!-", "«أ.» ", "أ.ب", "www.", "1. ", "؟ !", ".\n", "كلمة ", "…) "]
QUOTATION_MARKS = ["«", "»", '"', "“", "”", "(", ")", "[", "]", "'"]


def texts(*parts: list[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from([part for some in parts for part in some]), max_size=40).map("".join)


ANY_TEXT = texts(WORDS, MARKS, QUOTATION_MARKS, list(INVISIBLE + DIACRITICS_AND_TATWEEL + LINE_ENDS)) | st.text()


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def test_there_are_two_hundred_different_hard_cases() -> None:
    assert len({case["text"] for case in CASES}) == 200


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{CASES.index(case) + 1}: {case['note']}")
def test_hard_case(case: dict[str, Any]) -> None:
    assert sentences(case["text"]) == case["sentences"]


def test_every_line_of_the_source_article_is_one_sentence() -> None:
    article = SEED.read_bytes().decode("utf-8")
    assert sentences(article) == article.split("\n")
    assert len(sentences(article)) == 15


@pytest.mark.parametrize(
    ("text", "pieces"), [("", []), (" \n\u200f", [" \n\u200f"]), ("\n أ\n\n ب ", ["\n أ\n\n ", "ب "])]
)
def test_white_space_stays_with_the_piece_before_it(text: str, pieces: list[str]) -> None:
    assert [piece.text for piece in split_sentences(text)] == pieces


@settings(deadline=None)
@given(ANY_TEXT)
def test_pieces_tile_the_text(text: str) -> None:
    pieces = split_sentences(text)
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.text == text[piece.start : piece.end] != "" for piece in pieces)
    assert all(before.end == after.start for before, after in pairwise(pieces))


@settings(deadline=None)
@given(ANY_TEXT)
def test_spans_are_ordered_trimmed_and_one_a_piece(text: str) -> None:
    spans = sentence_spans(text)
    pieces = split_sentences(text)
    assert all(start < end for start, end in spans)
    assert all(sentence == sentence.strip().strip(INVISIBLE) for sentence in sentences(text))
    if spans:
        assert all(piece.start <= start and end <= piece.end for piece, (start, end) in zip(pieces, spans, strict=True))
    else:
        assert len(pieces) <= 1


@settings(deadline=None)
@given(ANY_TEXT)
def test_no_sentence_crosses_a_line_end(text: str) -> None:
    assert all(len(sentence.splitlines()) == 1 for sentence in sentences(text))


@settings(deadline=None)
@given(texts(WORDS, MARKS, list(INVISIBLE + DIACRITICS_AND_TATWEEL + LINE_ENDS)))
def test_a_sentence_without_quotation_marks_is_split_no_further(text: str) -> None:
    assert all(sentences(sentence) == [sentence] for sentence in sentences(text))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:30])
def test_a_sentence_of_a_hard_case_is_split_no_further(case: dict[str, Any]) -> None:
    assert all(sentences(sentence) == [sentence] for sentence in case["sentences"])


@settings(deadline=None)
@given(texts(WORDS, MARKS, QUOTATION_MARKS, list(INVISIBLE + DIACRITICS_AND_TATWEEL)))
def test_invisible_characters_and_diacritics_change_no_decision(text: str) -> None:
    ignored = re.compile(f"[{INVISIBLE}{DIACRITICS_AND_TATWEEL}]")
    plain = sentences(ignored.sub("", text))
    assert [sentence for sentence in (ignored.sub("", found).strip() for found in sentences(text)) if sentence] == plain


def processor_seconds(text: str) -> float:
    started = time.process_time()
    split_sentences(text)
    return time.process_time() - started


def test_two_megabytes_in_a_line_without_a_full_stop_take_less_than_a_second() -> None:
    text = "كتب المحرر كلمة بعد كلمة " * 45_000
    assert len(text.encode()) > 2_000_000
    assert processor_seconds(text) < 1


@pytest.mark.parametrize("unit", HOSTILE_UNITS)
def test_time_is_linear_in_hostile_texts(unit: str) -> None:
    length = 200_000
    assert processor_seconds(unit * (length // len(unit)) + "!أ") < 10  # quadratic: minutes
