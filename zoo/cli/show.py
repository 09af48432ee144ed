"""`zoo show`."""

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from zoo.cli import display, options
from zoo.cli.output_path import OutputPath

FOLDER = "show"


def _complete(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    from zoo import shows

    names = shows.list_shows()
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@click.command()
@click.argument("names", nargs=-1, metavar="NAME...", shell_complete=_complete)
@click.option("--all", "all_", is_flag=True, help="All of them.")
@click.option(
    "--output",
    type=OutputPath("folder"),
    metavar="DIR",
    default=FOLDER,
    show_default=True,
    help="Where pictures, JSON and page are written.",
)
@options.as_json
def show(names: tuple[str, ...], all_: bool, output: Path, as_json: bool) -> None:
    """Draw what a teacher shows, from real runs of seconds; without NAME, list them.

    Writes a PNG for each name, the numbers (show.json), and one page (show.html).

    Example: zoo show xor vanishing --output pictures
    """
    from zoo import shows
    from zoo.shows.show import write

    if not (names or all_):
        found = [shows.find_show(name) for name in shows.list_shows()]
        rows = [{"name": each.name, "shows": each.title} for each in found]
        if as_json:
            display.echo_json({"shows": rows})
        else:
            display.echo_table(rows)
        return
    if names and all_:
        raise click.UsageError("Give NAME, or --all.")
    chosen = [shows.find_show(n) for n in (shows.list_shows() if all_ else names)]
    page = write(chosen, output)
    if as_json:
        names = tuple(each.name for each in chosen)
        display.echo_json({"output": str(output), "page": str(page), "shows": names})
    else:
        display.say(str(page))
