import json

import pytest
import yaml
from conftest import SEED_SENTENCES
from typer.testing import CliRunner

from stance.cli import app
from stance.errors import StanceError
from stance.formats.jsonl import read_sentences, write_sentences
from stance.training.search import search


@pytest.fixture
def config(tiny_encoder, tmp_path):
    sentences = list(read_sentences(SEED_SENTENCES))
    write_sentences(tmp_path / "train.jsonl", sentences[:10])
    write_sentences(tmp_path / "dev.jsonl", sentences[10:])
    base = {
        "encoder": str(tiny_encoder), "cleanup": "arabert", "output": str(tmp_path / "run"), "epochs": 9,
        "train": [{"path": str(tmp_path / "train.jsonl")}], "dev": str(tmp_path / "dev.jsonl"),
    }  # fmt: skip
    (tmp_path / "base.yaml").write_text(yaml.safe_dump(base), encoding="utf-8")
    options = {
        "base": str(tmp_path / "base.yaml"), "output": str(tmp_path / "search"), "settings": {"epochs": 1},
        "trials": {"plain": {}, "loud": {"losses.roles": 2.0}}, "seeds": [1, 2],
    }  # fmt: skip
    (tmp_path / "search.yaml").write_text(yaml.safe_dump(options), encoding="utf-8")
    return tmp_path / "search.yaml"


def test_trials_are_run_once_compared_and_written_down(config, tmp_path):
    done = CliRunner().invoke(app, ["search", "--config", str(config)])
    assert done.exit_code == 0, done.output
    assert "loud" in done.stdout
    written = json.loads((tmp_path / "search" / "results.json").read_text(encoding="utf-8"))["results"]
    assert {one["trial"] for one in written} == {"plain", "loud"}
    assert written[0]["figures"]["score"] >= written[1]["figures"]["score"]
    runs = sorted((tmp_path / "search").glob("*/run.json"))
    assert [run.parent.name for run in runs] == ["loud-1", "loud-2", "plain-1", "plain-2"]
    options = json.loads(runs[1].read_text(encoding="utf-8"))["options"]
    assert (options["losses"]["roles"], options["epochs"], options["seed"]) == (2.0, 1, 2)
    times = [run.stat().st_mtime_ns for run in runs]
    assert search(config) == written
    assert [run.stat().st_mtime_ns for run in runs] == times


def test_a_wrong_trial_names_its_option(config):
    values = yaml.safe_load(config.read_text(encoding="utf-8"))
    config.write_text(yaml.safe_dump(values | {"trials": {"typo": {"epoch": 3}}}), encoding="utf-8")
    with pytest.raises(StanceError, match="epoch: Extra inputs are not permitted"):
        search(config)
    config.write_text(yaml.safe_dump(values | {"trials": {}}), encoding="utf-8")
    with pytest.raises(StanceError, match="trials"):
        search(config)
