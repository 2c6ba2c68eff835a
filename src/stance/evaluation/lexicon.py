"""The baseline that a model must beat: a list of stance words, matched on words without diacritics and hamza.

It knows no syntax except one rule: a word right after a negation does not count. It finds cues, no other roles.
"""

from __future__ import annotations

import re

from stance.model.decode import Analysis
from stance.schema import STANCES, Frame, Span
from stance.text.words import FORMAT_CONTROLS, MARKS, split_units

_STEMS = {
    "condemn": (
        "ا?دان(?:ت|وا)?", "[يتن]دين(?:ون|ان)?", "(?:ال|لل?)?ادان(?:ه|ته|تها|تهم|تنا|ات)", "مدينا",
        "[يتن]?استنكر(?:ت|وا)?", "[يتن]ستنكر(?:ون)?", "(?:ال|لل?)?استنكار(?:ا|ه|ها|هم|نا)?",
        "مستنكر(?:ا|ه|ين)?", "[يتن]?ندد(?:ت|وا|ون)?", "(?:ال|لل?)?تنديد(?:ا|ه|ها)?", "(?:ال)?مندد(?:ا|ه|ين)?",
        "[يتن]?شجب(?:ت|وا|ون)?", "[يتن]?نتقد(?:ت|وا|ون)?", "انتقد(?:ت|وا)?", "انتقاد(?:ا|ه|ها|هم|ات)?",
        "انتقاداته?ا?", "منتقد(?:ا|ه|ين)?", "[يتن]?رفض(?:ت|وا|ون|ه|ها|هم|نا)?", "رافض(?:ا|ه|ين|ون)?",
        "[يتن]?عارض(?:ت|وا|ون)?", "معارض(?:ا|ته|تها|تهم|تنا)", "احتج(?:ت|وا)?", "[يتن]حتج(?:ون)?",
        "احتجاج(?:ا|ه|ها|هم|ات)?", "محتج(?:ين|ون|ا)?", "[يتن]?تهم(?:ت|وا|ون|ه|ها|هم)?", "اتهم(?:ت|وا|ه|ها)?",
        "اتهام(?:ا|ه|ها|هم|ات|اته|اتها)?", "متهم(?:ا|ه)", "[يتن]?هاجم(?:ت|وا)?", "استهجن(?:ت|وا)?",
        "استهجان(?:ه|ها)?", "[يتن]?ستهجن", "تظاهر(?:وا)", "حمل(?:ت|وا)(?= المسوول)",
    ),
    "support": (
        "[يتن]?دعم(?:ت|وا|ون|ان|ه|ها|هم|نا|ا)?", "لدعم", "(?:ال)?داعم(?:ا|ه|ين|ون)?", "[يتن]ويد(?:ون|ان)?",
        "ايد(?:ت|وا)?", "تاييد(?:ا|ه|ها|هم|نا)?", "(?:ال)?مويد(?:ا|ه|ين|ون)?", "[يتن]?رحب(?:ت|وا|ون|نا)?",
        "ترحيب(?:ا|ه|ها|هم|نا)?", "مرحب(?:ا|ه|ين)?", "[يت]?شيد(?:ون)?", "نشيد", "اشاد(?:ت|وا|ه)?",
        "مشيد(?:ا|ه|ين)?", "اشاده", "ي?تضامن(?:ا|ه|ها|هم|نا|ت|وا)?", "(?:ال)?متضامن(?:ا|ه|ين)?",
        "[يتن]?ساند(?:ت|وا|ه)?", "مسانده|مساندته|مساندتها", "[يتن]?ثمن(?:ت|وا)", "[يتن]ثمن", "مثمن(?:ا|ه|ين)?",
        "[يتن]?بارك(?:ت|وا)", "[يتن]بارك", "[يتن]?وافق(?:ت|وا|ون)?", "موافقته|موافقتها", "وقوف(?:ها|ه|نا|هم)?",
        "اثن[يت]", "[يتن]قف(?:ون)?(?= الي جانب)", "نصره", "هنا(?:ت|وا)", "تهنيته|تهنيتها",
    ),
    "concern": (
        "قلق(?:ا|ه|ها|هم|نا)?", "قلقون", "[يت]قلق", "[يتن]?حذر(?:ت|وا|ون)?", "محذر(?:ا|ه|ين)?",
        "تحذير(?:ا|ه|ها|هم|ات|اته|اتها)?", "[يتن]?خشي(?:ت)?", "[يتن]خشون", "[يتن]خشي",
        "خشيه|خشيته|خشيتها|خشيتهم", "تخوف(?:ا|ت|وا|ه|ها|هم|ات)?", "متخوف(?:ا|ه|ين)?", "مخاوف(?:ه|ها|هم|نا)?",
        "منبه(?:ا|ه|ين)", "نبه(?:ت|وا)?", "[يتن]خاف(?:ون)?", "توجس(?:ه|ها|ت)?", "هواجس",
    ),
}  # fmt: skip
_NEGATIONS = frozenset({"لم", "لا", "لن", "عدم", "دون", "ليس", "نفي", "نفت", "ما", "سحب", "سحبت"})
_PROCLITICS = "[وف]?ب?"
_PATTERNS = {label: re.compile(f"{_PROCLITICS}(?:{'|'.join(stems)})") for label, stems in _STEMS.items()}
_FOLDED = str.maketrans("أإآٱىئؤة", "ااااييوه")
_DELETED = re.compile(rf"[{MARKS}{FORMAT_CONTROLS}\u0640]")


def lexicon_analysis(text: str) -> Analysis:
    """Return what the word list finds in a sentence: stances of probability 1 or 0, a frame for each first cue."""
    units, is_word = split_units(text)
    words = [unit for unit, word in zip(units, is_word, strict=True) if word]
    frames: dict[str, Frame] = {}
    previous = ""
    for start, end in words:
        word = _DELETED.sub("", text[start:end]).translate(_FOLDED)
        if previous.lstrip("وف") not in _NEGATIONS and previous not in _NEGATIONS:
            for label, pattern in _PATTERNS.items():
                if label not in frames and pattern.fullmatch(word):
                    frames[label] = Frame(label, Span(start, end, text[start:end]))
        previous = word
    labels = tuple(label for label in STANCES if label in frames)
    stances = {label: float(label in frames) for label in STANCES}
    return Analysis((), stances, labels, tuple(frames[label] for label in labels))
