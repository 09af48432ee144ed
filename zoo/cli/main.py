"""The command line, the only module that imports from all packages.

Each command imports what it needs when it runs, so that `zoo --help` is fast.
"""

import contextlib
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from types import FrameType

import click

from zoo import messages
from zoo.cli import verbosity
from zoo.cli.options import environment
from zoo.errors import ZooError, suggestion

_LONGEST = 2_000  # characters of an error, which may list names of a file
GROUPS = {
    "Make a model": ("quickstart", "data", "train", "tune", "launch"),
    "Look at models and runs": ("list", "info", "runs", "evaluate", "report", "show"),
    "Use one": (
        *("predict", "explain", "generate", "sample", "translate"),
        *("play", "neighbours", "vectors", "compress", "decompress"),
    ),
    "Publish it": ("export", "inspect", "verify", "serve", "bench", "deploy"),
}
# Module in `zoo.cli` and attribute, where they are not called as the command is.
_PLACES = {
    "list": ("list", "list_"),
    "inspect": ("inspect", "inspect_"),
    "decompress": ("compress", "decompress"),
}


class GroupedCommands(click.Group):
    """Commands that `--help` shows in groups, each with an example.

    A command is imported when it is asked for: `zoo serve` starts without the others.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names, in order."""
        names = [name for names in GROUPS.values() for name in names]
        return sorted({*names, *self.commands})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns a command, or None."""
        if cmd_name not in self.commands and cmd_name in self.list_commands(ctx):
            module, attribute = _PLACES.get(cmd_name, (cmd_name, cmd_name))
            found = importlib.import_module(f"zoo.cli.{module}")
            command: click.Command = getattr(found, attribute)
            command.params += verbosity.options()
            self.add_command(command)
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Finds the command, or fails with the nearest ones."""
        name = args[0]
        names = self.list_commands(ctx)
        if name not in names and name[:1].isalnum():
            similar = suggestion(name, names)
            ctx.fail(f"No such command {name!r}.{similar} See `zoo --help`.")
        return super().resolve_command(ctx, args)

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Writes the groups."""
        for title, names in GROUPS.items():
            found = [self.get_command(ctx, name) for name in names]
            commands = [command for command in found if command is not None]
            with formatter.section(title):
                formatter.write_dl(
                    [
                        (command.name or "", command.get_short_help_str(70))
                        for command in commands
                    ]
                )
                formatter.write_text(_example(commands[0]))


def _example(command: click.Command) -> str:
    """The line of a command's help that shows how it is typed."""
    return next(
        line.strip()
        for line in (command.help or "").splitlines()
        if line.strip().startswith("Example:")
    )


@click.group(
    cls=GroupedCommands,
    context_settings={
        "help_option_names": ["-h", "--help"],
        # TensorFlow Serving spells its flags with underscores; both work here.
        "token_normalize_func": lambda token: token.replace("_", "-"),
        "max_content_width": 100,
    },
)
@click.option(
    "--import",
    "imports",
    multiple=True,
    metavar="FILE|MODULE",
    help="Import a file or module that registers models, tasks, datasets, formats or "
    "engines.",
)
@click.version_option(package_name="keras-serving-zoo")
@click.pass_context
def cli(context: click.Context, imports: tuple[str, ...]) -> None:
    """Small, trusted models: from a name to a live endpoint.

    Example: zoo quickstart
    """
    if imports:
        _import(context, imports)


def _import(context: click.Context, imports: tuple[str, ...]) -> None:
    from zoo import plugins

    for name in imports:
        plugins.import_plugin(name)
    # Child processes of the command import them, too.
    names = [*filter(None, [os.environ.get(plugins.VARIABLE)])]
    names += map(plugins.absolute, imports)
    context.with_resource(environment(plugins.VARIABLE, os.pathsep.join(names)))


def run(arguments: list[str], program: str = "zoo") -> int:
    """Runs a command and returns its exit code.

    An expected error is one line on standard error and code 1, a usage error code 2,
    Ctrl-C 130, SIGTERM 143; anything else is a bug and shows its traceback.

    Args:
        arguments: The command and its own.
        program: What it was called as.
    """
    state = {"verbose": False}
    with _stop_signals() as received:
        try:
            code = cli.main(
                arguments, prog_name=program, standalone_mode=False, obj=state
            )
        except BaseException as error:
            # First, because TensorFlow turns a KeyboardInterrupt that reaches it
            # while it traces a function into an error of another kind.
            if received:
                if received[0] == signal.SIGINT and sys.stderr.isatty():
                    print(file=sys.stderr)  # below the `^C` of the terminal
                return _fail("interrupted.", 128 + received[0])
            if isinstance(error, click.exceptions.NoArgsIsHelpError):
                print(error.format_message(), file=sys.stderr)
                return error.exit_code
            if isinstance(error, click.ClickException):
                return _fail(error.format_message(), error.exit_code)
            if isinstance(error, ZooError | OSError):
                if state["verbose"]:
                    traceback.print_exc()
                return _fail(_described(error), 1)
            raise
    return code or 0


def _described(error: ZooError | OSError) -> str:
    """The message of an error; of one of the system, the file and what is wrong."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}."
    return str(error)


def _fail(message: str, code: int) -> int:
    line = " ".join(message.split())
    shown = line if len(line) <= _LONGEST else f"{line[:_LONGEST]} ..."
    messages.warn(f"zoo: {shown}")
    return code


@contextlib.contextmanager
def _stop_signals() -> Iterator[list[int]]:
    """Turns SIGINT and SIGTERM into exceptions, and yields the list of received ones.

    An exception, unlike the default action of SIGTERM, lets every `with` block
    clean up. A signal that the parent process ignores stays ignored.
    """
    received: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        received.append(number)
        # Destructors of partly built objects would print errors.
        sys.unraisablehook = lambda unraisable: None
        raise KeyboardInterrupt

    previous = {
        number: signal.signal(number, stop)
        for number in (signal.SIGINT, signal.SIGTERM)
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield received
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
