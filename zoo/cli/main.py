"""The command line: the one place that knows all packages.

Each command imports what it needs when it runs, so that `zoo --help` is instant.
"""

import signal
import sys
from types import FrameType

import click

from zoo.cli.evaluate import evaluate
from zoo.cli.export import export
from zoo.cli.info import info
from zoo.cli.list import list_
from zoo.cli.predict import predict
from zoo.cli.quickstart import quickstart
from zoo.cli.serve import serve
from zoo.cli.train import train
from zoo.cli.verify import verify
from zoo.errors import ZooError


@click.group(
    context_settings={
        "help_option_names": ["-h", "--help"],
        # TensorFlow Serving spells its flags with underscores; both work here.
        "token_normalize_func": lambda token: token.replace("_", "-"),
        "max_content_width": 100,
    }
)
@click.version_option(package_name="keras-serving-zoo")
def cli() -> None:
    """Small, trusted models: from a name to a live endpoint.

    Example: zoo quickstart
    """


for _command in (
    list_,
    info,
    train,
    evaluate,
    export,
    verify,
    serve,
    predict,
    quickstart,
):
    cli.add_command(_command)


def run(arguments: list[str]) -> int:
    """Runs a command and returns its exit code.

    An expected failure is one line on standard error and code 1, a misspelt
    command 2, Ctrl-C 130, SIGTERM 143; anything else is a bug and shows its trace.
    """
    signal.signal(signal.SIGTERM, _terminate)
    try:
        cli.main(arguments, prog_name="zoo", standalone_mode=False)
    except click.ClickException as error:
        return _fail(error.format_message(), error.exit_code)
    except click.Abort:
        return _fail("interrupted.", 130)
    except (ZooError, OSError) as error:
        return _fail(str(error), 1)
    return 0


def _fail(message: str, code: int) -> int:
    print("zoo:", " ".join(message.split()), file=sys.stderr)
    return code


def _terminate(number: int, frame: FrameType | None) -> None:
    # An exception, unlike the default action, lets every `with` block clean up.
    raise SystemExit(128 + number)
