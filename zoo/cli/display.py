"""What commands print: tables, facts and JSON.

On a terminal they fit its width, in colour unless `NO_COLOR` is set; in a pipe they are
plain text, and a row is a line.
"""

import json
import shlex
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import click

from zoo.messages import printable

SCHEMA_VERSION = 1
_UNLIMITED = 100_000


def width() -> int:
    """The columns of the terminal; without one, lines are not broken."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _UNLIMITED


def say(text: str = "", *, err: bool = False, bold: bool = False) -> None:
    """Prints text with control characters escaped: names may be of others."""
    click.secho(printable(text), err=err, bold=bold or None)


def say_next(*command: str) -> None:
    """Prints the command that usually follows, quoted for a shell."""
    say(f"Next: {shlex.join(command)}")


def echo_json(content: Mapping[str, Any]) -> None:
    """Prints JSON for scripts, with the version of what its keys mean."""
    versioned = {"schema_version": SCHEMA_VERSION, **content}
    click.echo(json.dumps(versioned, indent=2, default=str))


def echo_table(rows: Sequence[Mapping[str, Any]], title: str = "") -> None:
    """Prints rows as a table with a header; numbers are aligned at the right."""
    if not rows:
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for name in rows[0]:
        are_numbers = all(isinstance(row[name], int | float) for row in rows)
        table.add_column(
            name, justify="right" if are_numbers else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*(_text(value) for value in row.values()))
    console = Console(width=width(), highlight=False, markup=False, emoji=False)
    with console.capture() as printed:
        if title:
            console.print(printable(title), style="bold cyan")
        console.print(table)
    for line in printed.get().splitlines():
        click.echo(line.rstrip())


def _text(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else printable(str(value))


def echo_facts(facts: Mapping[str, str]) -> None:
    """Prints a name and a text each, the texts below each other."""
    margin = 2 + max(map(len, facts))
    for name, text in facts.items():
        say(_wrapped(text, first=f"{name:{margin}}", margin=margin))


def echo(text: str) -> None:
    """Prints a line; its next ones, if the terminal is too narrow, are indented."""
    say(_wrapped(text, first="", margin=2))


def echo_docstring(text: str) -> None:
    """Prints a docstring; on a terminal, paragraphs and arguments fill its width."""
    if width() == _UNLIMITED:
        say(text)
        return
    lines: list[str] = []
    for line in text.splitlines():
        margin = len(line) - len(line.lstrip())
        goes_on = bool(lines and lines[-1].strip() and line.strip())
        # What is indented by less than the text of an argument begins one.
        if goes_on and (margin == 0 or margin > 4) and not line.startswith(" .."):
            lines[-1] += " " + line.strip()
        else:
            lines.append(line)
    for line in lines:
        margin = len(line) - len(line.lstrip())
        hanging = margin + 4 if margin else 0
        say(_wrapped(line.lstrip(), first=margin * " ", margin=hanging))


def _wrapped(text: str, *, first: str, margin: int) -> str:
    if len(first) + len(text) <= width():
        return first + text
    return textwrap.fill(
        text,
        width(),
        initial_indent=first,
        subsequent_indent=margin * " ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def format_metrics(values: Mapping[str, float]) -> str:
    """Formats metrics as one line."""
    return ", ".join(f"{name} {value:.4f}" for name, value in values.items())
