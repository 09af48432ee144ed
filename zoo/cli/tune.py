"""`zoo tune`."""

from pathlib import Path
from typing import Any

import click

from zoo.cli import completion, display, options, training_options
from zoo.cli.output_path import OutputPath


@click.command(cls=training_options.ReadingCommand)
@click.argument("name", shell_complete=completion.models)
@options.dataset
@options.data_dir
@click.option(
    "--trials",
    type=int,
    default=20,
    show_default=True,
    help="Number of trials to add to the study.",
)
@click.option(
    "--epochs", type=int, help="Epochs of each trial.  [default: the recipe's]"
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Seed of the sampler."
)
@click.option(
    "--storage",
    metavar="PATH|URL",
    help="SQLite file; journal file (.log, .journal) that machines share; or URL such "
    "as postgresql://user@host/database.  [default: runs/tune/<NAME>.<dataset>.db]",
)
@click.option(
    "--study-name",
    help="Name of the study in the storage.  [default: <NAME>.<dataset>]",
    metavar="NAME",
)
@click.option(
    "--output",
    type=OutputPath("folder"),
    help="Folder of results.  [default: beside the file, or runs/tune/<study name>]",
)
@click.option(
    "--sampler",
    type=click.Choice(["tpe", "random"]),
    default="tpe",
    show_default=True,
    help="tpe: tree-structured Parzen estimator; random: random search.",
)
@options.encoding
@options.as_json
@click.pass_context
def tune(
    context: click.Context,
    name: str,
    dataset: str | None,
    trials: int,
    epochs: int | None,
    seed: int,
    storage: str | None,
    study_name: str | None,
    output: Path | None,
    sampler: str,
    encoding: dict | None,
    as_json: bool,
    **values: Any,
) -> None:
    """Search for a better architecture and better hyperparameters.

    Repeating the command adds trials to the study, also in parallel in a second
    terminal, and with a journal file or a database on other machines.

    Example: zoo tune mlp --dataset digits --trials 40 --epochs 20
    """
    import zoo

    try:
        result = zoo.tune(
            name,
            dataset=dataset,
            trials=trials,
            epochs=epochs,
            seed=seed,
            storage=storage,
            study_name=study_name,
            output=output,
            sampler=sampler,
            encoding=encoding,
            **training_options.given_of_reading(context),
        )
    except KeyboardInterrupt:
        display.say(
            "Finished trials are kept; repeat the command to continue.", err=True
        )
        raise
    if as_json:
        display.echo_json(
            {
                "best": result.best._asdict(),
                "monitor": result.monitor,
                "trials": len(result.trials),
                "storage": result.storage,
                "study_name": result.study_name,
                "recipe": result.recipe_file,
            }
        )
        return
    display.say(
        f"best: trial {result.best.number}, {result.monitor} {result.best.value:.4f}"
    )
    display.say(f"report: {result.directory / 'report.md'}")
    display.say(f"Next: {result.command}")
