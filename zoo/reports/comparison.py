"""Runs side by side, on one page."""

import os
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from zoo.reports import facts, page
from zoo.reports.command import command
from zoo.reports.drawing import new_figure, png, style, whole_epochs
from zoo.reports.labels import label
from zoo.reports.pictures import curves, drawn, pictures
from zoo.reports.subject import Subject
from zoo.runs.reading import read_metrics

GENERALIZATION = (
    "How good each model is on the samples it was trained on (while its weights still "
    "changed), on the validation split, which chose its weights, and on the test "
    "split, which it has never seen: it generalizes where the three are alike; where "
    "only the first ones are good, it has learned its samples by heart, or the test "
    "split asks for more than they show."
)
PROGRESS = (
    "The validation metric of each model after each epoch (dashed), and that of its "
    "training split (thin): the sooner it gets good, the faster it learns, and where "
    "only the thin line goes on, it overfits."
)
DIFFERENCES = "What is not the same in all of them; everything else is."
SPLITS = ("training", "validation", "test")
_GAP = 0.1  # of accuracies, from which on a model is said not to generalize
_LONGEST = 44


def html(subjects: Sequence[Subject]) -> str:
    """Returns a page with runs in columns.

    Args:
        subjects: The runs, in the order of the columns.
    """
    names = distinct(subjects)
    with style(text for subject in subjects for text in (*names, *subject.texts)):
        parts = [
            *_charts(subjects, names),
            *_tables(subjects, names),
            page.section("Pictures", "The pictures of each run, in columns."),
            *_rows(subjects, names),
        ]
    return page.document(" beside ".join(names), parts, width=30 * len(names))


def distinct(subjects: Sequence[Subject]) -> list[str]:
    """Names the runs: by the model and, of the same model, by what differs."""
    names = [subject.config["name"] for subject in subjects]
    if len({*names}) == len(names):
        return names
    rows = _differing([facts.training(subject) for subject in subjects])
    rows.pop("epoch kept", None)
    found = [
        ", ".join([name, *(values[i] for values in rows.values())])
        for i, name in enumerate(names)
    ]
    if len({*found}) == len(names) and max(map(len, found)) <= _LONGEST:
        return found
    folders = [os.fspath(subject.directory.absolute()) for subject in subjects]
    common = os.path.commonpath(folders)
    return [
        f"{name} ({os.path.relpath(folder, common)})"
        for name, folder in zip(names, folders, strict=True)
    ]


def shared_metrics(subjects: Sequence[Subject]) -> list[str]:
    """The metrics that all runs have on all splits; none if their tasks differ."""
    if len({subject.task for subject in subjects}) > 1:
        return []
    held = [
        {name for name in s.history if f"val_{name}" in s.history}
        & {*read_metrics(s.directory)}
        for s in subjects
    ]
    return [name for name in subjects[0].history if name in set.intersection(*held)]


def scores(subject: Subject, metric: str) -> tuple[float, float, float]:
    """The metric on the three splits, with the weights that were kept."""
    kept = (subject.kept or 0) - 1
    train, validation = subject.history[metric], subject.history[f"val_{metric}"]
    return train[kept], validation[kept], read_metrics(subject.directory)[metric]


def verdict(name: str, scores: tuple[float, float, float]) -> str:
    """Says whether a classifier generalizes, from its accuracies.

    >>> verdict("mlp", (1.0, 1.0, 0.5))
    'mlp does not generalize: training 100.0%, validation 100.0%, test 50.0%'
    """
    train, _, test = scores
    says = "does not generalize" if train - test > _GAP else "generalizes"
    figures = [f"{k} {v:.1%}" for k, v in zip(SPLITS, scores, strict=True)]
    return f"{name} {says}: {', '.join(figures)}"


def draw_splits(
    scores: Mapping[str, tuple[float, float, float]], metric: str
) -> Figure:
    """Draws a group of bars for each run: training, validation, test."""
    figure = new_figure("Which one generalizes", f"{label(metric)} of each split", 3.2)
    axes = figure.subplots()
    places = np.arange(len(scores))
    for k, split in enumerate(SPLITS):
        heights = [each[k] for each in scores.values()]
        bars = axes.bar(places + 0.28 * (k - 1), heights, width=0.26, label=split)
        axes.bar_label(bars, [f"{height:.3g}" for height in heights], fontsize=9)
    width = max(10, 48 // len(scores))
    axes.set_xticks(places, [textwrap.fill(label(n, 3 * width), width) for n in scores])
    axes.set(ylabel=label(metric), xlabel="run")
    axes.margins(y=0.15)
    handles = axes.get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=3)
    return figure


def draw_progress(
    histories: Mapping[str, dict[str, list[float]]], metrics: Sequence[str]
) -> Figure:
    """Draws the curves of all runs over each other, a panel for each metric."""
    about = "validation (dashed) and training (thin)"
    figure = new_figure("Which one learns faster", about, 2.4 * len(metrics) + 0.4)
    panels = list(figure.subplots(len(metrics), 1, sharex=True, squeeze=False).flat)
    for axes, metric in zip(panels, metrics, strict=True):
        for k, history in enumerate(histories.values()):
            epochs = range(1, len(history[metric]) + 1)
            color = f"C{k % 10}"
            axes.plot(epochs, history[f"val_{metric}"], "--", color=color)
            axes.plot(epochs, history[metric], color=color, linewidth=0.7)
        axes.set_ylabel(label(metric))
        whole_epochs(axes, max(len(history[metric]) for history in histories.values()))
    panels[-1].set_xlabel("epoch")
    shown = [label(name, _LONGEST) for name in histories]
    figure.legend(panels[0].lines[::2], shown, loc="outside lower center", ncols=1)
    return figure


def _charts(subjects: Sequence[Subject], names: Sequence[str]) -> list[str]:
    metrics = shared_metrics(subjects)
    if not metrics:
        return []
    metric = "accuracy" if "accuracy" in metrics else metrics[0]
    values = [scores(subject, metric) for subject in subjects]
    by_name = dict(zip(names, values, strict=True))
    said = ""
    if metric == "accuracy":
        said = page.bullets(verdict(*each) for each in by_name.items())
    splits = page.figure(png(draw_splits(by_name, metric)), GENERALIZATION)
    histories = {n: s.history for n, s in zip(names, subjects, strict=True)}
    progress = page.figure(png(draw_progress(histories, metrics)), PROGRESS)
    return [
        page.section("Which one generalizes", GENERALIZATION, said + splits),
        page.section("Which one learns faster", PROGRESS, progress),
    ]


def _tables(subjects: Sequence[Subject], names: Sequence[str]) -> list[str]:
    about = _by_row([facts.about(subject) for subject in subjects])
    results = _by_row([facts.results(subject) for subject in subjects])
    training = _differing([facts.training(subject) for subject in subjects])
    commands = "\n".join(command(subject.config) for subject in subjects)
    return [
        page.section(
            "The models and their data", page.MODEL, page.columns(names, about)
        ),
        page.section("Results", page.RESULT, page.columns(names, results)),
        page.section("What differs", DIFFERENCES, page.columns(names, training)),
        page.section("Train them again", page.AGAIN, page.code(commands)),
    ]


def _rows(subjects: Sequence[Subject], names: Sequence[str]) -> list[str]:
    """A row for each picture, with a column for each run."""
    found = [drawn(subject) for subject in subjects]
    curves.align(figures[curves] for figures in found if curves in figures)
    parts = []
    for picture in pictures():
        if not any(picture in figures for figures in found):
            continue
        cells = [
            page.figure(png(figures[picture]), f"{name}: {picture.READING}", name)
            if picture in figures
            else page.explained(f"{name}: nothing to show")
            for name, figures in zip(names, found, strict=True)
        ]
        row = page.beside(cells)
        parts.append(page.subsection(picture.TITLE, picture.READING, row))
    return parts


def _by_row(columns: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    rows = dict.fromkeys(name for column in columns for name in column)
    return {name: [column.get(name, "") for column in columns] for name in rows}


def _differing(columns: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    rows = _by_row(columns)
    return {name: values for name, values in rows.items() if len({*values}) > 1}
