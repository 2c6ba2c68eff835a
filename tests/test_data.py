"""What the data card says is what the files hold."""

import json
import re
from collections import Counter

import pytest
from conftest import ROOT

from stance.formats.jsonl import read_sentences
from stance.schema import ENTITY_TYPES, STANCES
from stance.text.words import split_units


def records(name):
    return [json.loads(line) for line in (ROOT / "data" / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", ["seeds.jsonl", "authored.jsonl", "pool_annotations.jsonl"])
def test_card_counts_are_those_of_the_file(name):
    sentences = records(name)
    frames = Counter(frame["label"] for sentence in sentences for frame in sentence["stances"])
    entities = Counter(entity["label"] for sentence in sentences for entity in sentence["entities"])
    row = next(
        line for line in (ROOT / "data" / "README.md").read_text(encoding="utf-8").splitlines() if f"| {name} " in line
    )
    cells = [[int(number.replace(",", "")) for number in re.findall(r"[\d,]+", cell)] for cell in row.split("|")[3:6]]
    assert cells == [[len(sentences)], [frames[s] for s in STANCES], [entities[t] for t in ENTITY_TYPES]]


@pytest.mark.parametrize("name", ["seeds.jsonl", "authored.jsonl"])
def test_every_span_is_whole_words_and_every_id_and_text_is_there_once(name):
    sentences = list(read_sentences(ROOT / "data" / name))
    assert len({s.id for s in sentences}) == len({s.text for s in sentences}) == len(sentences)
    for sentence in sentences:
        units, is_word = split_units(sentence.text)
        starts = {start for (start, _), word in zip(units, is_word, strict=True) if word}
        ends = {end for (_, end), word in zip(units, is_word, strict=True) if word}
        spans = [*sentence.entities, *(span for f in sentence.frames for span in (f.cue, f.holder, f.target) if span)]
        for span in spans:
            assert span.start in starts and span.end in ends, (sentence.id, span.text)


def test_annotation_of_text_that_is_not_ours_holds_no_word_of_it():
    content = (ROOT / "data" / "pool_annotations.jsonl").read_bytes()
    assert content.isascii()
    assert all(
        set(record) == {"id", "text_sha256", "entities", "stances"} for record in records("pool_annotations.jsonl")
    )
    assert len({record["id"] for record in records("pool_annotations.jsonl")}) == len(content.splitlines())


def test_the_seed_is_in_no_training_file():
    seeds = {
        json.loads(line)["text"] for line in (ROOT / "data" / "seeds.jsonl").read_text(encoding="utf-8").splitlines()
    }
    assert not seeds & {s.text for s in read_sentences(ROOT / "data" / "authored.jsonl")}
