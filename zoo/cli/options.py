"""Options and output formats that several commands share."""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo.cli import completion

if TYPE_CHECKING:
    import keras


class DatasetOption(click.Option):
    """An option whose help lists the registered dataset types."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Looks up the registry only when help is shown."""
        from zoo.datasets import describe_types, list_datasets

        names = ", ".join(list_datasets())
        self.help = f"One of: {describe_types()}. Built in: {names}."
        return super().get_help_record(ctx)


dataset = click.option(
    "--dataset",
    metavar="NAME|PATH",
    cls=DatasetOption,
    shell_complete=completion.datasets,
)


def _use_data_dir(
    context: click.Context, option: click.Parameter, folder: Path | None
) -> None:
    """Sets the folder of datasets for the duration of the command."""
    if folder is not None:
        context.with_resource(environment("TFDS_DATA_DIR", str(folder)))


@contextlib.contextmanager
def environment(name: str, value: str) -> Iterator[None]:
    """Sets an environment variable for this process and its children."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before


data_dir = click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    callback=_use_data_dir,
    expose_value=False,
    help="Folder of TFDS datasets and files.  [default: $TFDS_DATA_DIR]",
)
weights = click.option(
    "--weights",
    metavar="PATH",
    shell_complete=completion.runs,
    help="Weights of NAME, if none ship: a .weights.h5 or .keras file, a run folder.",
)


class JsonObject(click.ParamType):
    """A JSON object, such as `{"window": 24}`."""

    name = "json"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict:
        """Parses the text, unless it is parsed already."""
        try:
            parsed = json.loads(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(f"It is not JSON: {error}.", param, ctx)
        if not isinstance(parsed, dict):
            self.fail('It must be a JSON object: {"name": value}.', param, ctx)
        return parsed


encoding = click.option(
    "--encoding",
    type=JsonObject(),
    help="""How data is encoded, such as '{"window": 24, "horizon": 6}'; `zoo info` """
    """shows the recipe's.""",
)
trust = click.option(
    "--trust",
    is_flag=True,
    help="Run Python code that the model's file holds (Lambda layers): it can do "
    "whatever you can.",
)
url = click.option(
    "--url",
    help="Ask the server at this address, such as http://127.0.0.1:8501, for its model "
    "NAME.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
trust_operators = click.option(
    "--trust",
    is_flag=True,
    help="Load models that `zoo inspect` says are refused; they can do what you can.",
)
public_key = click.option(
    "--key",
    type=click.Path(path_type=Path),
    metavar="PUB",
    help="The public key of whoever has to have signed it.",
)


def with_weights(
    model: str, weights: str | None, dataset: str | None = None
) -> "tuple[keras.Model | str, str | None]":
    """Returns the model, with these weights if any are given, and its dataset."""
    if weights is None:
        return model, dataset
    import zoo

    spec = zoo.model_spec(model)
    return zoo.create_model(model, weights=weights), dataset or spec.recipe.dataset
