import numpy as np
import pytest
import torch
from conftest import SEED_SENTENCES

from stance.formats.jsonl import read_sentences
from stance.model.checkpoint import load_checkpoint
from stance.training.data import collate, make_examples
from stance.training.teachers import ask_teachers, collate_answers, soft_losses


@pytest.fixture(scope="module")
def asked(tiny_checkpoint):
    checkpoint = load_checkpoint(tiny_checkpoint)
    sentences = list(read_sentences(SEED_SENTENCES))
    examples = make_examples(sentences, checkpoint.features())
    answers = ask_teachers([tiny_checkpoint, tiny_checkpoint], [sentence.text for sentence in sentences], examples)
    return checkpoint, [one for row in examples for one in row], [one for row in answers for one in row]


def losses_of(checkpoint, examples, answers):
    batch = collate(examples, 0)
    return soft_losses(checkpoint.model(**batch), collate_answers(answers, examples), batch["unit_mask"])


def test_answers_are_probabilities_for_every_unit_and_frame(asked):
    _, examples, answers = asked
    for example, answer in zip(examples, answers, strict=True):
        units, frames = len(example.window.unit_tokens), len(example.target.frames)
        assert answer.entities.shape == (units, 9) and answer.cues.shape == (units, 7)
        assert answer.pointers.shape == (frames, 4, 1 + units) and answer.extents.shape == (frames, 2, units)
        np.testing.assert_allclose(answer.entities.sum(-1), 1, atol=1e-4)
        known = answer.pointers[answer.pointers[:, 0, 0] >= 0]
        np.testing.assert_allclose(known.sum(-1), 1, atol=1e-4)


def test_nobody_agrees_better_with_a_teacher_than_itself(asked):
    """Cross-entropy is least where the student answers as the teacher does: there its gradient is zero."""
    checkpoint, examples, answers = asked
    checkpoint.model.zero_grad()
    losses = losses_of(checkpoint, examples, answers)
    assert set(losses) == {"entities", "cues", "stances", "roles", "extents"}
    losses["entities"].backward()
    own = max(parameter.grad.abs().max() for parameter in checkpoint.model.entities.parameters())
    checkpoint.model.zero_grad()
    torch.stack(list(checkpoint.model(**collate(examples, 0)).losses.values())).sum().backward()
    hard = max(parameter.grad.abs().max() for parameter in checkpoint.model.entities.parameters())
    assert own < 1e-3 * hard


def test_windows_without_an_answer_count_for_nothing(asked):
    checkpoint, examples, answers = asked
    alone = losses_of(checkpoint, examples[:4], answers[:4])
    beside = losses_of(checkpoint, examples[:6], [*answers[:4], None, None])
    for name in alone:
        assert beside[name].item() == pytest.approx(alone[name].item(), rel=1e-3), name


def test_a_batch_without_any_answer_has_none(asked):
    _, examples, _ = asked
    assert collate_answers([None, None], examples[:2]) == {}
