import time

from hypothesis import given
from hypothesis import strategies as st

from stance.text.words import split_units

NOISE = (
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويأإآةىؤئء"
    + "\u064b\u064e\u0651\u0640"
    + "\u200f\u202b\u200d\ufeff\u061c"
    + "ﻻﷲ😀«»،.؟!\"'()[]-_ \t\n0٠۹Aé\x00"
)


def words_of(text):
    units, is_word = split_units(text)
    return [text[a:b] for (a, b), word in zip(units, is_word, strict=True) if word]


def test_words_keep_clitics_and_marks_and_lose_punctuation():
    assert words_of("«ولبنانَ»، (بدعمها).") == ["ولبنانَ", "بدعمها"]


def test_direction_marks_around_a_word_are_outside_it_and_joiners_inside_are_in_it():
    assert words_of("\u202bغزة\u202c مي\u200cخواهد") == ["غزة", "مي\u200cخواهد"]


@given(st.text(alphabet=NOISE, max_size=60))
def test_units_hold_every_visible_character_in_order(text):
    units, is_word = split_units(text)
    position = 0
    for (start, end), word in zip(units, is_word, strict=True):
        assert start >= position and end > start
        assert not text[position:start].strip()
        assert not word or text[start].isalnum()
        position = end
    assert not text[position:].strip()


def test_two_megabytes_without_a_space_are_split_in_linear_time():
    for text in ("ا" * 2_000_000, "ا" + "\u200f" * 2_000_000, "." * 2_000_000):
        start = time.perf_counter()
        split_units(text)
        assert time.perf_counter() - start < 5
