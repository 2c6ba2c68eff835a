import pytest
from conftest import seed_texts

from stance.encoder.vocabulary import build_tokenizer
from stance.text.normalise import compact_normalizer


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("محمّدٌ", "محمد"),
        ("الســـلام", "السلام"),
        ("ﻻ إله", "لا إله"),
        ("ﷲ", "الله"),
        ("٢٠٢٤ و۱۹", "2024 و19"),
        ("کتاب علی", "كتاب علي"),
        ("\u202bغزة\u202c", "غزة"),
        ("إلى أمّ ٱلقرى", "إلى أم القرى"),
    ],
)
def test_clean_up(raw, clean):
    assert compact_normalizer().normalize_str(raw) == clean


def test_clean_up_of_clean_text_changes_nothing():
    clean = compact_normalizer()
    for text in seed_texts():
        once = clean.normalize_str(text)
        assert clean.normalize_str(once) == once


def test_every_part_of_a_text_begins_with_the_space_mark():
    letters = [("▁", -3.0), *((letter, -4.0) for letter in "قالنعم«».،")]
    tokenizer = build_tokenizer(
        [(name, 0.0) for name in ("<s>", "<pad>", "</s>", "<unk>")] + letters + [("<mask>", 0.0)]
    )
    assert tokenizer.encode("قال «نعم».", add_special_tokens=False).tokens == [*"▁قال", *"▁«", *"▁نعم", *"▁»."]


def test_arabert_token_ids_equal_those_after_the_published_preprocessor(tiny_encoder):
    from arabert.preprocess import ArabertPreprocessor
    from transformers import AutoTokenizer

    from stance.text.normalise import add_arabert_cleanup

    published = ArabertPreprocessor("bert-base-arabertv02")
    plain = AutoTokenizer.from_pretrained(tiny_encoder)
    ours = AutoTokenizer.from_pretrained(tiny_encoder)
    add_arabert_cleanup(ours.backend_tokenizer)
    noisy = [
        "قُتل ١٢شخصاً في ٢٠٢٤/٥ (مصادر).", "جميييييل جدااااً!!!", "الســـلام عليكم",
        "قال: «لن نقبل»... ثم غادر", "ف16 و5كم [خبر]",
    ]  # fmt: skip
    for text in seed_texts() + noisy:
        assert ours(text)["input_ids"] == plain(published.preprocess(text))["input_ids"], text


def test_arabert_clean_up_keeps_offsets_into_the_raw_text(tiny_encoder):
    from transformers import AutoTokenizer

    from stance.text.normalise import add_arabert_cleanup

    tokenizer = AutoTokenizer.from_pretrained(tiny_encoder)
    add_arabert_cleanup(tokenizer.backend_tokenizer)
    text = "وأدانَ خــاجي الهجمـات"
    encoding = tokenizer(text, return_offsets_mapping=True, add_special_tokens=False)
    assert encoding["offset_mapping"][0][0] == 0
    assert max(end for _, end in encoding["offset_mapping"]) == len(text)
