import json

import pytest
from conftest import SEED_SENTENCES

from stance.errors import InputError
from stance.formats.annotated import read_annotated
from stance.formats.jsonl import read_sentences
from stance.formats.standoff import read_standoff, write_standoff


@pytest.fixture
def files(tmp_path):
    sentences = list(read_sentences(SEED_SENTENCES))
    write_standoff(tmp_path / "annotation.jsonl", sentences[:5])
    with (tmp_path / "texts.jsonl").open("w", encoding="utf-8") as file:
        for sentence in reversed(sentences):
            file.write(json.dumps({"id": sentence.id, "text": sentence.text, "source": "x"}, ensure_ascii=False) + "\n")
    return tmp_path, sentences


def test_annotation_and_text_come_together_again(files):
    folder, sentences = files
    again = list(read_standoff(folder / "annotation.jsonl", folder / "texts.jsonl"))
    assert [(s.id, s.text, s.entities, s.frames, s.layers) for s in again] == [
        (s.id, s.text, s.entities, s.frames, s.layers) for s in sentences[:5]
    ]
    assert read_annotated(folder / "annotation.jsonl", folder / "texts.jsonl") == again


def test_no_word_of_the_text_is_in_the_annotation(files):
    folder, _ = files
    assert (folder / "annotation.jsonl").read_bytes().isascii()


def test_another_text_under_the_same_id_is_refused(files):
    folder, sentences = files
    changed = (folder / "texts.jsonl").read_text(encoding="utf-8").replace(sentences[2].text[:9], "غير هذا")
    (folder / "texts.jsonl").write_text(changed, encoding="utf-8")
    with pytest.raises(InputError, match=rf"annotation\.jsonl:3: the text of '{sentences[2].id}' .* is another"):
        list(read_standoff(folder / "annotation.jsonl", folder / "texts.jsonl"))


def test_an_id_without_a_text_is_named(files):
    folder, sentences = files
    (folder / "texts.jsonl").write_text('{"id": "other", "text": "نص"}\n', encoding="utf-8")
    with pytest.raises(InputError, match=rf"annotation\.jsonl:1: .* has no text with the id '{sentences[0].id}'"):
        list(read_standoff(folder / "annotation.jsonl", folder / "texts.jsonl"))


def test_an_offset_outside_the_text_is_named(files):
    folder, sentences = files
    lines = (folder / "annotation.jsonl").read_text(encoding="utf-8").splitlines()
    record = json.loads(lines[1])
    record["entities"] = [{"start": 0, "end": 10_000, "label": "PER"}]
    (folder / "annotation.jsonl").write_text("\n".join([lines[0], json.dumps(record)]), encoding="utf-8")
    with pytest.raises(InputError, match=rf"annotation\.jsonl:2: .*{sentences[1].id}.*entities\[0\]"):
        list(read_standoff(folder / "annotation.jsonl", folder / "texts.jsonl"))
