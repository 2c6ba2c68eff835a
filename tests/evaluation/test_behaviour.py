import json
from types import SimpleNamespace

import pytest
from conftest import SEED_SENTENCES

from stance.errors import InputError
from stance.evaluation.behaviour import CHANGES, invariance_rates, pair_rates, read_pairs
from stance.formats.jsonl import read_sentences


def predict(texts):
    """Find condemn wherever a word of one root stands, whatever is around it."""
    return [SimpleNamespace(labels=("condemn",) if "أدان" in text else (), entities=(), frames=()) for text in texts]


@pytest.fixture
def file(tmp_path):
    pairs = [
        {"id": "p1", "kind": "said", "a": {"text": "أدان", "labels": ["condemn"]}, "b": {"text": "زار", "labels": []}},
        {
            "id": "p2",
            "kind": "negated",
            "a": {"text": "أدان", "labels": ["condemn"]},
            "b": {"text": "ما أدان", "labels": []},
        },
        {"id": "p3", "kind": "negated", "a": {"text": "قال", "labels": []}, "b": {"text": "عاد", "labels": []}},
    ]
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(json.dumps(pair) for pair in pairs), encoding="utf-8")
    return path


def test_a_pair_fails_where_either_sentence_does(file):
    rates = pair_rates(read_pairs(file), predict)
    assert rates["said"].share == 0
    assert (rates["negated"].cases, rates["negated"].failed, rates["negated"].share) == (2, ("p2",), 0.5)


@pytest.mark.parametrize(
    ("line", "message"),
    [('{"id": "x", "kind": "k"}', "needs id, kind, a and b"),
     ('{"id": "x", "kind": "k", "a": {"text": "", "labels": ["no"]}, "b": {"text": "", "labels": []}}', "'no'")],
)  # fmt: skip
def test_wrong_pairs_are_named(tmp_path, line, message):
    (tmp_path / "bad.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(InputError, match=rf"bad\.jsonl:1: .*{message}"):
        read_pairs(tmp_path / "bad.jsonl")


def test_a_change_that_the_prediction_hangs_on_is_counted_and_others_are_not():
    sentences = [s for s in read_sentences(SEED_SENTENCES) if "أدان" in s.text]
    rates = invariance_rates(sentences, predict)
    assert set(rates) == set(CHANGES)
    assert rates["hamza left out"].failed == tuple(sentence.id for sentence in sentences)
    assert rates["final letters"].failed == rates["names swapped"].failed == ()


def test_names_take_the_place_of_names_of_their_type_alone():
    import random

    sentences = list(read_sentences(SEED_SENTENCES))
    swapped = CHANGES["names swapped"](sentences, random.Random(1))
    assert sum(one != sentence.text for one, sentence in zip(swapped, sentences, strict=True)) >= 10
    people = {entity.text for sentence in sentences for entity in sentence.entities if entity.label == "PER"}
    for one, sentence in zip(swapped, sentences, strict=True):
        if any(entity.label == "PER" and entity.text[0] not in "وفبلك" for entity in sentence.entities):
            assert any(name in one for name in people)
