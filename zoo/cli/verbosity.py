"""`-q` and `-v`, which every command takes."""

import click

from zoo import messages
from zoo.cli.options import environment


def options() -> list[click.Option]:
    """The two options."""
    return [
        click.Option(
            ["-q", "--quiet"],
            is_flag=True,
            expose_value=False,
            callback=_be_quiet,
            help="Print results and warnings, no progress.",
        ),
        click.Option(
            ["-v", "--verbose"],
            is_flag=True,
            expose_value=False,
            callback=_be_verbose,
            help="Print TensorFlow's messages, too, and the traceback of an error.",
        ),
    ]


def _be_quiet(context: click.Context, option: click.Parameter, given: bool) -> None:
    if given:
        context.with_resource(messages.quiet())


def _be_verbose(context: click.Context, option: click.Parameter, given: bool) -> None:
    if given:
        context.find_root().obj["verbose"] = True
        context.with_resource(environment("TF_CPP_MIN_LOG_LEVEL", "0"))
