import gzip
import io
import json
import sys

import pytest
from conftest import SEED

from stance.errors import InputError
from stance.inference.encodings import detect
from stance.inference.sources import Columns, Record, Rejected, find_inputs, read_inputs

ARABIC = "أدان المتحدث باسم الوزارة الهجوم على القرية، وأعرب عن قلق بلاده من التصعيد.\n"


COLUMNS = Columns()


def read(*names, unit="document", columns=COLUMNS):
    told = []
    return list(read_inputs(find_inputs([str(name) for name in names]), columns, unit, told.append)), told


def test_text_file_is_one_document_and_lines_are_sentences_on_request(tmp_path):
    path = tmp_path / "news.txt"
    path.write_text(ARABIC * 2, encoding="utf-8")
    assert read(path)[0] == [Record("news", ARABIC * 2, str(path))]
    assert [item.id for item in read(path, unit="sentence")[0]] == ["news-1", "news-2"]


def test_raw_text_is_not_touched(tmp_path):
    raw = "\ufeff" + "سطر أول\r\nسطر\u2028ثان\x00\r\n"
    path = tmp_path / "news.txt"
    path.write_bytes(raw.encode("utf-8"))
    (item,), _ = read(path)
    assert item.text == raw.removeprefix("\ufeff")


def test_tables_and_json_lines(tmp_path):
    (tmp_path / "a.csv").write_text(f'id,text\n7,"{ARABIC.strip()}"\n,نص آخر\n', encoding="utf-8-sig")
    (tmp_path / "b.tsv").write_text("body\tkey\nنص عربي\tk1\n", encoding="utf-8")
    (tmp_path / "c.jsonl").write_text(
        json.dumps({"id": 5, "text": "نص"}, ensure_ascii=False) + "\n\n", encoding="utf-8"
    )
    assert [(item.id, item.text) for item in read(tmp_path / "a.csv")[0]] == [("7", ARABIC.strip()), ("a-3", "نص آخر")]
    assert [item.id for item in read(tmp_path / "b.tsv", columns=Columns("body", "key"))[0]] == ["k1"]
    assert [item.id for item in read(tmp_path / "c.jsonl")[0]] == ["5"]


def test_compressed_files_and_folders_and_globs(tmp_path):
    (tmp_path / "deep").mkdir()
    with gzip.open(tmp_path / "deep" / "b.txt.gz", "wt", encoding="utf-8") as file:
        file.write(ARABIC)
    (tmp_path / "a.txt").write_text(ARABIC, encoding="utf-8")
    (tmp_path / "notes.pdf").write_bytes(b"%PDF")
    assert [item.id for item in read(tmp_path)[0]] == ["a", "b"]
    assert [item.id for item in read(tmp_path / "*.txt")[0]] == ["a"]


def test_documents_of_the_same_name_stay_apart(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "news.txt").write_text(ARABIC, encoding="utf-8")
    assert [item.id for item in read(tmp_path)[0]] == ["news", "news-2"]


def test_standard_input(monkeypatch):
    class Console:
        buffer = io.BytesIO(ARABIC.encode())

    monkeypatch.setattr(sys, "stdin", Console)
    assert read("-")[0] == [Record("stdin", ARABIC, "-")]


@pytest.mark.parametrize("encoding", ["cp1256", "utf-16"])
def test_other_encodings_are_read_and_told(tmp_path, encoding):
    path = tmp_path / "old.txt"
    path.write_bytes((ARABIC * 20).encode(encoding))
    (item,), told = read(path)
    assert item.text == ARABIC * 20
    assert told == [f"{path}: read as {encoding}, not UTF-8"]


def test_sample_that_ends_inside_a_letter_is_utf8():
    assert detect(ARABIC.encode()[:41]) == "utf-8-sig"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"  \n\n ", "empty"),
        (b"plain English text", "holds no Arabic letter"),
        (("نص عربي سليم " * 20).encode() + b"\xff\xfe" + "بقية".encode(), "holds bytes that are not UTF-8"),
        (bytes(range(128, 256)) * 50, "neither UTF-8 nor another encoding of Arabic text"),
    ],
)
def test_what_cannot_be_read_is_set_aside_with_its_reason(tmp_path, content, reason):
    path = tmp_path / "bad.txt"
    path.write_bytes(content)
    (item,), _ = read(path)
    assert isinstance(item, Rejected)
    assert (item.reason, item.place) == (reason, str(path))


def test_bad_lines_do_not_stop_the_others(tmp_path):
    path = tmp_path / "mixed.jsonl"
    good = json.dumps({"text": "نص عربي سليم طويل بما يكفي"}, ensure_ascii=False).encode()
    path.write_bytes(good + b"\n{oops\n" + b'{"title": "x"}\n' + b'{"text": "\xd9"}\n' + good + b"\n")
    items, _ = read(path)
    assert [(type(item).__name__, item.place.rpartition(":")[2]) for item in items] == [
        ("Record", "1"), ("Rejected", "2"), ("Rejected", "3"), ("Rejected", "4"), ("Record", "5"),
    ]  # fmt: skip
    assert "not JSON" in items[1].reason
    assert "--text-column" in items[2].reason


def test_a_broken_archive_is_set_aside(tmp_path):
    path = tmp_path / "cut.txt.gz"
    path.write_bytes(gzip.compress(ARABIC.encode() * 500)[:60])
    (item,), _ = read(path)
    assert isinstance(item, Rejected)


def test_missing_column_names_those_there_are(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,body\n1,نص\n", encoding="utf-8")
    (item,), _ = read(path)
    assert item == Rejected("a", str(path), "has no column 'text'; it has id, body (--text-column names one)")


def test_half_a_character_in_json_is_set_aside(tmp_path):
    path = tmp_path / "half.jsonl"
    path.write_text('{"text": "نص \\ud83d عربي"}\n', encoding="utf-8")
    (item,), _ = read(path)
    assert isinstance(item, Rejected)
    assert item.text.startswith("نص ")


def test_missing_empty_and_unknown_inputs_are_errors(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    for name, message in (("nothing.txt", "no such file"), (".", "holds no"), ("a.pdf", "unknown kind of file")):
        with pytest.raises(InputError, match=message):
            find_inputs([str(tmp_path / name)])


def test_the_seed_article_is_found():
    assert find_inputs([str(SEED.parent)]) == [str(SEED)]
