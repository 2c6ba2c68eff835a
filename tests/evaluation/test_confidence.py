import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.evaluation.confidence import confidence, reliability
from stance.model.decode import Analysis
from stance.schema import STANCES, Entity, Frame, Sentence, Span


def test_calibration_error_is_the_weighted_gap_between_score_and_truth():
    scores = np.array([0.95] * 10 + [0.15] * 30)
    right = np.array([True] * 7 + [False] * 3 + [True] * 3 + [False] * 27)
    found = reliability(scores, right)
    assert found.error == pytest.approx((10 * abs(0.95 - 0.7) + 30 * abs(0.15 - 0.1)) / 40)
    assert [(one.count, round(one.score, 2), round(one.right, 2)) for one in found.bins] == [
        (30, 0.15, 0.1), (10, 0.95, 0.7),
    ]  # fmt: skip


@given(st.integers(0, 2**31))
def test_scores_drawn_from_the_truth_have_a_small_error(seed):
    random = np.random.default_rng(seed)
    scores = random.random(20_000)
    assert reliability(scores, random.random(20_000) < scores).error < 0.03


def test_a_score_of_one_and_no_score_at_all_are_counted():
    assert reliability(np.array([1.0, 0.0]), np.array([True, False])).error == 0
    assert reliability(np.zeros(0), np.zeros(0, np.bool_)).error == 0


def _sentence(labels):
    return Sentence(
        "s", "أدان خاجي الهجوم", (Entity(5, 9, "خاجي", "PER"),), tuple(Frame(x, Span(0, 4, "أدان")) for x in labels)
    )


def _analysis(probabilities, labels, entity_score=0.8):
    entity = Entity(5, 9, "خاجي", "PER", entity_score)
    frames = tuple(Frame(label, Span(0, 4, "أدان"), score=0.6) for label in labels)
    return Analysis((entity,), dict(zip(STANCES, probabilities, strict=True)), tuple(labels), frames)


def test_the_surest_sentences_are_kept_first():
    gold = [_sentence(["condemn"]) for _ in range(10)]
    sure, unsure = _analysis((0.99, 0.0, 0.0), ["condemn"]), _analysis((0.45, 0.0, 0.55), ["concern"])
    found = confidence(gold, [unsure, *[sure] * 9])
    assert found.selective[0] == (1.0, 0.9)
    assert found.selective[1] == (0.9, 1.0)


def test_every_head_is_compared_with_its_own_truth():
    gold = [_sentence(["condemn"]), _sentence([])]
    found = confidence(gold, [_analysis((1.0, 0.0, 0.0), ["condemn"])] * 2)
    assert found.heads["condemn"].error == pytest.approx(0.5)
    assert found.heads["support"].error == 0
    assert found.heads["stances"].error == pytest.approx(0.5 / 3)
    assert found.heads["entities"].error == pytest.approx(0.2)
    assert found.heads["frames"].error == pytest.approx(0.1)
