"""The whole path on a small BERT of AraBERT's format: train, save, load, evaluate, predict, resume."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
import yaml
from conftest import SEED_SENTENCES
from safetensors.torch import load_file
from typer.testing import CliRunner

import stance
from stance.cli import app
from stance.errors import InputError, StanceError
from stance.formats.jsonl import read_sentences, write_sentences
from stance.training.data import MixtureBatches, spell_loosely
from stance.training.options import TrainingOptions, read_options
from stance.training.train import train


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Seed sentences to learn, the same with a word more to choose by, and a CoNLL corpus."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "train.jsonl").write_bytes(SEED_SENTENCES.read_bytes())
    longer = [replace(sentence, text=sentence.text + " أيضا") for sentence in read_sentences(SEED_SENTENCES)]
    write_sentences(folder / "dev.jsonl", longer)
    (folder / "ner.conll").write_text("زار O\nخاجي B-PERS\nسوريا B-LOC\n\nفي O\nأستانا B-LOC\n", encoding="utf-8")
    return folder


def write_config(path, encoder, data, **changes):
    values = {
        "encoder": str(encoder), "cleanup": "arabert", "data": str(data), "output": str(path.parent / "run"),
        "train": [{"path": "{data}/train.jsonl", "fraction": 2}, {"path": "{data}/ner.conll"}],
        "dev": "{data}/dev.jsonl", "epochs": 2, "batch_tokens": 256, "encoder_learning_rate": 2e-3,
        "head_learning_rate": 5e-3,
    }  # fmt: skip
    path.write_text(yaml.safe_dump(values | changes), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(tiny_encoder, data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    config = write_config(folder / "tiny.yaml", tiny_encoder, data, epochs=40, patience=40)
    done = CliRunner().invoke(app, ["train", "--config", str(config)])
    assert done.exit_code == 0, done.output
    return folder / "run"


def test_training_learns_and_the_saved_model_predicts_what_it_learnt(trained):
    run = json.loads((trained / "run.json").read_text(encoding="utf-8"))
    losses = [entry["loss"] for entry in run["history"] if "loss" in entry]
    scores = [entry["eval_score"] for entry in run["history"] if "eval_score" in entry]
    assert losses[-1] < losses[0] / 2
    assert max(scores) > scores[0]
    gold = list(read_sentences(SEED_SENTENCES))
    figures = stance.evaluate(stance.load(trained / "model"), gold)
    assert figures["entity_f1"].value > 0.8
    assert figures["stance_macro_f1"].value > 0.8


def test_run_folder_says_what_made_the_model(trained):
    run = json.loads((trained / "run.json").read_text(encoding="utf-8"))
    assert run["options"]["seed"] == 1
    assert [len(source["sha256"]) for source in run["data"]] == [64, 64]
    assert run["dev"]["sentences"] == 15
    assert run["versions"]["torch"] == torch.__version__
    assert set(run["figures"]) > {"stance_macro_f1", "entity_f1", "frame_f1"}


def test_evaluate_command_prints_and_writes_the_figures(trained, data, tmp_path):
    arguments = ["evaluate", "--model", str(trained / "model"), "--data", str(data / "dev.jsonl")]
    done = CliRunner().invoke(app, [*arguments, "--output", str(tmp_path / "figures.json")])
    assert done.exit_code == 0, done.output
    assert "stance_macro_f1" in done.stdout
    figures = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    run = json.loads((trained / "run.json").read_text(encoding="utf-8"))
    assert figures["figures"]["entity_f1"]["value"] == pytest.approx(run["figures"]["entity_f1"][0])
    assert figures["lexicon"].keys() <= figures["figures"].keys()
    assert figures["sentences"] == 15


def test_the_clean_up_is_saved_with_the_model(trained):
    model = stance.load(trained / "model")
    plain, decorated = model.predict(["وأدان خاجي الهجمات على غزة", "وأدانَ خــاجي الهجمـاتِ على غزّة"])
    assert plain.stances == decorated.stances
    assert [entity.label for entity in plain.entities] == [entity.label for entity in decorated.entities]


def test_same_seed_same_weights_also_when_resumed(tiny_encoder, data, tmp_path):
    def run(name, **changes):
        config = write_config(tmp_path / f"{name}.yaml", tiny_encoder, data, output=str(tmp_path / name), **changes)
        return config, tmp_path / name

    config, whole = run("whole", epochs=3, patience=9)
    train(read_options(config, (), TrainingOptions))
    config, again = run("again", epochs=3, patience=9)
    train(read_options(config, (), TrainingOptions))
    shutil.rmtree(again / "model")
    for checkpoint in sorted(again.glob("checkpoint-*"), key=lambda path: int(path.name[11:]))[1:]:
        shutil.rmtree(checkpoint)
    train(read_options(config, (), TrainingOptions), resume=True)
    one, other = load_file(whole / "model" / "model.safetensors"), load_file(again / "model" / "model.safetensors")
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_run_folder_of_an_earlier_run_is_not_overwritten(trained, tiny_encoder, data, tmp_path):
    config = write_config(tmp_path / "tiny.yaml", tiny_encoder, data, output=str(trained))
    with pytest.raises(StanceError, match="go on with --resume"):
        train(read_options(config, (), TrainingOptions))
    config = write_config(tmp_path / "tiny.yaml", tiny_encoder, data, output=str(tmp_path / "new"))
    with pytest.raises(StanceError, match="no checkpoint to resume from"):
        train(read_options(config, (), TrainingOptions), resume=True)


def test_a_dev_sentence_among_the_training_sentences_is_refused(tiny_encoder, data, tmp_path):
    config = write_config(tmp_path / "leak.yaml", tiny_encoder, data, dev=str(data / "train.jsonl"))
    with pytest.raises(InputError, match="is also in"):
        train(read_options(config, (), TrainingOptions))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_fp16_without_a_gpu_is_refused(tiny_encoder, data, tmp_path):
    config = write_config(tmp_path / "half.yaml", tiny_encoder, data, precision="fp16")
    with pytest.raises(StanceError, match="fp16 needs a GPU"):
        train(read_options(config, (), TrainingOptions))


@pytest.mark.parametrize("start", ["encoder", "teacher"])
def test_a_student_has_fewer_layers_and_learns_from_its_teacher(start, trained, tiny_encoder, data, tmp_path):
    changes = {"teachers": [str(trained / "model")], "teacher_weight": 1.0, "encoder_layers": 1, "epochs": 20}
    config = write_config(
        tmp_path / "student.yaml",
        trained / "model" if start == "teacher" else tiny_encoder,
        data,
        patience=20,
        **changes,
    )
    train(read_options(config, (), TrainingOptions))
    student, teacher = stance.load(tmp_path / "run" / "model"), stance.load(trained / "model")
    texts = [sentence.text for sentence in read_sentences(SEED_SENTENCES)]
    same = [
        one.labels == other.labels for one, other in zip(student.predict(texts), teacher.predict(texts), strict=True)
    ]
    assert sum(same) >= 12
    sizes = [len(load_file(folder / "model" / "model.safetensors")) for folder in (tmp_path / "run", trained)]
    assert sizes[0] == sizes[1] - 16


def test_more_layers_than_there_are_cannot_be_kept(tiny_encoder, data, tmp_path):
    config = write_config(tmp_path / "layers.yaml", tiny_encoder, data, encoder_layers=3)
    with pytest.raises(StanceError, match="has 2 layers; cannot keep 3"):
        train(read_options(config, (), TrainingOptions))


def test_a_corpus_of_entities_alone_keeps_its_end_for_choosing_and_finds_no_stances(tiny_encoder, data, tmp_path):
    config = write_config(
        tmp_path / "ner.yaml", tiny_encoder, data, train=[{"path": "{data}/train.jsonl", "layers": ["entities"]}],
        dev=None, dev_share=0.2,
    )  # fmt: skip
    figures = train(read_options(config, (), TrainingOptions))
    assert "entity_f1" in figures and "stance_macro_f1" not in figures
    run = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    assert run["dev"]["sentences"] == 3 and run["data"][0]["windows"] >= 12
    dev = list(read_sentences(tmp_path / "run" / "dev.jsonl"))
    assert [sentence.text for sentence in dev] == [sentence.text for sentence in read_sentences(SEED_SENTENCES)][12:]
    for found in stance.load(tmp_path / "run" / "model").predict([sentence.text for sentence in dev]):
        assert found.labels == () and found.frames == () and max(found.stances.values()) < 0.01


def test_sentences_spelt_loosely_keep_their_annotation_and_their_layers():
    sentences = [
        replace(sentence, layers=frozenset({"stances", "roles"})) for sentence in read_sentences(SEED_SENTENCES)
    ]
    spelt = spell_loosely(sentences, 0.5, seed=3)
    assert spelt == spell_loosely(sentences, 0.5, seed=3) != spell_loosely(sentences, 0.5, seed=4)
    changed = sum(one.text != other.text for one, other in zip(spelt, sentences, strict=True))
    assert 3 <= changed <= 12
    for one, other in zip(spelt, sentences, strict=True):
        assert one.layers == other.layers
        assert [(frame.label, frame.cue.start, frame.cue.end) for frame in one.frames] == [
            (frame.label, frame.cue.start, frame.cue.end) for frame in other.frames
        ]
        assert all(frame.cue.text == one.text[frame.cue.start : frame.cue.end] for frame in one.frames)
    assert spell_loosely(sentences, 0.0, seed=3) == sentences


def test_a_loss_of_weight_zero_makes_a_single_task_model(tiny_encoder, data, tmp_path):
    config = write_config(tmp_path / "single.yaml", tiny_encoder, data, losses={"entities": 0}, epochs=1)
    figures = train(read_options(config, (), TrainingOptions))
    assert "entity_f1" not in figures and "frame_f1" in figures
    texts = [sentence.text for sentence in read_sentences(SEED_SENTENCES)]
    assert all(found.entities == () for found in stance.load(tmp_path / "run" / "model").predict(texts))


def test_a_checkpoint_is_taken_up_with_its_heads(trained, data, tmp_path):
    config = write_config(tmp_path / "more.yaml", trained / "model", data, epochs=1, encoder_learning_rate=1e-6,
                          head_learning_rate=1e-6)  # fmt: skip
    figures = train(read_options(config, (), TrainingOptions))
    before = json.loads((trained / "run.json").read_text(encoding="utf-8"))["figures"]
    assert figures["entity_f1"].value == pytest.approx(before["entity_f1"][0], abs=0.02)


def test_bfloat16_learns_too(tiny_encoder, data, tmp_path):
    config = write_config(tmp_path / "bf16.yaml", tiny_encoder, data, precision="bf16", epochs=3)
    train(read_options(config, (), TrainingOptions))
    run = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    losses = [entry["loss"] for entry in run["history"] if "loss" in entry] or [run["history"][-1]["train_loss"]]
    assert all(np.isfinite(losses))


def test_an_unknown_kind_of_data_is_named(tiny_encoder, data, tmp_path):
    (tmp_path / "data.xml").write_text("<x/>", encoding="utf-8")
    config = write_config(tmp_path / "kind.yaml", tiny_encoder, data, train=[{"path": str(tmp_path / "data.xml")}])
    with pytest.raises(InputError, match=r"data\.xml: unknown kind of data"):
        train(read_options(config, (), TrainingOptions))


def test_batches_hold_their_budget_see_every_sentence_and_differ_between_epochs():
    random = np.random.default_rng(0)
    lengths = [random.integers(5, 100, 300).tolist(), random.integers(5, 40, 200).tolist()]
    batches = MixtureBatches(lengths, [1.0, 0.5], budget=1000, seed=4)
    everything = [length for part in lengths for length in part]
    epochs = []
    for epoch in range(3):
        batches.set_epoch(epoch)
        groups = list(batches)
        assert len(groups) == len(batches)
        seen = [index for group in groups for index in group]
        assert set(range(300)) <= set(seen) and len(seen) == 400
        sizes = [len(group) * max(everything[index] for index in group) for group in groups]
        assert np.mean(sizes) < 1100 and max(sizes) < 1500
        assert sum(everything[index] for index in seen) > 0.85 * sum(sizes)
        epochs.append(groups)
    assert epochs[0] != epochs[1]
    batches.set_epoch(1)
    assert list(batches) == epochs[1]
