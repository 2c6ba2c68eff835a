import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, SEED
from typer.testing import CliRunner

from stance.cli import SOME_REJECTED, app

ARABIC = "أدان المتحدث الهجوم على القرية."


@pytest.fixture
def run(tiny_checkpoint):
    def call(*arguments, **rest):
        arguments = [str(argument) for argument in arguments]
        if arguments[0] in ("predict", "evaluate") and "--model" not in arguments:
            arguments += ["--model", str(tiny_checkpoint)]
        return CliRunner().invoke(app, arguments, **rest)

    return call


def lines_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_predict_writes_json_lines_and_leaves_no_partial_file(run, tmp_path):
    out = tmp_path / "out" / "seed.jsonl"
    done = run("predict", SEED, "--output", out)
    assert done.exit_code == 0, done.output
    records = lines_of(out)
    assert [record["sentence"] for record in records] == list(range(15))
    raw = SEED.read_text(encoding="utf-8")
    for record in records:
        assert raw[record["start"] : record["end"]] == record["text"]
    assert [path.name for path in out.parent.iterdir()] == ["seed.jsonl"]
    assert "15 sentences" in done.stderr


def test_predict_writes_csv_with_formulas_defused(run, tmp_path):
    source = tmp_path / "a.csv"
    source.write_text(f'id,text\n=1+1,"{ARABIC}"\n', encoding="utf-8")
    assert run("predict", source, "--output", tmp_path / "out.csv").exit_code == 0
    rows = list(csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8-sig", newline="")))
    assert rows[0]["document"] == "'=1+1"
    assert {row["text"] for row in rows} == {ARABIC}


def test_predict_prints_a_table_for_people(run):
    done = run("predict", SEED, env={"COLUMNS": "140"})
    assert done.exit_code == 0, done.output
    assert "خاجي" in done.stdout
    assert "holder" in done.stdout


def test_predict_reads_standard_input(run):
    done = run("predict", "-", input=ARABIC)
    assert done.exit_code == 0, done.output
    assert "القرية" in done.stdout


def test_text_of_articles_is_no_console_markup(run):
    done = run("predict", "-", input="[red]أدان[/red] [/] المتحدث \x1b[31mالهجوم")
    assert done.exit_code == 0, done.output
    assert "[red]أدان[/red] [/]" in done.stdout
    assert "\x1b[31m" not in done.stdout


def test_bad_records_are_set_aside_counted_and_told(run, tmp_path):
    tmp_path = tmp_path / ("a long name " * 10)  # what is told must stay on one line, however long the path
    (tmp_path / "in").mkdir(parents=True)
    (tmp_path / "in" / "empty.txt").write_bytes(b"")
    (tmp_path / "in" / "english.txt").write_text("English only", encoding="utf-8")
    (tmp_path / "in" / "good.txt").write_text(ARABIC, encoding="utf-8")
    (tmp_path / "in" / "nul.txt").write_text("نص\x00عربي " + ARABIC, encoding="utf-8")
    (tmp_path / "in" / "old.txt").write_bytes((ARABIC * 20).encode("cp1256"))
    out = tmp_path / "out.jsonl"
    done = run("predict", tmp_path / "in", "--output", out)
    assert done.exit_code == SOME_REJECTED
    assert {record["document"] for record in lines_of(out)} == {"good", "nul", "old"}
    rejected = lines_of(tmp_path / "out.jsonl.rejected.jsonl")
    assert [(item["id"], item["reason"]) for item in rejected] == [
        ("empty", "empty"), ("english", "holds no Arabic letter"),
    ]  # fmt: skip
    assert "read as cp1256" in done.stderr
    assert "2 set aside" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["predict", "missing.txt"], "missing.txt: no such file or folder"),
        (["predict", SEED, "--output", "out.xml"], "out.xml: unknown kind of output; known: .jsonl, .csv"),
        (["predict", SEED, "--unit", "page"], "--unit page: needs document or sentence"),
        (["predict", SEED, "--model", "no-one/no-such"], "neither a folder nor to be had"),
        (["evaluate", "--data", "missing.jsonl"], "missing.jsonl: cannot read"),
        (["train", "--config", "missing.yaml"], "missing.yaml: cannot read the options"),
        (["train", "--config", "configs/compact.yaml", "--set", "epoch=3"], "epoch: Extra inputs are not permitted"),
        (["train", "--config", "configs/compact.yaml", "--set", "epochs=none"], "epochs: "),
        (["train", "--config", "configs/compact.yaml", "--set", "epochs"], "needs key=value"),
    ],
)
def test_mistakes_end_in_a_clear_message(run, monkeypatch, arguments, message):
    monkeypatch.chdir(ROOT)
    done = run(*arguments)
    assert done.exit_code == 1
    assert message in done.stderr
    assert "Traceback" not in done.output


def test_an_output_that_cannot_be_written(run, tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    done = run("predict", SEED, "--output", tmp_path / "file" / "out.jsonl")
    assert done.exit_code == 1
    assert "cannot be written" in done.stderr


def test_help_lists_every_command(run):
    done = run("--help")
    for command in ("predict", "train", "pretrain", "evaluate", "encoder"):
        assert command in done.output


def test_training_without_a_config_takes_arabert_and_says_what_to_do_where_it_cannot_be_had(run, monkeypatch):
    monkeypatch.chdir(ROOT)
    done = run("train")
    assert done.exit_code == 1
    assert "the encoder 'aubmindlab/bert-base-arabertv02' cannot be had" in done.stderr
    assert "--set encoder=FOLDER" in done.stderr
    assert "--config configs/compact.yaml" in done.stderr


def test_training_outside_a_clone_says_where_to_call_it(run, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert "in a clone of the project" in run("train").stderr


@pytest.mark.parametrize("name", ["predict", "train", "pretrain", "evaluate", "build_encoder", "search"])
def test_scripts_call_the_command_of_their_name(name):
    environment = os.environ | {"COLUMNS": "200"}
    command = [sys.executable, str(ROOT / "scripts" / f"{name}.py"), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{name}.py" in done.stdout


def test_a_closed_pipe_ends_quietly(tiny_checkpoint):
    command = f"{sys.executable} -m stance.cli predict {SEED} --model {tiny_checkpoint} | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, cwd=Path(ROOT))
    assert "Traceback" not in done.stderr
