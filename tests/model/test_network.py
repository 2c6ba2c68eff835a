import numpy as np
import pytest
import torch
from conftest import SEED_SENTENCES, seed_texts

from stance.errors import StanceError
from stance.formats.jsonl import read_sentences
from stance.model.analyse import analyse
from stance.model.checkpoint import load_checkpoint, new_checkpoint
from stance.model.scoring import score_windows
from stance.schema import Sentence
from stance.training.data import collate, make_examples


@pytest.fixture(scope="module")
def checkpoint(tiny_checkpoint):
    return load_checkpoint(tiny_checkpoint)


def batch_of(checkpoint, sentences):
    return collate([one for windows in make_examples(sentences, checkpoint.features()) for one in windows], 0)


def test_saved_and_loaded_checkpoint_scores_the_same(checkpoint, tmp_path):
    checkpoint.save(tmp_path / "copy")
    again = load_checkpoint(tmp_path / "copy")
    assert analyse(checkpoint, seed_texts()) == analyse(again, seed_texts())
    assert {path.suffix for path in (tmp_path / "copy").iterdir()} <= {".json", ".safetensors"}


def test_scores_do_not_depend_on_the_batch(checkpoint):
    windows = [window for feature in checkpoint.features()(seed_texts()) for window in feature.windows]
    alone = score_windows(checkpoint.model, windows, token_budget=1)
    together = score_windows(checkpoint.model, windows, token_budget=100_000)
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one.entities, other.entities, atol=1e-3, rtol=1e-3)
        np.testing.assert_allclose(one.stances, other.stances, atol=1e-3, rtol=1e-3)
        for unit in one.roles.keys() & other.roles.keys():
            np.testing.assert_allclose(one.roles[unit], other.roles[unit], atol=2e-2, rtol=1e-3)


def test_layers_that_a_corpus_does_not_carry_cost_nothing(checkpoint):
    only_entities = [Sentence("a", "زار عمر المختار طرابلس", layers=frozenset({"entities"}))]
    losses = checkpoint.model(**batch_of(checkpoint, only_entities)).losses
    assert losses["entities"] > 0
    assert losses["cues"] == losses["stances"] == losses["roles"] == 0


def test_each_head_learns_from_its_own_layer(tiny_encoder):
    checkpoint = new_checkpoint(str(tiny_encoder), "arabert", 0.0, 0.0, 64)
    sentences = list(read_sentences(SEED_SENTENCES))
    losses = checkpoint.model(**batch_of(checkpoint, sentences)).losses
    assert all(loss > 0 for loss in losses.values())
    checkpoint.model.zero_grad()
    losses["roles"].backward()
    assert checkpoint.model.roles.null.grad.abs().sum() > 0
    assert checkpoint.model.entities[0].weight.grad is None


def test_training_scores_of_a_cue_equal_those_of_prediction(checkpoint):
    """The loss reads the pointers of the gold cue's units as prediction does of the cue it found."""
    sentence = next(s for s in read_sentences(SEED_SENTENCES) if len(s.frames) == 1)
    batch = batch_of(checkpoint, [sentence])
    loss = checkpoint.model(**batch).losses["roles"]
    names = ("input_ids", "attention_mask", "unit_tokens", "unit_mask")
    roles = checkpoint.model(**{name: batch[name] for name in names}).role_logits[0]
    start, end = batch["frame_cue"][0].tolist()
    expected = torch.nn.functional.cross_entropy(roles[start:end].mean(0)[:4], batch["frame_pointers"][0])
    assert loss.item() == pytest.approx(expected.item(), rel=1e-3)


@pytest.mark.parametrize("encoder", ["aubmindlab/no-such-encoder", "/nowhere/at/all"])
def test_an_encoder_that_cannot_be_had_names_the_two_ways_on(encoder):
    with pytest.raises(StanceError) as caught:
        new_checkpoint(encoder, "arabert", 0.0, 0.1, 64)
    assert "--set encoder=FOLDER" in str(caught.value)
    assert "--config configs/compact.yaml" in str(caught.value)


def test_a_folder_that_is_no_checkpoint(tmp_path):
    with pytest.raises(StanceError, match="not a checkpoint folder"):
        load_checkpoint(tmp_path)
