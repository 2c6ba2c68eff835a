import numpy as np
import pytest
from conftest import SEED_SENTENCES
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import f1_score

from stance.evaluation.lexicon import lexicon_analysis
from stance.evaluation.metrics import measure
from stance.formats.jsonl import read_sentences
from stance.model.decode import Analysis
from stance.model.tags import decode_tags, encode_spans, tag_names
from stance.schema import ENTITY_TYPES, Entity, Frame, Sentence, Span

TEXT = "x" * 100


def span(start, end):
    return Span(start, end, TEXT[start:end])


def sentence(entities=(), frames=()):
    return Sentence("s", TEXT, tuple(Entity(a, b, TEXT[a:b], label) for a, b, label in entities), tuple(frames))


def frame(label, cue, holder=None, target=None):
    return Frame(label, span(*cue), span(*holder) if holder else None, span(*target) if target else None)


def test_perfect_predictions_measure_one():
    gold = list(read_sentences(SEED_SENTENCES))
    values = measure(gold, gold)
    assert {name for name, figure in values.items() if figure.value < 1} <= {"entity_ORG", "entity_macro_f1"}


def test_hand_computed_entities_and_stances():
    gold = [
        sentence([(0, 2, "PER"), (5, 8, "LOC")], [frame("condemn", (10, 12)), frame("support", (20, 22))]),
        sentence([(0, 2, "ORG")], []),
    ]
    found = [
        sentence([(0, 2, "PER"), (5, 7, "LOC")], [frame("condemn", (10, 12))]),
        sentence([(0, 2, "LOC")], [frame("condemn", (3, 4))]),
    ]
    values = {name: figure.value for name, figure in measure(gold, found).items()}
    assert values["entity_f1"] == pytest.approx(2 * 1 / (2 * 1 + 2 + 2))
    assert values["entity_PER"] == 1
    assert values["entity_LOC"] == 0
    assert values["condemn_precision"] == 0.5
    assert values["condemn_recall"] == 1
    assert values["condemn"] == pytest.approx(2 / 3)
    assert values["stance_macro_f1"] == pytest.approx(2 / 9)
    assert values["exact_set"] == 0


def test_hand_computed_roles_by_overlap():
    gold = [sentence(frames=[frame("condemn", (0, 4), (10, 20), (30, 50))])]
    found = [sentence(frames=[frame("condemn", (0, 4), (15, 20), (40, 60))])]
    values = {name: figure.value for name, figure in measure(gold, found).items()}
    assert values["cue_f1"] == values["cue_overlap_f1"] == 1
    assert values["holder_f1"] == 0
    assert values["holder_overlap_f1"] == pytest.approx(2 * 5 / (2 * 5 + 0 + 5))
    assert values["target_overlap_f1"] == pytest.approx(2 * 10 / (2 * 10 + 10 + 10))
    # holder shares 5 of 10 characters of the union (enough), target 10 of 30 (not enough)
    assert values["frame_f1"] == 0


@pytest.mark.parametrize(
    ("found", "right"),
    [
        (frame("condemn", (3, 9), (10, 20), (30, 50)), 1),
        (frame("support", (0, 4), (10, 20), (30, 50)), 0),
        (frame("condemn", (4, 9), (10, 20), (30, 50)), 0),
        (frame("condemn", (0, 4), (15, 20), (40, 50)), 1),
        (frame("condemn", (0, 4), None, (30, 50)), 0),
        (frame("condemn", (0, 4), (10, 20), (41, 50)), 0),
    ],
)
def test_when_a_frame_is_right(found, right):
    gold = [sentence(frames=[frame("condemn", (0, 4), (10, 20), (30, 50))])]
    assert measure(gold, [sentence(frames=[found])])["frame_f1"].value == right


def test_a_frame_is_used_once():
    gold = [sentence(frames=[frame("condemn", (0, 4)), frame("condemn", (0, 4))])]
    assert measure(gold, [sentence(frames=[frame("condemn", (0, 4))])])["frame_f1"].value == pytest.approx(2 / 3)


@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(0, 8), min_size=12, max_size=12), st.lists(st.integers(0, 8), min_size=12, max_size=12)
        ),
        min_size=1,
        max_size=6,
    )
)
def test_entity_f1_equals_seqeval(pairs):
    names = tag_names(ENTITY_TYPES)

    def spans(tags):
        return [(a, b, ENTITY_TYPES[label]) for a, b, label in decode_tags(tags)]

    def valid(tags):
        return [names[tag] for tag in encode_spans(12, decode_tags(tags))]

    gold, found = [sentence(spans(a)) for a, _ in pairs], [sentence(spans(b)) for _, b in pairs]
    expected = f1_score([valid(a) for a, _ in pairs], [valid(b) for _, b in pairs], zero_division=0)
    assert measure(gold, found)["entity_f1"].value == pytest.approx(float(expected))


def test_bootstrap_interval_holds_the_value_and_is_repeatable():
    gold = list(read_sentences(SEED_SENTENCES))
    found = [lexicon_analysis(s.text) for s in gold]
    one, other = measure(gold, found, 200, seed=5), measure(gold, found, 200, seed=5)
    assert one == other
    figure = one["exact_set"]
    assert figure.low <= figure.value <= figure.high
    assert figure.low < figure.high
    assert measure(gold, found, 200, seed=6)["exact_set"].value == figure.value


def test_different_numbers_are_refused():
    with pytest.raises(ValueError, match="needs as many"):
        measure([sentence()], [])


def test_metric_module_of_the_evaluate_library_agrees():
    from stance.evaluation.module import StanceMetric

    gold = [s.to_dict() for s in read_sentences(SEED_SENTENCES)]
    found = [record | {"entities": record["entities"][:1], "stances": record["stances"][:1]} for record in gold]
    keep = ("text", "entities", "stances")
    strip = [[{key: record[key] for key in keep} for record in records] for records in (found, gold)]
    values = StanceMetric().compute(predictions=strip[0], references=strip[1])
    expected = measure(list(read_sentences(SEED_SENTENCES)), [_analysis(record) for record in found])
    assert values == {name: pytest.approx(figure.value) for name, figure in expected.items()}
    assert np.isfinite(list(values.values())).all()


def _analysis(record):
    from stance.schema import sentence_from_dict

    read = sentence_from_dict(record, "x")
    return Analysis(read.entities, {}, tuple(read.labels), read.frames)


def test_lexicon_knows_a_negated_stance():
    assert lexicon_analysis("أدانت الجامعة الهجوم").labels == ("condemn",)
    assert lexicon_analysis("لم تدن الجامعة الهجوم").labels == ()
