"""The card of a released model, made from its run and its figures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stance.evaluation.behaviour import Rate
from stance.evaluation.run import Evaluation, interval, per_cent

_TEXT = """\
---
language: ar
license: other
library_name: stance
pipeline_tag: token-classification
---
# {name}

Reads a sentence of Arabic news and gives its entities (PER, LOC, ORG, MISC), the stances that it expresses (condemn,
support, concern), and for each stance its holder, the words that express it (cue) and its target.

    import stance
    stance.load().predict(["..."])

## Data

{data}

Chosen by {dev_sentences} other sentences (`{dev}`, sha256 {dev_hash}); none of them was trained on.

**How the labels were made.** The stance sentences were annotated after data/guidelines.md by a large language model
that read each sentence; no human annotator has read them. Where two such annotations were compared they agree very
highly, and that agreement may flatter: two readings by models of one kind share their mistakes.

**What the licences allow.** The code is Apache-2.0. Part of the text that the weights were trained on is for
non-commercial use (SaudiNewsNet, CC BY-NC-SA 4.0) or states no licence; ANERcorp is CC BY-SA 4.0. Treat the weights as
for research and non-commercial use unless you have cleared this for yourself. The package holds none of that text.

## Figures

On {sentences} dev sentences (sha256 {dev_hash}), by the weights as released; in per cent, with 95 % intervals from
{resamples} bootstrap samples (seed {seed}). The dev set chose the best epoch, so expect a little less on new text.

{figures}

## Confidence

Expected calibration error (ten bins, in per cent), under calibrations fitted on other sentences: {errors}.
The surest sentences: {selective}.

![Reliability of the scores, and accuracy over coverage](confidence.png)

## Behaviour

How often stances come out wrong, in per cent, on near pairs (a pair fails where either sentence does), and how often
they change under changes that leave the meaning alone (on the dev sentences); counts are in behaviour.json.

{behaviour}

## Limits

- Modern Standard Arabic news on politics; dialect, social media, sport, reviews and religion were not measured.
- One sentence at a time: a holder or target named only in another sentence is not found.
- Irony, and stances that follow only from knowledge of the world, are not found.
- Routine of courts, firms and sport is often taken for a stance, and a denied or withdrawn stance for one that is held.
- MISC entities and stances of rare wording are the weakest; look at the scores.
- A stance that a text attributes to somebody is not what that person said; check the source before you quote.

## Training

Encoder `{encoder}`; seed {run_seed}; {epochs} epochs at most, best step {best_step}; versions: {versions}. All options,
data hashes and the course of the training are in run.json.
"""


def model_card(evaluation: Evaluation, behaviour: Mapping[str, Mapping[str, Rate]], run: Mapping[str, Any]) -> str:
    """Write the card as Markdown from an evaluation, failure rates, and the record that `train` left in run.json."""
    options = run["options"]
    return _TEXT.format(
        name=evaluation.model,
        data="\n".join(_source(*pair) for pair in zip(options["train"], run["data"], strict=True)),
        dev=Path(run["dev"]["path"]).name,
        dev_sentences=run["dev"]["sentences"],
        dev_hash=evaluation.sha256[:12],
        sentences=evaluation.sentences,
        resamples=evaluation.resamples,
        seed=evaluation.seed,
        figures=_figures(evaluation),
        errors=_errors(evaluation),
        selective=_selective(evaluation),
        behaviour=_behaviour(behaviour),
        encoder=options["encoder"],
        run_seed=options["seed"],
        epochs=options["epochs"],
        best_step=run["best_step"],
        versions=", ".join(f"{name} {version}" for name, version in run["versions"].items() if version),
    )


def _source(option: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    about = option.get("about") or "no description"
    return (
        f"- `{Path(option['path']).name}`: {about} ({data['windows']:,} windows, "
        f"{option['fraction']:.0%} of them an epoch; sha256 {data['sha256'][:12]})"
    )


def _figures(evaluation: Evaluation) -> str:
    head = ["figure", "model", "interval", "lexicon", *evaluation.beside]
    rows = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for name, figure in evaluation.figures.items():
        others = [evaluation.lexicon.get(name), *(figures.get(name) for figures in evaluation.beside.values())]
        rows.append(f"| {' | '.join([name, per_cent(figure), interval(figure), *map(per_cent, others)])} |")
    return "\n".join(rows)


def _errors(evaluation: Evaluation) -> str:
    if evaluation.confidence is None:
        return "not measured"
    return ", ".join(f"{name} {100 * head.error:.1f}" for name, head in evaluation.confidence.heads.items())


def _selective(evaluation: Evaluation) -> str:
    if evaluation.confidence is None:
        return "not measured"
    return ", ".join(
        f"{coverage:.0%} of them have the right set of stances in {100 * accuracy:.1f} %"
        for coverage, accuracy in evaluation.confidence.selective
    )


def _behaviour(behaviour: Mapping[str, Mapping[str, Rate]]) -> str:
    rows = ["| kind | cases | wrong |", "|---|---|---|"]
    for part in behaviour.values():
        rows += [f"| {name} | {rate.cases} | {100 * rate.share:.1f} |" for name, rate in part.items()]
    return "\n".join(rows)
