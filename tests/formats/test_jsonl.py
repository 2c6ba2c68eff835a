import json

import pytest
from conftest import SEED, SEED_SENTENCES

from stance.errors import InputError
from stance.formats.jsonl import read_sentences, write_sentences


def test_seed_annotation_is_valid_and_is_the_seed_article():
    sentences = list(read_sentences(SEED_SENTENCES))
    lines = [line for line in SEED.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert [sentence.text for sentence in sentences] == lines
    for sentence in sentences:
        for span in (*sentence.entities, *(frame.cue for frame in sentence.frames)):
            assert sentence.text[span.start : span.end] == span.text


def test_round_trip(tmp_path):
    sentences = list(read_sentences(SEED_SENTENCES))
    write_sentences(tmp_path / "copy.jsonl", sentences)
    assert list(read_sentences(tmp_path / "copy.jsonl")) == sentences


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{nonsense", "bad.jsonl:2: not JSON"),
        ("[1, 2]", "bad.jsonl:2: needs a JSON object"),
        (
            json.dumps({"id": "q", "text": "نص", "entities": [{"start": 0, "end": 9, "label": "LOC"}]}),
            "bad.jsonl:2: record q",
        ),
    ],
)
def test_wrong_lines_name_file_and_line(tmp_path, line, message):
    path = tmp_path / "bad.jsonl"
    path.write_text(json.dumps({"id": "p", "text": "نص", "entities": []}) + "\n" + line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=message):
        list(read_sentences(path))


def test_file_that_is_not_utf8(tmp_path):
    path = tmp_path / "old.jsonl"
    path.write_bytes("نص".encode("cp1256"))
    with pytest.raises(InputError, match="not UTF-8"):
        list(read_sentences(path))
