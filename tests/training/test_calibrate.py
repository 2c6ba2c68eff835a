import numpy as np
import pytest

from stance.evaluation.confidence import confidence
from stance.model.analyse import Scored
from stance.model.calibration import Calibration
from stance.model.decode import WindowScores
from stance.model.features import FeatureExtractor
from stance.schema import STANCES, Entity, Frame, Sentence, Span
from stance.training.calibrate import fit_calibration, read_cross_validated

TEXT = "أدان خاجي الهجوم على المدينة"
COUNT = 400
TEMPERATURES = (3.0, 1.0, 0.5)


@pytest.fixture(scope="module")
def scored_and_gold(tiny_encoder):
    """Scores whose true temperatures are known: the truth is drawn from the logits divided by them."""
    from transformers import AutoTokenizer

    extractor = FeatureExtractor(AutoTokenizer.from_pretrained(tiny_encoder).backend_tokenizer, 64)
    (features,) = extractor([TEXT])
    units = len(features.units)
    random = np.random.default_rng(0)
    gold, scored = [], []
    for number in range(COUNT):
        stances = random.normal(0, 3, 3)
        labels = [
            label for label, logit, temperature in zip(STANCES, stances, TEMPERATURES, strict=True)
            if random.random() < 1 / (1 + np.exp(-logit / temperature))
        ]  # fmt: skip
        entities = np.zeros((units, 9), np.float32)
        entities[:, 0] = 30.0
        is_person = random.random() < 0.75
        entities[1, 1] = 30 + 2 * np.log(3)  # twice the log-odds of 3 to 1: the true temperature is 2
        cues = np.zeros((units, 7), np.float32)
        cues[0, [1, 3, 5]] = 2.0
        roles = np.zeros((units, 6, 1 + units), np.float32)
        frames = tuple(Frame(label, Span(0, 4, "أدان")) for label in labels)
        people = (Entity(5, 9, "خاجي", "PER"),) if is_person else ()
        gold.append(Sentence(str(number), TEXT, people, frames))
        scored.append(Scored(TEXT, features, [WindowScores.of(entities, cues, stances, roles)]))
    return scored, gold


def test_temperatures_of_the_stances_are_found(scored_and_gold):
    scored, gold = scored_and_gold
    found = fit_calibration(gold, scored).stance_temperatures
    assert np.allclose(np.log(found), np.log(TEMPERATURES), atol=0.35)


def test_calibrated_scores_are_nearer_to_the_truth_also_across_folds(scored_and_gold):
    scored, gold = scored_and_gold
    before = confidence(gold, [one.read(Calibration()) for one in scored])
    after = confidence(gold, read_cross_validated(gold, scored))
    assert after.heads["condemn"].error < before.heads["condemn"].error
    assert after.heads["frames"].error < before.heads["frames"].error
    assert after.heads["entities"].error < before.heads["entities"].error
    assert after.heads["stances"].error < 0.05


def test_labels_obey_the_thresholds(scored_and_gold):
    scored, _ = scored_and_gold
    for one in scored[:50]:
        reading = one.read(Calibration(thresholds=(0.9, 0.1, 0.5)))
        expected = [
            label for label, limit in zip(STANCES, (0.9, 0.1, 0.5), strict=True) if reading.stances[label] >= limit
        ]
        assert list(reading.labels) == expected


def test_a_threshold_moves_only_where_that_is_surely_better(scored_and_gold):
    scored, gold = scored_and_gold
    assert fit_calibration(gold, scored).thresholds == (0.5, 0.5, 0.5)
    strict = [
        Sentence(one.id, TEXT, (), tuple(Frame(label, Span(0, 4, "أدان")) for label in _at_least(found, 2.0)))
        for one, found in zip(gold, scored, strict=True)
    ]
    assert min(fit_calibration(strict, scored).thresholds) > 0.55


def _at_least(scored, bar):
    logits = scored.windows[0].stances
    return [label for label, logit in zip(STANCES, logits, strict=True) if logit >= bar]


def test_a_sentence_is_never_read_under_what_its_own_answer_decided(scored_and_gold):
    """The reading of a sentence stays the same whatever its own annotation says."""
    scored, gold = scored_and_gold
    readings = read_cross_validated(gold, scored)
    other = Sentence(gold[7].id, TEXT, (), () if gold[7].frames else (Frame("condemn", Span(0, 4, "أدان")),))
    again = read_cross_validated([*gold[:7], other, *gold[8:]], scored)
    assert again[7] == readings[7]


def test_layers_without_annotation_stay_neutral(scored_and_gold):
    scored, gold = scored_and_gold
    bare = [Sentence(one.id, one.text, one.entities, layers=frozenset({"entities"})) for one in gold]
    found = fit_calibration(bare, scored)
    assert found.entity_temperature != 1.0
    assert (found.stance_temperatures, found.thresholds) == ((1.0,) * 3, (0.5,) * 3)
    assert (found.frame_slope, found.frame_bias) == (1.0, 0.0)


def test_few_sentences_are_read_as_they_are(scored_and_gold):
    scored, gold = scored_and_gold
    assert read_cross_validated(gold[:9], scored[:9]) == [one.read(Calibration()) for one in scored[:9]]


def test_calibration_file_comes_back_whole(tmp_path):
    calibration = Calibration(1.5, (1.1, 2.0, 0.7), (0.4, 0.5, 0.6), 0.4, -0.2)
    calibration.save(tmp_path)
    assert Calibration.load(tmp_path) == calibration
