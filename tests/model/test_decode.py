import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.model.calibration import Calibration
from stance.model.decode import WindowScores, best_span, best_tags, decode
from stance.model.features import Features, Window
from stance.model.tags import encode_spans
from stance.text.words import split_units

TEXT = "وأدان خاجي الهجمات على غزة، محذرا من التصعيد."


def features_of(text):
    units, is_word = split_units(text)
    window = Window([0] * (len(units) + 2), list(range(1, len(units) + 1)), 0)
    return Features(np.array(units), np.array(is_word), [window])


def one_hot(tags, width, strength=9.0):
    logits = np.zeros((len(tags), width), np.float32)
    logits[np.arange(len(tags)), tags] = strength
    return logits


def scores_for(features, entities, cues, stances, pointers):
    """Scores that say exactly this; pointers: {cue unit: (holder start, holder end, target start, target end)}."""
    count = len(features.units)
    roles = np.zeros((count, 6, count + 1), np.float32)
    roles[:, :4, 0] = 5
    roles[:, 4:] = -5
    for unit, places in pointers.items():
        for pointer, place in enumerate(places):
            roles[unit, pointer, place] = 9
        roles[unit, 4, places[0] : places[1] + 1] = 5
        roles[unit, 5, places[2] : places[3] + 1] = 5
    return WindowScores.of(
        one_hot(encode_spans(count, entities), 9),
        one_hot(encode_spans(count, cues), 7),
        np.array(stances, np.float32),
        roles,
    )


def test_frames_of_two_stances_share_a_holder():
    features = features_of(TEXT)
    scores = scores_for(
        features,
        [(1, 2, 0), (4, 5, 1)],
        [(0, 1, 0), (6, 8, 2)],
        [4, -4, 4],
        {0: (2, 2, 3, 5), 6: (2, 2, 9, 9), 7: (2, 2, 9, 9)},
    )
    found = decode(TEXT, features, [scores], Calibration())
    assert [(e.text, e.label) for e in found.entities] == [("خاجي", "PER"), ("غزة", "LOC")]
    assert found.labels == ("condemn", "concern")
    assert [(f.label, f.cue.text, f.holder.text, f.target.text) for f in found.frames] == [
        ("condemn", "وأدان", "خاجي", "الهجمات على غزة"),
        ("concern", "محذرا من", "خاجي", "التصعيد"),
    ]
    assert all(0 < frame.score <= 1 for frame in found.frames)


def test_null_pointers_give_no_holder():
    features = features_of(TEXT)
    found = decode(TEXT, features, [scores_for(features, [], [(0, 1, 0)], [4, -4, -4], {})], Calibration())
    assert (found.frames[0].holder, found.frames[0].target) == (None, None)


def test_a_stance_below_its_threshold_has_no_frame_and_one_above_always_has_a_cue():
    features = features_of(TEXT)
    scores = scores_for(features, [], [(0, 1, 0)], [-1, 3, -4], {})
    found = decode(TEXT, features, [scores], Calibration())
    assert found.labels == ("support",)
    assert [frame.label for frame in found.frames] == ["support"]
    lower = decode(TEXT, features, [scores], Calibration(thresholds=(0.2, 0.5, 0.5)))
    assert lower.labels == ("condemn", "support")


def test_punctuation_at_a_span_edge_is_trimmed():
    features = features_of(TEXT)
    scores = scores_for(features, [(4, 6, 1)], [], [-4, -4, -4], {})
    assert [e.text for e in decode(TEXT, features, [scores], Calibration()).entities] == ["غزة"]


def test_a_text_without_units_says_nothing():
    found = decode("  ", Features(np.zeros((0, 2), np.int64), np.zeros(0, bool), []), [], Calibration())
    assert (found.entities, found.labels, found.frames) == ((), (), ())
    assert found.stances == {"condemn": 0.0, "support": 0.0, "concern": 0.0}


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_viterbi_finds_the_best_valid_sequence(seed, length):
    logits = np.random.default_rng(seed).normal(size=(length, 5)).astype(np.float32)
    path, confidence = best_tags(logits)

    def valid(tags):
        return all(
            tag % 2 == 1 or tag == 0 or before in (tag, tag - 1) for before, tag in zip((0, *tags), tags, strict=False)
        )

    best = max(
        (tags for tags in itertools.product(range(5), repeat=length) if valid(tags)),
        key=lambda t: sum(logits[range(length), t]),
    )
    assert sum(logits[range(length), path]) == pytest.approx(sum(logits[range(length), best]), abs=1e-4)
    assert valid(path.tolist())
    assert ((confidence > 0) & (confidence <= 1)).all()


def test_best_span_ends_at_or_after_its_start():
    start = np.array([0, 1, 5, 0], np.float32)
    end = np.array([0, 6, 3, 1], np.float32)
    first, last, probability = best_span(start, end, np.zeros(3, np.float32))
    assert (first, last) == (1, 2)
    assert 0 < probability < 1
    assert best_span(np.array([9.0, 1], np.float32), np.array([9.0, 1], np.float32), np.zeros(1, np.float32)) is None


def test_units_that_a_role_covers_decide_between_equal_borders():
    start = np.array([-9, 3, -9, 3, -9], np.float32)
    end = np.array([-9, -9, 3, -9, 3], np.float32)
    assert best_span(start, end, np.array([2, 2, -2, -2], np.float32))[:2] == (0, 2)
    assert best_span(start, end, np.array([-2, -2, 2, 2], np.float32))[:2] == (2, 4)
    assert best_span(start, end, np.array([2, 2, 2, 2], np.float32))[:2] == (0, 4)


def test_windows_that_overlap_are_merged_at_the_middle_of_the_overlap():
    text = "كلمة " * 10
    units, is_word = split_units(text)
    windows = [Window([0] * 8, [1, 2, 3, 4, 5, 6], 0), Window([0] * 8, [1, 2, 3, 4, 5, 6], 4)]
    features = Features(np.array(units), np.array(is_word), windows)

    def window(label):
        roles = np.zeros((6, 6, 7), np.float32)
        return WindowScores.of(
            one_hot([1 + 2 * label] * 6, 9), one_hot([0] * 6, 7), np.array([-5, -5, -5], np.float32), roles
        )

    found = decode(text, features, [window(0), window(1)], Calibration())
    assert [e.label for e in found.entities] == ["PER"] * 5 + ["LOC"] * 5


@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_any_scores_give_spans_of_whole_words_and_a_frame_for_each_label(seed, length):
    random = np.random.default_rng(seed)
    text = " ".join(random.choice(["غزة", "،", "أدان", "«لن", "نقبل»."], length))
    features = features_of(text)
    count = len(features.units)
    scores = WindowScores.of(
        random.normal(0, 4, (count, 9)).astype(np.float32),
        random.normal(0, 4, (count, 7)).astype(np.float32),
        random.normal(0, 4, 3).astype(np.float32),
        random.normal(0, 4, (count, 6, count + 1)).astype(np.float32),
    )
    found = decode(text, features, [scores], Calibration())
    if features.is_word.any():
        assert {frame.label for frame in found.frames if frame.cue} == set(found.labels)
    for span in (*found.entities, *(s for f in found.frames for s in (f.cue, f.holder, f.target) if s)):
        assert text[span.start : span.end] == span.text
        assert span.text[0].isalnum() and span.text[-1].isalnum()
