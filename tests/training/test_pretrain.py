import gzip
import shutil

import numpy as np
import pytest
import torch
import yaml
from conftest import SEED, seed_texts
from safetensors.torch import load_file
from tokenizers import Tokenizer

from stance.errors import InputError, StanceError
from stance.model.checkpoint import new_checkpoint
from stance.model.tags import UNKNOWN
from stance.training.corpus import PackedText, hide_words, read_paragraphs
from stance.training.options import PretrainingOptions, read_options
from stance.training.pretrain import pretrain


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    with gzip.open(folder / "a.txt.gz", "wt", encoding="utf-8") as file:
        file.write(SEED.read_text(encoding="utf-8"))
    (folder / "b.txt").write_text("\n\n".join(reversed(seed_texts())), encoding="utf-8")
    return folder


@pytest.fixture
def config(tiny_encoder, texts, tmp_path):
    def write(name, **changes):
        values = {
            "encoder": str(tiny_encoder), "data": str(texts), "texts": ["{data}/a.txt.gz", "{data}/b.txt"],
            "output": str(tmp_path / name), "tokens": 32 * 4 * 12, "head_tokens": 32 * 4 * 4, "sequence_tokens": 32,
            "batch_sequences": 4, "held_out": 4, "save_steps": 6, "encoder_learning_rate": 1e-3,
        }  # fmt: skip
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(values | changes), encoding="utf-8")
        return read_options(path, (), PretrainingOptions)

    return write


def test_paragraphs_come_from_all_files_in_turn(texts):
    paragraphs = list(read_paragraphs([texts / "a.txt.gz", texts / "b.txt"]))
    assert paragraphs[:2] == [seed_texts()[0], seed_texts()[-1]]
    assert len(paragraphs) == 30


def test_packed_sequences_hold_the_text_in_order_and_number_its_words(tiny_encoder, texts):
    tokenizer = Tokenizer.from_file(str(tiny_encoder / "tokenizer.json"))
    packed = PackedText([texts / "b.txt"], tokenizer, 20, 0).first(1000)
    assert all(len(ids) == len(words) == 20 and ids[0] == 2 and ids[-1] == 3 for ids, words in packed)
    flat = [token for ids, _ in packed for token in ids[1:-1]]
    expected = [
        token for text in reversed(seed_texts()) for token in tokenizer.encode(text, add_special_tokens=False).ids
    ]
    assert flat == expected[: len(flat)]
    assert len(expected) - len(flat) < 18
    for _, words in packed:
        assert words[0] == words[-1] == -1 and words[1] == 0
        assert set(np.diff(words[1:-1])) <= {0, 1}


def test_words_are_hidden_whole_and_at_the_rate_asked_for():
    words = np.repeat(np.arange(100), 2)
    batch = [([7] * 200, words.tolist())] * 400
    hidden = hide_words(batch, mask=1, vocabulary=50, probability=0.15, random=np.random.default_rng(0))
    chosen = (hidden["labels"] != UNKNOWN).numpy()
    assert (chosen[:, ::2] == chosen[:, 1::2]).all()
    assert chosen.mean() == pytest.approx(0.15, abs=0.01)
    ids = hidden["input_ids"].numpy()
    assert (ids[~chosen] == 7).all()
    assert (ids[chosen] == 1).mean() == pytest.approx(0.8, abs=0.02)
    assert (ids[chosen] == 7).mean() == pytest.approx(0.1 + 0.1 / 50, abs=0.02)
    assert (hidden["labels"].numpy()[chosen] == 7).all()


def test_adapted_encoder_is_a_normal_folder_and_a_resumed_run_gives_the_same(config, tiny_encoder):
    options = config("whole")
    history = pretrain(options)
    assert np.isfinite([entry["eval_loss"] for entry in history if "eval_loss" in entry]).all()
    assert (options.output / "loss.png").stat().st_size > 1000
    assert (
        new_checkpoint(str(options.output / "encoder"), "arabert", 0.0, 0.0, 32).model.encoder.config.hidden_size == 32
    )
    weights = load_file(options.output / "encoder" / "model.safetensors")
    start = load_file(tiny_encoder / "model.safetensors")
    assert not torch.equal(
        weights["bert.embeddings.word_embeddings.weight"], start["embeddings.word_embeddings.weight"]
    )

    again = config("again")
    pretrain(again)
    for folder in ("encoder", "checkpoint-12"):
        shutil.rmtree(again.output / folder)
    pretrain(again, resume=True)
    resumed = load_file(again.output / "encoder" / "model.safetensors")
    assert all(torch.allclose(weights[name], resumed[name], atol=1e-6) for name in weights)


def test_only_the_head_learns_at_first(config, tiny_encoder):
    options = config("head", tokens=32 * 4 * 3, head_tokens=32 * 4 * 3)
    pretrain(options)
    weights = load_file(options.output / "encoder" / "model.safetensors")
    start = load_file(tiny_encoder / "model.safetensors")
    assert all(torch.equal(weights[f"bert.{name}"], start[name]) for name in start if not name.startswith("pooler."))


def test_texts_that_are_too_short_or_missing_are_named(config, tmp_path):
    with pytest.raises(InputError, match="needs more than the 900 held out"):
        pretrain(config("short", held_out=900))
    with pytest.raises(InputError, match=r"nothing\.txt"):
        pretrain(config("missing", texts=[str(tmp_path / "nothing.txt")]))
    with pytest.raises(StanceError, match="holds no checkpoint"):
        pretrain(config("none"), resume=True)
