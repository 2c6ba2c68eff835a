"""The model that is shipped with the package, on the seed article."""

import json
import re
import socket

import pytest
from conftest import ROOT, SEED, SEED_SENTENCES, seed_texts

import stance
from stance.formats.jsonl import read_sentences
from stance.inference.predictor import bundled_model

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model():
    return stance.load()


def test_seed_article_has_its_stances(model):
    """None of its sentences was trained on; 13 of 15 is what was promised."""
    gold = list(read_sentences(SEED_SENTENCES))
    document = model.predict_document(SEED.read_text(encoding="utf-8"), "astana")
    right = [set(found.labels) == sentence.labels for found, sentence in zip(document, gold, strict=True)]
    assert sum(right) >= 13, [sentence.id for sentence, ok in zip(gold, right, strict=True) if not ok]


def test_frames_of_a_plain_sentence(model):
    (sentence,) = model.predict([seed_texts()[2]])
    frames = {frame.label: frame for frame in sentence.frames}
    assert set(frames) == {"condemn", "concern"}
    assert frames["condemn"].holder.text == frames["concern"].holder.text == "خاجي"
    assert frames["condemn"].target.text == "الهجمات الإسرائيلية على غزة ولبنان والضفة الغربية"
    assert ("خاجي", "PER") in [(entity.text, entity.label) for entity in sentence.entities]


@pytest.mark.parametrize(
    "noise",
    [
        lambda text: text.replace("أ", "أ\u064e"),
        lambda text: text.replace("ا", "ا\u0640"),
        lambda text: "\u202b" + text + "\u202c",
        lambda text: text.replace("لا", "\ufefb"),
    ],
    ids=["diacritics", "tatweel", "direction marks", "presentation forms"],
)
def test_how_a_text_is_typed_changes_no_stance(model, noise):
    plain = model.predict(seed_texts())
    noisy = model.predict([noise(text) for text in seed_texts()])
    assert [p.labels for p in plain] == [n.labels for n in noisy]
    assert [len(p.entities) for p in plain] == [len(n.entities) for n in noisy]


def test_no_network_is_touched(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    stance.load().predict("أدان الوزير الهجوم.")


def test_long_text_without_a_full_stop_is_read_to_its_end(model):
    filler = "في إطار الاجتماعات الدولية التي جرت في العاصمة "
    (sentence,) = model.predict([filler * 150 + "أدان خاجي الهجمات على غزة"])
    assert "condemn" in sentence.labels
    assert sentence.entities[-1].text == "غزة"


def test_the_folder_holds_no_pickle_and_says_its_name(model):
    assert model.name.startswith("stance-compact-ar@")
    assert {path.suffix for path in bundled_model().iterdir()} <= {".json", ".safetensors", ".md"}
    figures = json.loads((bundled_model() / "figures.json").read_text(encoding="utf-8"))
    assert figures["model"] == model.name


def test_readme_and_card_show_the_figures_of_the_bundled_model():
    figures = json.loads((bundled_model() / "figures.json").read_text(encoding="utf-8"))
    card = (bundled_model() / "README.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \| ([\d.]+) \| ([\d.]+ to [\d.]+) \| ([\d.]*) \|$", readme, re.MULTILINE)
    assert len(rows) >= 8
    for name, value, interval, lexicon in rows:
        figure = figures["figures"][name]
        assert value == f"{100 * figure['value']:.1f}"
        assert interval == f"{100 * figure['low']:.1f} to {100 * figure['high']:.1f}"
        assert lexicon == (f"{100 * figures['lexicon'][name]['value']:.1f}" if name in figures["lexicon"] else "")
        assert f"| {name} | {value} | {interval} | {lexicon} |" in card
