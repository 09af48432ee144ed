"""What the shell offers for an unfinished word; click asks at each press of TAB."""

from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem


def models(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offers the names of models."""
    import zoo

    return _beginning(incomplete, zoo.list_models())


def datasets(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offers the datasets of the recipes; where none begins like that, files."""
    from zoo import catalogue

    names = {card["recipe"]["dataset"] for card in catalogue.cards().values()}
    return [_files(incomplete), *_beginning(incomplete, sorted(names))]


def runs(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offers the folders of runs; where none begins like that, files."""
    from zoo.runs.summary import RUNS, run_folders

    return [_files(incomplete), *_beginning(incomplete, map(str, run_folders(RUNS)))]


def models_and_runs(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offers the names of models, and what `runs` does."""
    names = models(context, parameter, incomplete)
    return [*runs(context, parameter, incomplete), *names]


def _beginning(incomplete: str, names: Iterable[str]) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _files(incomplete: str) -> CompletionItem:
    """Lets the shell complete paths; first, since bash drops what comes before it."""
    return CompletionItem(incomplete, type="file")
