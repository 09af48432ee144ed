"""Shell completion; click calls these functions at each press of TAB."""

from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem


def models(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Completes names of models."""
    import zoo

    return _matching(incomplete, zoo.list_models())


def datasets(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Completes the datasets of the recipes, or files if none matches."""
    from zoo import catalogue

    names = {card["recipe"]["dataset"] for card in catalogue.cards().values()}
    return [_files(incomplete), *_matching(incomplete, sorted(names))]


def runs(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Completes run folders, or files if none matches."""
    from zoo.runs.summary import RUNS, run_folders

    return [_files(incomplete), *_matching(incomplete, map(str, run_folders(RUNS)))]


def models_and_runs(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Completes names of models and run folders."""
    names = models(context, parameter, incomplete)
    return [*runs(context, parameter, incomplete), *names]


def _matching(incomplete: str, names: Iterable[str]) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _files(incomplete: str) -> CompletionItem:
    """Lets the shell complete paths; goes first, since bash drops what precedes it."""
    return CompletionItem(incomplete, type="file")
