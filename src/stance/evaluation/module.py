"""The measures as a metric module of the `evaluate` library, kept here because hub scripts need a network."""

from __future__ import annotations

from typing import Any

import datasets
import evaluate

from stance.evaluation.metrics import measure
from stance.schema import sentence_from_dict

_SPAN = {"start": datasets.Value("int64"), "end": datasets.Value("int64")}
_RECORD = {
    "text": datasets.Value("string"),
    "entities": datasets.List({**_SPAN, "label": datasets.Value("string")}),
    "stances": datasets.List(
        {
            "label": datasets.Value("string"),
            **{role: datasets.List(datasets.Value("int64")) for role in ("cue", "holder", "target")},
        }
    ),
}


class StanceMetric(evaluate.Metric):  # type: ignore[misc]
    """`evaluate.Metric` over annotated records: `compute(predictions=..., references=...)`.

    Both sides are records as annotated data has them: text, entities, stances with cue, holder and target as
    [start, end] or None. The result is a dictionary of figures between 0 and 1.
    """

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description="Entities, stances, roles and frames of Arabic news sentences.",
            citation="",
            inputs_description=self.__doc__ or "",
            features=datasets.Features({"predictions": _RECORD, "references": _RECORD}),
        )

    def _compute(self, predictions: list[dict[str, Any]], references: list[dict[str, Any]]) -> dict[str, float]:
        gold = [sentence_from_dict(record, str(number)) for number, record in enumerate(references)]
        found = [sentence_from_dict(record, str(number)) for number, record in enumerate(predictions)]
        return {name: figure.value for name, figure in measure(gold, found).items()}
