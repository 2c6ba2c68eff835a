import pytest
from conftest import SEED, seed_texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import stance
from stance.errors import StanceError

PARTS = seed_texts()[2].split() + list("\u064b\u0651\u0640\u200f\u202b\u202c\u200d\ufeff") + [
    "ﻻ", "ﷲ", "😀", "👨‍👩‍👧", "٣٫٥", "12/5/2024", "F-16",
    "«", "»", "،", ".", "؟", "\n", "\x00", "ــ", "إيرانفي", "e\u0301", "\t",
]  # fmt: skip


@pytest.fixture(scope="module")
def model(tiny_checkpoint):
    return stance.load(tiny_checkpoint)


def spans_of(prediction):
    yield from prediction.entities
    for frame in prediction.frames:
        yield from (span for span in (frame.cue, frame.holder, frame.target) if span)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
@given(st.lists(st.sampled_from(PARTS), max_size=40), st.sampled_from(["", " "]))
def test_every_span_is_the_text_between_its_offsets(model, parts, between):
    text = between.join(parts)
    (sentence,) = model.predict([text])
    for span in spans_of(sentence):
        assert text[span.start : span.end] == span.text != ""
    for prediction in model.predict_document(text):
        assert text[prediction.start : prediction.end] == prediction.text
        for span in spans_of(prediction):
            at = prediction.start
            assert text[at + span.start : at + span.end] == span.text


def test_random_heads_do_make_spans(model):
    """The property test above would say nothing if the model found nothing."""
    found = [span for prediction in model.predict(seed_texts()) for span in spans_of(prediction)]
    assert len(found) > 50


def test_one_prediction_a_sentence_in_order(model):
    predictions = model.predict(["نص", "", "text", *seed_texts()])
    assert [prediction.text for prediction in predictions] == ["نص", "", "text", *seed_texts()]
    assert [prediction.document for prediction in predictions[:3]] == ["0", "1", "2"]
    assert model.predict([]) == []
    assert model.predict("نص")[0].text == "نص"


def test_half_a_character_keeps_its_place(model):
    (prediction,) = model.predict(["نص \ud83d عربي"])
    assert prediction.text == "نص \ud83d عربي"


def test_what_is_no_text_is_refused(model):
    with pytest.raises(TypeError, match="sentence 1: needs a string, has int"):
        model.predict(["نص", 7])


def test_document_has_its_sentences_with_offsets(model):
    text = SEED.read_text(encoding="utf-8")
    document = model.predict_document(text, "astana-22")
    assert len(document) == 15
    assert [sentence.sentence for sentence in document] == list(range(15))
    assert {sentence.document for sentence in document} == {"astana-22"}
    assert document.sentences[0].model == "tiny-stance"


def test_stream_gives_each_document_in_order_and_equals_single_calls(model):
    texts = [(f"d{number}", " ".join(seed_texts()[number % 15 :][:2])) for number in range(130)]
    documents = list(model.stream(iter(texts)))
    assert [document.id for document in documents] == [name for name, _ in texts]
    assert documents[70] == model.predict_document(texts[70][1], "d70")
    assert [document.id for document in model.stream(["نص", "نص"])] == ["0", "1"]


def test_stream_reads_only_as_far_as_it_must(model):
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield "نص قصير"

    next(model.stream(endless()))
    assert len(taken) <= 64


def test_a_model_that_cannot_be_had():
    with pytest.raises(StanceError, match="neither a folder nor to be had from the hub"):
        stance.load("no-one/no-such-model")


def test_a_hub_id_is_fetched_without_pickles_and_names_the_predictions(tiny_checkpoint, monkeypatch):
    import huggingface_hub

    asked = {}

    def fetch(model, allow_patterns):
        asked[model] = allow_patterns
        return str(tiny_checkpoint)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fetch)
    model = stance.load("someone/their-model")
    assert asked == {"someone/their-model": ["*.json", "*.safetensors"]}
    assert model.predict("نص")[0].model == "someone/their-model"
