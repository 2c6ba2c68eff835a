"""The Arabic clean-up, as parts of a `tokenizers` pipeline.

The clean-up is saved inside the tokenizer, so training and inference cannot differ and every token keeps its offsets
into the raw text. It needs only the `tokenizers` package.
"""

from __future__ import annotations

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers

from stance.text.words import FORMAT_CONTROLS, MARKS

TATWEEL = "\u0640"
REMOVED = rf"[{MARKS}{FORMAT_CONTROLS}{TATWEEL}]+"
LETTERS = {"\u0671": "\u0627", "\u06cc": "\u064a", "\u06a9": "\u0643", "\u06c1": "\u0647", "\u06be": "\u0647"}
"""Letters of Persian and Urdu keyboards, and the wasla alef, to the letter that they stand for in Arabic text."""

DIGITS = {chr(zero + value): str(value) for zero in (0x0660, 0x06F0) for value in range(10)}
NOT_WORD = r"[^\p{L}\p{N}\p{M}\s]+"

# AraBERT's published preprocessing (package `arabert`, `ArabertPreprocessor` for bert-base-arabertv02).
ARABERT_REMOVED = rf"[\u064b-\u0652{TATWEEL}\ufe0f]+"
ARABERT_ELONGATION = r"(\D)(?=\1\1)"
ARABERT_REJECTED = (
    r"[^0-9\u0621-\u063A\u0640-\u066C\u0671-\u0674a-zA-Z\[\]!\"#$%'()*+,.:;\-<=·>?@\\\^_`{|}~—٪’،؟୍“؛”ۚ»\s«–…‘]"
)


def _replacements(table: dict[str, str]) -> list[normalizers.Normalizer]:
    return [normalizers.Replace(old, new) for old, new in table.items()]


def compact_normalizer() -> normalizers.Normalizer:
    """Return the clean-up of the compact encoder.

    Compatibility forms (ligatures, presentation forms, full width) become plain letters; diacritics, tatweel and
    invisible controls go; Persian letter variants and all decimal digits become one form each. Hamza stays as written.
    """
    return normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Replace(Regex(REMOVED), ""),
            *_replacements(LETTERS),
            *_replacements(DIGITS),
        ]
    )


def compact_pre_tokenizer() -> pre_tokenizers.PreTokenizer:
    """Return the split of the compact encoder: white space, runs of punctuation apart, every part begun with ``▁``."""
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Split(Regex(NOT_WORD), "isolated"),
            pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=False),
        ]
    )


def add_arabert_cleanup(tokenizer: Tokenizer) -> None:
    """Put AraBERT's published preprocessing before the tokenizer's own steps, in place, as far as offsets allow.

    Left out, because one character cannot be traced back through them: unescaping HTML entities and replacing links,
    addresses and mentions by placeholder words. What is done: diacritics and tatweel removed, digits made European,
    elongations cut to two letters, characters outside AraBERT's alphabet blanked, ``/`` written ``-``, numbers split
    from letters and brackets and punctuation from both.
    """
    cleanup: list[normalizers.Normalizer] = [
        normalizers.Replace(Regex(ARABERT_REMOVED), ""),
        *_replacements({old: new for old, new in DIGITS.items() if old < "\u06f0"}),
        normalizers.Replace(Regex(ARABERT_ELONGATION), ""),
        normalizers.Replace("/", "-"),
        normalizers.Replace(Regex(ARABERT_REJECTED), " "),
    ]
    if tokenizer.normalizer is not None:
        cleanup.append(tokenizer.normalizer)
    tokenizer.normalizer = normalizers.Sequence(cleanup)
    numbers = pre_tokenizers.Split(Regex(r"\d+"), "isolated")
    punctuation = pre_tokenizers.Split(Regex(r"[^0-9\u0621-\u063A\u0641-\u064A\u0660-\u0669a-zA-Z\s]"), "isolated")
    own = [] if tokenizer.pre_tokenizer is None else [tokenizer.pre_tokenizer]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*own, punctuation, numbers])
