import numpy as np
import pytest
from conftest import seed_texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from stance.errors import StanceError
from stance.model.features import FeatureExtractor

NOISE = (
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويأإآةىؤئء"
    + "\u064b\u064e\u0651\u0640" * 3
    + "\u200f\u202b\u200d\ufeff\u061c"
    + "ﻻﷲﺍﻟ😀«»،.؟!\"'()-_  \t\n0٠۹Aé\x00"
)


@pytest.fixture(scope="module")
def extractor(tiny_encoder):
    return FeatureExtractor(Tokenizer.from_file(str(tiny_encoder / "tokenizer.json")), 64)


def test_units_point_at_their_first_token(extractor):
    (features,) = extractor(["وأدان خاجي الهجمات، محذرا."])
    (window,) = features.windows
    assert window.input_ids[0] == 2 and window.input_ids[-1] == 3
    assert len(window.unit_tokens) == len(features.units) == 6
    assert window.unit_tokens == sorted(set(window.unit_tokens))


def test_span_to_units_snaps_to_whole_words(extractor):
    (features,) = extractor(["قال «غزة، ولبنان» اليوم"])
    assert features.unit_range(5, 8) == (2, 3)
    assert features.unit_range(4, 17) == (2, 5)
    assert features.unit_range(6, 7) == (2, 3)
    assert features.unit_range(8, 9) is None


def test_a_unit_that_the_clean_up_deletes_is_left_out():
    from stance.encoder.vocabulary import build_tokenizer

    letters = [("▁", -3.0), *((letter, -4.0) for letter in "كتابن")]
    pieces = [(name, 0.0) for name in ("<s>", "<pad>", "</s>", "<unk>")] + letters + [("<mask>", 0.0)]
    extractor = FeatureExtractor(build_tokenizer(pieces), 64)
    (features,) = extractor(["كتاب ـــ كُتُبٌ"])
    assert features.units.tolist() == [[0, 4], [9, 15]]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(seed_texts()[2].split()), min_size=1, max_size=300))
def test_long_text_is_read_whole_in_overlapping_windows(extractor, words):
    text = " ".join(words)
    (features,) = extractor([text])
    read = set()
    for window in features.windows:
        assert len(window.input_ids) <= 64
        assert all(0 < token < len(window.input_ids) - 1 for token in window.unit_tokens)
        read |= set(range(window.first_unit, window.first_unit + len(window.unit_tokens)))
    assert read == set(range(len(features.units)))
    for one, other in zip(features.windows, features.windows[1:], strict=False):
        assert one.first_unit < other.first_unit <= one.first_unit + len(one.unit_tokens)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(st.text(alphabet=NOISE, max_size=80))
def test_noise_never_breaks_the_alignment(extractor, text):
    (features,) = extractor([text])
    assert (np.diff(features.units[:, 0]) > 0).all()
    assert sum(len(window.unit_tokens) for window in features.windows) >= len(features.units)


def test_an_encoder_that_reads_too_little_is_refused(tiny_encoder):
    with pytest.raises(StanceError, match="at least 18"):
        FeatureExtractor(Tokenizer.from_file(str(tiny_encoder / "tokenizer.json")), 10)
