"""The `predict` command: inputs to predictions, with progress and counts; nothing lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from stance.inference.predictor import DOCUMENTS_AT_ONCE, Predictor
from stance.inference.sinks import RejectedFile, open_sink
from stance.inference.sources import Columns, Record, Rejected, Unit, find_inputs, read_inputs
from stance.schema import Document


@dataclass(slots=True)
class Counts:
    """What a run did."""

    documents: int = 0
    sentences: int = 0
    rejected: int = 0


def predict_inputs(
    inputs: Sequence[str], output: Path | None, model: str | None, columns: Columns, unit: Unit
) -> Counts:
    """Read all inputs, analyse them and write the predictions.

    What cannot be read is told on standard error, counted, and written beside the output.

    Raises:
        InputError: an input does not exist, or the output cannot be written.
        StanceError: the model cannot be loaded.
    """
    console = Console(stderr=True)
    names = find_inputs(inputs)
    counts = Counts()
    predictor = Predictor.load(model)
    progress = Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console,
                        transient=True, disable=not console.is_terminal)  # fmt: skip
    with open_sink(output) as sink, progress:
        task = progress.add_task("reading")
        rejected = RejectedFile(output)
        items = read_inputs(names, columns, unit, partial(_tell, console))
        accepted = _set_aside(items, rejected, console)
        for document in _documents(predictor, accepted, unit):
            sink.write(document)
            counts.documents += 1
            counts.sentences += len(document)
            progress.update(task, description=f"{counts.documents:,} texts, {counts.sentences:,} sentences")
    counts.rejected = rejected.count
    _tell_counts(console, counts, output, rejected)
    return counts


def _set_aside(items: Iterable[Record | Rejected], rejected: RejectedFile, console: Console) -> Iterator[Record]:
    for item in items:
        if isinstance(item, Record):
            yield item
        else:
            rejected.add(item)
            _tell(console, f"{item.place}: set aside: {item.reason}")


def _documents(predictor: Predictor, records: Iterator[Record], unit: Unit) -> Iterator[Document]:
    if unit == "document":
        yield from predictor.stream((record.id, record.text) for record in records)
        return
    while batch := list(islice(records, DOCUMENTS_AT_ONCE)):
        predictions = predictor.predict([record.text for record in batch])
        for record, prediction in zip(batch, predictions, strict=True):
            yield Document(record.id, (prediction.of(record.id),))


def _tell_counts(console: Console, counts: Counts, output: Path | None, rejected: RejectedFile) -> None:
    where = "" if output is None else f" written to {output}"
    line = f"{counts.documents:,} texts, {counts.sentences:,} sentences{where}"
    if counts.rejected:
        beside = "" if rejected.path is None else f" (see {rejected.path})"
        line += f"; {counts.rejected:,} set aside{beside}"
    _tell(console, line)


def _tell(console: Console, line: str) -> None:
    console.print(f"stance: {line}", markup=False, highlight=False, soft_wrap=True)
