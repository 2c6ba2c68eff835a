"""A document in the terminal, sentence by sentence, columns from right to left as Arabic reads."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.markup import escape
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from stance.schema import Document, Entity, Frame, Prediction, Span

COLOURS = {"condemn": "red", "support": "green", "concern": "yellow"}
_ISOLATE, _END_ISOLATE = "\u2067", "\u2069"


def print_document(document: Document, console: Console | None = None) -> None:
    """Print a document: each sentence with its entities and stances; each stance with its holder, cue and target."""
    console = console or Console()
    console.print(Rule(f"[bold]{escape(document.id)}[/]"))
    for prediction in document.sentences:
        console.print(sentence_table(prediction, isolate=console.is_terminal))


def sentence_table(prediction: Prediction, isolate: bool) -> Group:
    """Lay out one sentence: its number and text, its entities, and a row for each stance.

    `isolate` wraps Arabic in directional isolates, so that a terminal which reorders it leaves the columns in place; in
    files and pipes the text stays as it is.
    """
    heading = f"{_arabic(' '.join(prediction.text.split()), isolate)}  [bold cyan]{prediction.sentence + 1}[/]"
    parts: list[Text | Table] = [Text.from_markup(heading, justify="right")]
    if prediction.entities:
        entities = "   ".join(_entity(entity, isolate) for entity in reversed(prediction.entities))
        parts.append(Text.from_markup(entities, justify="right"))
    table = Table(box=SIMPLE_HEAD, expand=True, show_header=bool(prediction.frames), padding=(0, 1))
    for name, ratio in (("target", 6), ("cue", 3), ("holder", 4), ("stance", 3)):
        table.add_column(name, justify="right", ratio=ratio, overflow="fold", header_style="dim")
    for frame in prediction.frames:
        table.add_row(*(_span(span, isolate) for span in (frame.target, frame.cue, frame.holder)), _label(frame))
    if not prediction.frames:
        table.add_row("", "", "", "[dim]no stance[/]")
    return Group(*parts, table)


def _label(frame: Frame) -> str:
    score = "" if frame.score is None else f" {frame.score:.2f}"
    return f"[bold {COLOURS.get(frame.label, 'default')}]{frame.label}[/]{score}"


def _entity(entity: Entity, isolate: bool) -> str:
    return f"[dim]{entity.label}[/] [underline]{_arabic(entity.text, isolate)}[/]"


def _span(span: Span | None, isolate: bool) -> str:
    return _arabic(span.text, isolate) if span else "[dim]-[/]"


def _arabic(text: str, isolate: bool) -> str:
    """Escape console mark-up, make control characters harmless, and isolate the text's direction."""
    safe = escape("".join(letter if letter.isprintable() or letter.isspace() else "\ufffd" for letter in text))
    return f"{_ISOLATE}{safe}{_END_ISOLATE}" if isolate else safe
