import json

import pytest
import yaml
from conftest import SEED_SENTENCES

import stance
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


def test_a_run_that_did_not_finish_is_not_released(tmp_path):
    with pytest.raises(StanceError, match="not the folder of a finished run"):
        release(tmp_path, tmp_path / "out", "x@1")
