"""Choose the pieces of a multilingual unigram vocabulary that Arabic news needs, and make a tokenizer of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, models, processors

from stance.encoder.packed import PackedEncoder
from stance.text.normalise import compact_normalizer, compact_pre_tokenizer

SPACE = "▁"
BEGIN, PADDING, END, UNKNOWN, MASK = "<s>", "<pad>", "</s>", "<unk>", "<mask>"
PREFIXES = ("query", "passage")
"""Words that the source encoder saw before every text; kept so that the check against its engine can use them."""

LONGEST_LATIN = 3
FIRST_CJK = "\u2e80"
_ARABIC = re.compile(r"[\u0621-\u063a\u0641-\u064a\u066e-\u066f\u0672-\u06bf\u06c2-\u06cb\u06cd-\u06d3\u0750-\u077f]+")
_DIGITS = re.compile(r"[0-9]+")
_LATIN = re.compile(rf"[A-Za-z]{{1,{LONGEST_LATIN}}}|[À-ÖØ-öø-ÿ]")
_PUNCTUATION = re.compile(r"[^\w\s\u0600-\u0605\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]+|_+")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Pieces with their unigram scores, and for each the row of the source embedding that it takes."""

    pieces: list[tuple[str, float]]
    rows: list[int]


def is_kept(piece: str) -> bool:
    """Tell whether a piece of the source vocabulary can occur in cleaned Arabic news text."""
    body = piece.removeprefix(SPACE)
    if not body or body in PREFIXES:
        return True
    return any(kind.fullmatch(body) for kind in (_ARABIC, _DIGITS, _LATIN)) or (
        _PUNCTUATION.fullmatch(body) is not None and all(letter < FIRST_CJK for letter in body)
    )


def cut_vocabulary(source: PackedEncoder) -> Vocabulary:
    """Keep the special tokens and the pieces of Arabic script, digits, punctuation and short Latin strings.

    The pre-tokenizer begins each run of punctuation with ``▁``, also where it follows a word directly; a piece ``▁،``
    therefore takes the row of ``،``, the form that the source encoder saw there.
    """
    specials = [BEGIN, PADDING, END, UNKNOWN]
    row_of = {piece: row for row, piece in enumerate(source.pieces)}
    pieces = [(piece, 0.0) for piece in specials]
    rows = [source.begin, source.padding, source.end, source.unknown]
    for row, (piece, score) in enumerate(zip(source.pieces, source.scores, strict=True)):
        if row in rows[: len(specials)] or piece == MASK or not is_kept(piece):
            continue
        body = piece.removeprefix(SPACE)
        pieces.append((piece, score))
        attached = piece.startswith(SPACE) and _PUNCTUATION.fullmatch(body) is not None
        rows.append(row_of.get(body, row) if attached else row)
    known = {piece for piece, _ in pieces}
    for piece, score in list(pieces):
        if _PUNCTUATION.fullmatch(piece) and not piece.startswith(SPACE) and SPACE + piece not in known:
            pieces.append((SPACE + piece, score))
            rows.append(row_of[piece])
    pieces.append((MASK, 0.0))
    rows.append(row_of[MASK])
    return Vocabulary(pieces, rows)


def build_tokenizer(pieces: list[tuple[str, float]]) -> Tokenizer:
    """Make the compact encoder's tokenizer: Arabic clean-up, split, unigram pieces, ``<s> … </s>``."""
    names = [piece for piece, _ in pieces]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=names.index(UNKNOWN), byte_fallback=False))
    tokenizer.normalizer = compact_normalizer()
    tokenizer.pre_tokenizer = compact_pre_tokenizer()
    tokenizer.add_special_tokens(
        [AddedToken(name, special=True, normalized=False) for name in (BEGIN, PADDING, END, UNKNOWN, MASK)]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A {END}",
        pair=f"{BEGIN} $A {END} {END} $B {END}",
        special_tokens=[(name, names.index(name)) for name in (BEGIN, END)],
    )
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, positions: int, folder: Path) -> None:
    """Write a tokenizer of ours as `transformers` loads it."""
    from transformers import PreTrainedTokenizerFast

    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=positions, bos_token=BEGIN, cls_token=BEGIN, eos_token=END,
        sep_token=END, pad_token=PADDING, unk_token=UNKNOWN, mask_token=MASK, clean_up_tokenization_spaces=False,
    ).save_pretrained(folder)  # fmt: skip
