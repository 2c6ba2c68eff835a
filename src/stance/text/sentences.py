"""Split Arabic news text into sentences, keeping the offsets into the text as given.

The rules, which ``tests/text/hard_cases.jsonl`` shows at work:

- A line end (whatever ``str.splitlines`` takes for one) always ends a sentence, so a heading needs no full stop.
- Within a line ``. ! ? ؟ ۔`` end a sentence, and closing quotation marks and brackets after them belong to it. None of
  ``، ؛ :`` does.
- With no space after it a terminator ends a sentence only before an Arabic word (``انتهى.وقال``), so decimals, dates,
  times, addresses, file names and versions stay whole, and so do domains in Arabic letters (``الجزيرة.نت``).
- The full stop of an abbreviation or an initial (``د.``, ``ق.م.``, ``إلخ.``, ``U.S.``, ``إي.إل.``) ends a sentence only
  before what opens one in news: ``و`` and a verb, or a phrase such as ``من جهته``. After a number's unit or era
  (``12 كم.``, ``809م.``) it does unless what follows continues the sentence, as below.
- A number or a letter that opens a sentence (``1.``, ``أ.``) is a list mark, and its full stop ends nothing.
- An ellipsis is a pause (``تونس.. الرئيس يقيل الوزير``): outside quotations it ends a sentence before ``و`` and a verb
  of saying, else only at the line end.
- In a quotation or a bracket of eight words or more a terminator ends a sentence; a shorter one is a title, a slogan or
  an outcry and stays whole. An opening mark that the line does not close is ignored.
- After ``.»`` the sentence ends, unless what follows continues it: a comma, a preposition, a relative, ``ثم``, or a
  verb of saying without ``و`` (``«لن نقبل.» قال الوزير``). After ``؟»`` or ``!»`` of a short quotation, and after a
  bracket that stands within a sentence, it ends only before ``و`` and a verb of saying.
- Bidi marks and other invisible characters, tatweel and diacritics change no decision.

All of it takes time linear in the length of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from stance.text.words import FORMAT_CONTROLS, MARKS

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG_QUOTATION = 8
"""A quotation or bracket of at least this many words may hold several sentences."""

_CONTROLS = "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
_MARGIN = rf"\s{_CONTROLS}{FORMAT_CONTROLS}"
_TATWEEL = "\u0640"
_TRIMMED = re.compile(rf"[^{_MARGIN}](?s:.*[^{_MARGIN}])?")
_KEPT = re.compile(rf"[^{_CONTROLS}{FORMAT_CONTROLS}{MARKS}{_TATWEEL}]+")
_SPELLING = str.maketrans("أإآٱى", "ااااي")


def _words(text: str) -> list[str]:
    return text.replace(_TATWEEL, "").translate(_SPELLING).split()


def _any_of(text: str) -> str:
    return f"(?:{'|'.join(_words(text))})"


_ABBREVIATIONS = frozenset(
    _words(
        "إلخ مج تح بروف "
        "Dr Mr Mrs Ms Mme Prof St Gen Sen Rep Gov Lt Col Capt Sgt Rev Hon Jr Sr Ph vs etc al cf ca Dept Est Inc Ltd Co "
        "Corp Bros Jan Feb Aug Sept Oct Nov Dec"
    )
)
_ABBREVIATIONS_BEFORE_NUMBERS = frozenset(_words("No Nos Art Vol Fig pp"))
_UNITS = frozenset(_words("هـ م كم كلم سم ملم مم كغ كغم كجم ملغ"))
_SPELT_OUT_LETTERS = frozenset(  # Latin initials in Arabic letters, as in "سي.إن.إن."
    _words("إيه إي بي سي دي إف جي جيه إتش آي كيه كي إل إم إن أو كيو آر إس تي يو في دبليو إكس واي زد")
)
_LONGEST_ABBREVIATION = 40

_SAYING = _any_of(
    "قال أضاف أكد أوضح أشار ذكر أعلن تابع شدد لفت صرح رأى رأت طالب دعا دعت حذر أدان نقل كتب ختم اختتم انتقد كشف أفاد "
    "اعتبر أعرب رحب نفى نفت نوه أردف استطرد جدد سأل تساءل أجاب هتف صرخ صاح ردد"
)
_FURTHER = r"من (?:جهت|جانب|ناحيت)ه[ام]?|من جهة (?:اخري|ثانية)|بدوره[ام]?|في (?:المقابل|السياق)|الي ذلك"
_STATEMENT = rf"(?:و ?{_SAYING}(?:ت|ا|وا)?|و?(?:{_FURTHER})|والجدير)\b"
_OPENS_STATEMENT = re.compile(_STATEMENT)
_OPENS_SENTENCE = re.compile(
    rf"{_STATEMENT}|و(?:[يت]\w\w+|قد|كانت?|ليست?|في)\b|(?:The|A|He|She|It|They|We|In|But|This|That)\b"
)
_CONTINUING_WORDS = _any_of(
    "من في على إلى عن مع بين حول خلال أمام بعد قبل عند منذ لدى عبر تحت ضد نحو حسب بحسب وفق وفقا بتعبير كما ردا تعليقا "
    "إشارة ثم حيث حين عندما بينما فيما إذ لأن حتى بل أو الذي التي الذين قائلا قائلة مضيفا مضيفة مؤكدا مؤكدة مشيرا "
    "مشيرة موضحا موضحة محذرا محذرة معتبرا معتبرة داعيا داعية تقريبا شمال جنوب شرق غرب فوق الموافق"
)
_CONTINUES = re.compile(rf"(?:{_SAYING}(?:ت|ا|وا)?|[يت](?:قول|ضيف|وضح|شير|تابع|تساءل|سال|ردد)|{_CONTINUING_WORDS})\b")

_STOPS = ".!?؟…۔‼⁇⁈⁉"
_STOP = re.compile(f"[{_STOPS}]")
_CONTINUING_MARKS = frozenset("،؛,;:)]" + _STOPS)
_ADDRESS = rf"(?i:https?://|www\.)[^\s<>«»\"“”،؛؟()]*[^\s<>«»\"“”،؛؟(){_STOPS}]"
_TERMINATOR = re.compile(rf"{_ADDRESS}|(?P<terminator>[{_STOPS}]+(?:\s+[{_STOPS}]+)*)")
_ELLIPSIS = re.compile(r"…|[.…][.…\s]+")
_SPACE = re.compile(r"\s*")
_OPEN_ON_THE_LEFT = frozenset(" \t\u00a0([«:،؛-/")
_OPEN_ON_THE_RIGHT = frozenset(f" \t\r\n\u00a0)]»:،؛,{_STOPS}")
_WORD = re.compile(r"[^\W_]")
_LAST_WORD = re.compile(r"(?P<number>\d ?)?(?P<word>[^\W\d_]+) ?$")
_LIST_MARK = re.compile(r"\d{1,3}|[^\W\d_]")
_FIRST_AFTER_COLON = re.compile(r":\s*[1١]$")
_AFTER_MISSING_SPACE = re.compile(r"[«\"“(]?(?!(?:نت|كوم|اورغ)\b)(?:[ء-ي]{2}|و )")
_CLOSING_MARKS = frozenset("»”\"'’)]﴾﴿")
_KINDS = dict(zip('«»﴾﴿"“”„()[]', '««﴾﴾""""(([[', strict=True))  # of the marks that come in pairs
_MARK = re.compile(rf"[{re.escape(''.join(_KINDS))}]")


@dataclass(frozen=True, slots=True)
class Piece:
    """One sentence and the white space after it: code-point offsets into the text that was split, and what is there."""

    start: int
    end: int
    text: str


def split_sentences(text: str) -> list[Piece]:
    """Cut a text into one piece a sentence; together the pieces are the text, without gap or overlap.

    White space and invisible controls end the piece before them; at the very beginning they open the first piece. Every
    piece holds a visible character, unless the whole text has none: then it is one piece. The empty text has no piece.
    """
    if not text:
        return []
    found = (_TRIMMED.search(text, start, end) for start, end in pairwise(_cuts(text)))
    starts = [match.start() for match in found if match]
    return [Piece(start, end, text[start:end]) for start, end in pairwise([0, *starts[1:], len(text)])]


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence of `text`, in order, as code-point offsets.

    White space, direction marks and other invisible controls at either side of a sentence are left out. A text of
    nothing else has no sentence.
    """
    found = (_TRIMMED.search(text, piece.start, piece.end) for piece in split_sentences(text))
    return [match.span() for match in found if match]


def _cuts(text: str) -> Iterator[int]:
    """Yield 0, every offset where a line or a sentence within a line begins, and the length of `text`."""
    offset = 0
    for line in text.splitlines(keepends=True):
        yield offset
        yield from (offset + cut for cut in _line_cuts(line))
        offset += len(line)
    yield offset


def _line_cuts(line: str) -> list[int]:
    """Return where each sentence of a line but the first begins, judged by the line's visible letters alone."""
    if not _STOP.search(line):
        return []
    runs = [match.span() for match in _KEPT.finditer(line)]
    cuts = list(_Line("".join(line[start:end] for start, end in runs).translate(_SPELLING)).cuts())
    if not cuts or runs == [(0, len(line))]:
        return cuts
    origins = [offset for run in runs for offset in range(*run)]
    return [origins[cut] for cut in cuts]


class _Line:
    """A line without invisible characters and diacritics, in one spelling of alef and ya, and its quotations.

    `opening_of` gives for the offset of a closing mark that of its opening mark. `quoted` is 1 at every offset between
    two such marks, and `whole` at those where the marks enclose fewer words than `LONG_QUOTATION`.

    The shape of a quotation mark tells little: writers mix straight and curly ones, and turn them round.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.opening_of: dict[int, int] = {}
        self.quoted = bytearray(len(text) + 1)
        self.whole = bytearray(len(text) + 1)
        unclosed: dict[str, int] = {}
        for match in _MARK.finditer(text):
            kind, offset = _KINDS[match.group()], match.start()
            if self._opens(match, is_open=kind in unclosed):
                unclosed[kind] = offset
            elif kind in unclosed:
                self._enclose(unclosed.pop(kind), offset)

    def _opens(self, mark: re.Match[str], *, is_open: bool) -> bool:
        """Tell an opening mark from a closing one: a bracket by its shape, a quotation mark by what it touches."""
        if mark.group() in "([)]":
            return mark.group() in "(["
        touches_left = mark.start() > 0 and self.text[mark.start() - 1] not in _OPEN_ON_THE_LEFT
        touches_right = mark.end() < len(self.text) and self.text[mark.end()] not in _OPEN_ON_THE_RIGHT
        return touches_right if touches_left != touches_right else not is_open

    def _enclose(self, opening: int, closing: int) -> None:
        inside = slice(opening + 1, closing)
        self.opening_of[closing] = opening
        self.quoted[inside] = b"\1" * (closing - opening - 1)
        if len(self.text[inside].split(maxsplit=LONG_QUOTATION)) < LONG_QUOTATION:
            self.whole[inside] = self.quoted[inside]

    def cuts(self) -> Iterator[int]:
        """Yield where each sentence of the line but the first begins."""
        text = self.text
        word = _WORD.search(text)
        if word is None:
            return
        last_word = next(offset for offset in range(len(text) - 1, -1, -1) if _WORD.match(text[offset]))
        for stop in _TERMINATOR.finditer(text):
            if stop["terminator"] is None or stop.start() < word.start():
                continue
            end, opening = self._past_closing_marks(stop.end())
            following = self._past_space(end)
            if following > last_word:
                return
            if self._ends_sentence(word.start(), stop, end, opening, following):
                yield following
                word = _WORD.search(text, following) or word

    def _past_space(self, offset: int) -> int:
        match = _SPACE.match(self.text, offset)
        return match.end() if match else offset

    def _past_closing_marks(self, offset: int) -> tuple[int, int | None]:
        """Return the offset after the closing marks at `offset`, and that of the last one's opening mark, if known."""
        opening = None
        while True:
            mark = self._past_space(offset)
            if mark in self.opening_of:
                opening = self.opening_of[mark]
            elif mark != offset or self.text[mark : mark + 1] not in _CLOSING_MARKS or _WORD.match(self.text, mark + 1):
                return offset, opening
            offset = mark + 1

    def _ends_sentence(self, start: int, stop: re.Match[str], end: int, opening: int | None, following: int) -> bool:
        """Tell whether a terminator within the line ends its sentence.

        Args:
            start: Offset of the sentence's first letter or digit.
            stop: The run of terminators.
            end: Offset after the closing marks that follow it.
            opening: Offset of the mark that the last of them closes; None if that is not in the line, or there is none.
            following: Offset of the next visible character.
        """
        text = self.text
        pause = _ELLIPSIS.fullmatch(stop.group()) is not None
        full_stop = stop.group() == "."
        if self.whole[end] or (pause and self.quoted[end]):
            return False
        if following == end and (pause or not _AFTER_MISSING_SPACE.match(text, end)):
            return False
        if text[following] in _CONTINUING_MARKS or (text[following].islower() and text[stop.start() - 1].isascii()):
            return False
        if full_stop and self._ends_list_mark(start, stop.start()):
            return False
        if _OPENS_STATEMENT.match(text, following):
            return True
        if pause or (opening is not None and self._stays_within(start, opening, full_stop=full_stop)):
            return False
        word, is_measure = self._word_before(start, stop.start()) if full_stop else ("", False)
        if not is_measure and _is_abbreviation(word, before_number=text[following].isdigit()):
            return _OPENS_SENTENCE.match(text, following) is not None
        if is_measure or end > stop.end():
            return not _CONTINUES.match(text, following)
        return True

    def _stays_within(self, start: int, opening: int, *, full_stop: bool) -> bool:
        """Tell whether a quotation or bracket with a terminator at its end is by rule a part of its sentence."""
        if self.text[opening] in "([":
            return opening > start
        return bool(self.whole[opening + 1]) and not full_stop

    def _ends_list_mark(self, start: int, stop: int) -> bool:
        """Tell whether the sentence so far is a list mark, or ends with the first number of a list after a colon."""
        if _LIST_MARK.fullmatch(self.text, start, stop):
            return True
        return _FIRST_AFTER_COLON.search(self.text, max(start, stop - _LONGEST_ABBREVIATION), stop) is not None

    def _word_before(self, start: int, stop: int) -> tuple[str, bool]:
        """Return the word before `stop`, if it is short, and whether it is the unit or the era of a number."""
        word = _LAST_WORD.search(self.text, max(start, stop - _LONGEST_ABBREVIATION), stop)
        if word is None:
            return "", False
        return word["word"], word["number"] is not None and word["word"] in _UNITS


def _is_abbreviation(word: str, *, before_number: bool) -> bool:
    if word in _ABBREVIATIONS_BEFORE_NUMBERS:
        return before_number
    is_initial = bool(word) and len(word.removeprefix("و")) <= 1
    return is_initial or word in _ABBREVIATIONS or word in _SPELT_OUT_LETTERS
