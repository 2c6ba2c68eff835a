import json

import pytest

from stance.errors import ValidationError
from stance.schema import Entity, Frame, Prediction, Span, sentence_from_dict

TEXT = "وأدان خاجي الهجمات على غزة."
RECORD = {
    "id": "a-1",
    "text": TEXT,
    "entities": [{"start": 23, "end": 26, "label": "LOC"}, {"start": 6, "end": 10, "label": "PER"}],
    "stances": [{"label": "condemn", "cue": [0, 5], "holder": [6, 10], "target": [11, 26]}],
    "source": "here",
}


def test_record_is_read_sorted_and_written_back():
    sentence = sentence_from_dict(RECORD, "x")
    assert [entity.text for entity in sentence.entities] == ["خاجي", "غزة"]
    assert sentence.frames[0].holder == Span(6, 10, "خاجي")
    assert sentence.labels == {"condemn"}
    again = sentence_from_dict(json.loads(json.dumps(sentence.to_dict())), "x")
    assert again == sentence
    assert sentence.to_dict()["source"] == "here"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": ""}, "record a-1: text: needs a non-empty string"),
        ({"text": 5}, "record a-1: text: needs a non-empty string, has 5"),
        ({"entities": {}}, "record a-1: entities: needs a list"),
        ({"entities": [7]}, "record a-1: entities[0]: needs an object"),
        ({"entities": [{"start": 3, "end": 99, "label": "LOC"}]}, "record a-1: entities[0]: needs [start, end] with"),
        ({"entities": [{"start": 3, "end": 3, "label": "LOC"}]}, "record a-1: entities[0]: needs [start, end] with"),
        ({"entities": [{"start": 0, "end": 3, "label": "GPE"}]}, "entities[0].label: unknown label 'GPE'; known: PER"),
        (
            {"entities": [{"start": 0, "end": 8, "label": "LOC"}, {"start": 6, "end": 10, "label": "PER"}]},
            "record a-1: entities: 'وأدان خا' and 'خاجي' overlap",
        ),
        ({"stances": [{"label": "oppose"}]}, "stances[0].label: unknown label 'oppose'; known: condemn"),
        ({"stances": [{"label": "condemn", "holder": [0, 5]}]}, "record a-1: stances[0].cue: missing"),
        ({"stances": [{"label": "condemn", "cue": [5, 0]}]}, "record a-1: stances[0].cue: needs [start, end]"),
        ({"stances": [{"label": "condemn", "cue": "وأدان"}]}, "record a-1: stances[0].cue: needs [start, end]"),
    ],
)
def test_wrong_records_are_named_with_field_and_value(change, message):
    with pytest.raises(ValidationError) as caught:
        sentence_from_dict(RECORD | change, "x")
    assert message in str(caught.value)


def test_missing_layers_are_unknown_not_empty():
    only_entities = {key: value for key, value in RECORD.items() if key != "stances"}
    assert sentence_from_dict(only_entities, "x").layers == {"entities"}
    assert "stances" not in sentence_from_dict(only_entities, "x").to_dict()
    only_labels = {"id": "b", "text": TEXT, "stances": [{"label": "condemn"}]}
    assert sentence_from_dict(only_labels, "x").layers == {"stances"}
    with pytest.raises(ValidationError, match="neither is given"):
        sentence_from_dict({"id": "b", "text": TEXT}, "x")


def test_record_without_id_is_called_by_its_place():
    with pytest.raises(ValidationError, match="record news-7: text"):
        sentence_from_dict({"entities": []}, "news-7")


def test_prediction_has_the_documented_json():
    prediction = Prediction(
        "astana", 3, 412, 439, TEXT, (Entity(6, 10, "خاجي", "PER", 0.99),), {"condemn": 0.98}, ("condemn",),
        (Frame("condemn", Span(0, 5, "وأدان"), Span(6, 10, "خاجي"), None, 0.95),), "m@1",
    )  # fmt: skip
    assert prediction.to_dict() == {
        "document": "astana", "sentence": 3, "start": 412, "end": 439, "text": TEXT,
        "entities": [{"start": 6, "end": 10, "text": "خاجي", "label": "PER", "score": 0.99}],
        "stances": {"condemn": 0.98}, "labels": ["condemn"],
        "frames": [{
            "label": "condemn", "score": 0.95, "cue": {"start": 0, "end": 5, "text": "وأدان"},
            "holder": {"start": 6, "end": 10, "text": "خاجي"}, "target": None,
        }],
        "model": "m@1",
    }  # fmt: skip
