from hypothesis import given
from hypothesis import strategies as st

from stance.text.spelling import with_loose_final_letters, without_hamzas


def test_hamzas_and_final_letters():
    assert without_hamzas("أدان إلى الآن مؤتمر شيء") == "ادان الى الان مؤتمر شيء"
    assert with_loose_final_letters("على القرية، هذه مدرسةٌ قضى وقضاها") == "علي القريه، هذه مدرسهٌ قضي وقضاها"


def test_only_chosen_letters_change():
    turns = iter([True, False, True])
    assert without_hamzas("أ إ آ", lambda: next(turns)) == "ا إ ا"


@given(st.text(alphabet="أإآةىابه ،.\u064b\u0640x"))
def test_no_offset_moves(text):
    for change in (without_hamzas, with_loose_final_letters):
        assert len(change(text)) == len(text)
