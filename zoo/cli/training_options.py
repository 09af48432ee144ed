"""Command line options derived from the options of a training."""

import functools
import json
import re
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from zoo.cli import completion
from zoo.cli.options import DatasetOption

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

_COMPLETIONS = {
    "dataset": completion.datasets,
    "weights": completion.models_and_runs,
}
_FRACTION = re.compile(r"[+-]?\d*\.\d+([eE][+-]?\d+)?")
_METAVARS = {int: "INTEGER", float: "NUMBER", str: "TEXT", Path: "PATH", dict: "JSON"}
set_ = click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="PATH=VALUE",
    help="Set any option or part of one, such as optimizer.momentum=0.9, "
    "encoding.window=24, overrides.hidden_units=[64,64]; the value is JSON or text. "
    "May be repeated.",
)


class TrainingCommand(click.Command):
    """A command with an option for each configuration field, made on first use."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Returns the parameters of the command."""
        *own, help_option = super().get_params(ctx)
        return [*own, *_derived(), help_option]


class ReadingCommand(click.Command):
    """A command with the options that say how a file is read, made on first use."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Returns the parameters of the command."""
        *own, help_option = super().get_params(ctx)
        return [*own, *_of_reading(), help_option]


def given_of_reading(context: click.Context) -> dict[str, Any]:
    """Returns the options that say how a file is read, where they are given."""
    from zoo.reading import given_reading

    return given_reading(context.params)


def given(context: click.Context, changes: tuple[str, ...]) -> dict[str, Any]:
    """Returns the options given on the command line, including `--set`.

    Raises:
        UsageError: If a `--set` has no value.
        ArgumentError: If there is no such option.
    """
    from zoo.options import OPTIONS, given_options, merge

    found = {
        key: value
        for key, value in context.params.items()
        if key in OPTIONS
        and context.get_parameter_source(key) is not ParameterSource.DEFAULT
    }
    for change in changes:
        path, equals, value = change.partition("=")
        if not (path and equals):
            raise click.UsageError(f"--set takes PATH=VALUE. Received: {change!r}")
        first, *rest = path.split(".")
        first = first.replace("-", "_")
        nested = parse(value)
        for name in reversed(rest):
            nested = {name: nested}
        found[first] = merge(found[first], nested) if first in found else nested
    given_options(found)  # refuses what is none, such as the parameters of a command
    return found


def parse(text: str) -> Any:
    """Parses JSON or a Python number; other text is returned unchanged.

    >>> parse("1e-3"), parse(".5"), parse("[64, 64]"), parse("SGD")
    (0.001, 0.5, [64, 64], 'SGD')
    """
    try:
        return json.loads(text)
    except ValueError:
        return float(text) if _FRACTION.fullmatch(text) else text


class _Value(click.ParamType):
    """A value of a field: text for a text field, else JSON."""

    name = "value"

    def __init__(self, metavar: str, *, is_text: bool, takes_none: bool) -> None:
        self.metavar = metavar
        self.is_text = is_text
        self.takes_none = takes_none

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Parses the text, unless it is parsed already."""
        if self.takes_none and value == "none":
            return None
        return value if self.is_text or not isinstance(value, str) else parse(value)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Returns the metavar for the help."""
        return self.metavar


@functools.cache
def _derived() -> list[click.Parameter]:
    from zoo.options import OPTIONS

    return [_option(key, field) for key, field in OPTIONS.items()]


@functools.cache
def _of_reading() -> list[click.Parameter]:
    from zoo.reading import Reading
    from zoo.validation import fields_of

    return [_option(key, field) for key, field in fields_of(Reading).items()]


def _option(key: str, field: "FieldInfo") -> click.Option:
    from zoo.config import option
    from zoo.options import plain_type

    flag = f"--{key.replace('_', '-')}"
    if field.annotation is bool:
        return click.Option([flag], is_flag=True, help=field.description)
    kind = plain_type(field.annotation)
    is_component = option(field).component is not None
    is_tuple = typing.get_origin(kind) is tuple
    several = option(field).several or (is_tuple and not is_component)
    make = DatasetOption if key == "dataset" else click.Option
    return make(
        [flag],
        type=_Value(
            "NAME|JSON" if is_component else _metavar(kind),
            is_text=not is_component and kind in (str, Path, tuple[str, ...]),
            takes_none=type(None) in typing.get_args(field.annotation),
        ),
        multiple=several,
        help=_help(field, several=several),
        shell_complete=_COMPLETIONS.get(key),
    )


def _metavar(kind: Any) -> str:
    origin = typing.get_origin(kind)
    if origin is typing.Literal:
        return f"[{'|'.join(typing.get_args(kind))}]"
    if origin is tuple:
        return "NAME"
    return _METAVARS.get(origin or kind, "JSON")


def _help(field: "FieldInfo", *, several: bool) -> str:
    text = field.description or ""
    if several:
        text += " May be repeated."
    if isinstance(field.default, str):
        text += f"  [default: {field.default}]"
    return text
