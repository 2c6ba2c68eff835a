from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from stance.model.tags import decode_tags, encode_spans, tag_count, tag_names


@st.composite
def flat_spans(draw):
    borders = sorted(draw(st.sets(st.integers(0, 30), max_size=14)))
    pairs = list(zip(borders[::2], borders[1::2], strict=False))
    return [(a, b, draw(st.integers(0, 3))) for a, b in pairs]


@given(flat_spans())
def test_round_trip(spans):
    assert decode_tags(encode_spans(30, spans)) == spans


@given(st.lists(st.integers(0, tag_count("abcd") - 1), max_size=20))
def test_any_tags_are_read_as_seqeval_reads_them(tags):
    names = tag_names(["a", "b", "c", "d"])
    expected = [
        (start, end + 1, "abcd".index(label)) for label, start, end in get_entities([names[tag] for tag in tags])
    ]
    assert decode_tags(tags) == expected


def test_of_overlapping_spans_the_first_is_kept():
    assert decode_tags(encode_spans(6, [(1, 4, 0), (3, 6, 1)])) == [(1, 4, 0)]
