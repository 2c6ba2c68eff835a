import json

import pytest
import yaml
from conftest import SEED_SENTENCES
from typer.testing import CliRunner

import stance
from stance.cli import app
from stance.errors import StanceError
from stance.formats.jsonl import read_sentences, write_sentences
from stance.training.options import TrainingOptions, read_options
from stance.training.release import release
from stance.training.train import train


@pytest.fixture(scope="module")
def run(tiny_encoder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("release")
    sentences = list(read_sentences(SEED_SENTENCES))
    write_sentences(folder / "train.jsonl", sentences[:10])
    write_sentences(folder / "dev.jsonl", sentences[10:])
    values = {
        "encoder": str(tiny_encoder), "cleanup": "arabert", "output": str(folder / "run"), "epochs": 1,
        "train": [{"path": str(folder / "train.jsonl"), "about": "ten sentences; CC0"}],
        "dev": str(folder / "dev.jsonl"),
    }  # fmt: skip
    (folder / "tiny.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    train(read_options(folder / "tiny.yaml", (), TrainingOptions))
    return folder / "run"


def test_released_folder_is_half_as_large_has_its_name_and_its_card(run, tmp_path):
    evaluation = release(run, tmp_path / "tiny", "tiny@7")
    weights = [(folder / "model.safetensors").stat().st_size for folder in (run / "model", tmp_path / "tiny")]
    assert weights[1] < 0.6 * weights[0]
    model = stance.load(tmp_path / "tiny")
    assert model.name == "tiny@7"
    assert model.predict("نص")[0].model == "tiny@7"
    card = (tmp_path / "tiny" / "README.md").read_text(encoding="utf-8")
    windows = json.loads((run / "run.json").read_text(encoding="utf-8"))["data"][0]["windows"]
    assert f"ten sentences; CC0 ({windows} windows, 100% of them an epoch" in card
    assert f"| stance_macro_f1 | {100 * evaluation.figures['stance_macro_f1'].value:.1f} |" in card
    assert json.loads((tmp_path / "tiny" / "figures.json").read_text(encoding="utf-8"))["sentences"] == 5
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


def test_card_compares_with_baselines_and_shows_confidence_and_behaviour(run, tmp_path):
    from stance.evaluation.run import evaluate, read_gold

    dev = run.parent / "dev.jsonl"
    gold = read_gold(dev)
    other = stance.load(run / "model").predict([sentence.text for sentence in gold])
    evaluate("the other", dev, gold, other).save(tmp_path / "other.json")
    pair = {"id": "p", "kind": "negated", "a": {"text": "أدان", "labels": []}, "b": {"text": "زار", "labels": []}}
    (tmp_path / "pairs.jsonl").write_text(json.dumps(pair), encoding="utf-8")
    release(run, tmp_path / "tiny", "tiny@7", tmp_path / "pairs.jsonl", [tmp_path / "other.json"])
    card = (tmp_path / "tiny" / "README.md").read_text(encoding="utf-8")
    assert "| figure | model | interval | lexicon | majority | the other |" in card
    behaviour = json.loads((tmp_path / "tiny" / "behaviour.json").read_text(encoding="utf-8"))
    assert f"| negated | 1 | {100 * behaviour['pairs']['negated']['failed']:.1f} |" in card
    assert behaviour["invariances"]["tatweel"]["cases"] == 5
    figures = json.loads((tmp_path / "tiny" / "figures.json").read_text(encoding="utf-8"))
    assert f"stances {100 * figures['confidence']['heads']['stances']['error']:.1f}" in card
    assert (tmp_path / "tiny" / "confidence.png").stat().st_size > 1000
    arguments = ["evaluate", "--model", str(tmp_path / "tiny"), "--data", str(dev)]
    done = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})
    assert done.exit_code == 0 and "the other" in done.stdout and "majority" in done.stdout


def test_two_baselines_of_one_name_are_refused(run, tmp_path):
    arguments = ["evaluate", "--model", str(run / "model"), "--data", str(run.parent / "dev.jsonl")]
    for name in ("first", "second"):
        done = CliRunner().invoke(app, [*arguments, "--output", str(tmp_path / name / "figures.json")])
        assert done.exit_code == 0, done.output
    found = [tmp_path / name / "figures.json" for name in ("first", "second")]
    assert json.loads(found[0].read_text(encoding="utf-8"))["model"] == "run"
    with pytest.raises(StanceError, match="a system named run is there already"):
        release(run, tmp_path / "tiny", "tiny@7", beside=found)


def test_only_the_layers_asked_for_are_measured(run, tmp_path):
    arguments = ["evaluate", "--model", str(run / "model"), "--data", str(run.parent / "dev.jsonl")]
    output = tmp_path / "figures.json"
    assert CliRunner().invoke(app, [*arguments, "--layer", "entities", "--output", str(output)]).exit_code == 0
    figures = json.loads(output.read_text(encoding="utf-8"))["figures"]
    assert "entity_f1" in figures and "exact_set" not in figures
    wrong = CliRunner().invoke(app, [*arguments, "--layer", "stance"])
    assert wrong.exit_code == 1 and "--layer stance: needs one of" in wrong.stderr


def test_figures_of_other_sentences_are_refused(run, tmp_path):
    from stance.evaluation.run import evaluate, read_gold

    train_file = run.parent / "train.jsonl"
    gold = read_gold(train_file)
    evaluate("x", train_file, gold, stance.load(run / "model").predict([s.text for s in gold])).save(
        tmp_path / "x.json"
    )
    with pytest.raises(StanceError, match=r"x\.json: its figures are of other data"):
        release(run, tmp_path / "tiny", "tiny@7", beside=[tmp_path / "x.json"])
    assert not (tmp_path / "tiny").exists()


def test_a_run_that_did_not_finish_is_not_released(tmp_path):
    with pytest.raises(StanceError, match="not the folder of a finished run"):
        release(tmp_path, tmp_path / "out", "x@1")
