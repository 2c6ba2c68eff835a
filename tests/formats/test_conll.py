import pytest

from stance.errors import InputError
from stance.formats.conll import read_conll


def test_iob1_and_iob2_are_read(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("زار O\nعمر B-PERS\nالمختار I-PERS\nطرابلس I-LOC\nوبنغازي B-LOC\n. O\n\nقال O\n", encoding="utf-8")
    first, second = read_conll(path)
    assert first.text == "زار عمر المختار طرابلس وبنغازي ."
    assert [(e.text, e.label) for e in first.entities] == [
        ("عمر المختار", "PER"), ("طرابلس", "LOC"), ("وبنغازي", "LOC"),
    ]  # fmt: skip
    assert first.layers == {"entities"}
    assert second.entities == ()


def test_adjacent_iob1_entities_of_one_type(tmp_path):
    path = tmp_path / "corpus.conll"
    path.write_text("عمان I-LOC\nدمشق B-LOC\nالشام I-LOC\n", encoding="utf-8")
    (sentence,) = read_conll(path)
    assert [e.text for e in sentence.entities] == ["عمان", "دمشق الشام"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("كلمة\n", ":1: needs a word and a tag"),
        ("كلمة O\nكلمة B-GPE\n", ":2: unknown tag 'B-GPE'"),
        ("كلمة X\n", ":1: unknown tag 'X'"),
    ],
)
def test_wrong_lines_are_named(tmp_path, content, message):
    path = tmp_path / "corpus.conll"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        list(read_conll(path))
    assert f"{path}{message}" in str(caught.value)
