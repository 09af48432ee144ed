"""Misclassified test samples."""

import numpy as np
from matplotlib.figure import Figure

from zoo.reports.drawing import new_figure, tiles
from zoo.reports.labels import label
from zoo.reports.subject import Subject

TITLE = "Most confident errors on the test split"
READING = (
    "Test samples that the model got wrong, the most confident first: what it "
    "predicted and how sure it was, and what is true; some are hard for a person, too, "
    "and some may be labelled wrongly."
)
ORDER = 30
IMAGES, COLUMNS = 12, 4
ROWS = 6


def draw(subject: Subject) -> Figure | None:
    """Draws the errors with the largest margin of the predicted over the true class.

    How sure a model was is known only where it was trained on probabilities.
    """
    if subject.task != "classification":
        return None
    wrong = errors(subject)
    if not len(wrong):
        return None
    count = f"{subject.title}: {len(wrong)} of {len(subject.predictions)} are wrong"
    if subject.has_images:
        return _images(subject, wrong[:IMAGES], count)
    if subject.has_probabilities:
        return _bars(subject, wrong[:ROWS], count)
    return None


def errors(subject: Subject) -> np.ndarray:
    """Returns the positions of misclassified test samples, by falling margin."""
    truth, logits = subject.data.test.y, subject.outputs
    rows = np.arange(len(truth))
    margin = logits[rows, subject.predictions] - logits[rows, truth]
    wrong = np.flatnonzero(subject.predictions != truth)
    return wrong[np.argsort(-margin[wrong], kind="stable")]


def _images(subject: Subject, chosen: np.ndarray, about: str) -> Figure:
    labels, test = subject.data.labels, subject.data.test
    titles = []
    for i in chosen:
        guess = subject.predictions[i]
        says = f"says {label(labels[guess], 9)}"
        if subject.has_probabilities:
            says += f", {subject.probabilities[i, guess]:.0%}"
        titles.append(f"{says}\ntrue: {label(labels[test.y[i]], 12)}")
    rows = -(-len(chosen) // COLUMNS)
    figure = new_figure(TITLE, about, 1.9 * rows)
    tiles(figure, test.x[chosen], titles, COLUMNS)
    return figure


def _bars(subject: Subject, chosen: np.ndarray, about: str) -> Figure:
    """Draws the probabilities of the predicted and the true class of each sample."""
    labels, truth = subject.data.labels, subject.data.test.y
    figure = new_figure(TITLE, about, 0.7 + 0.75 * len(chosen))
    axes = figure.subplots()
    guesses = subject.predictions[chosen]
    for shift, color, classes, kind in (
        (-0.2, "C3", guesses, "predicted"),
        (0.2, "C0", truth[chosen], "true"),
    ):
        places = np.arange(len(chosen)) + shift
        widths = subject.probabilities[chosen, classes]
        axes.barh(places, widths, height=0.36, color=color, label=kind)
        for place, width, k in zip(places, widths, classes, strict=True):
            name = f"{label(labels[k], 14)} {width:.0%}"
            is_long = width > 0.5
            axes.text(
                width + (-0.01 if is_long else 0.01),
                place,
                name,
                ha="right" if is_long else "left",
                va="center",
                color="white" if is_long else "black",
                fontsize=9,
            )
    names = [_name(subject, i) for i in chosen]
    axes.set_yticks(range(len(chosen)), names, fontsize=9)
    axes.invert_yaxis()
    axes.set(xlim=(0, 1), xlabel="probability", ylabel="test sample")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower right", ncols=2)
    return figure


def _name(subject: Subject, sample: int) -> str:
    """The words of a text, broken into lines, or the position of other samples."""
    tokens = subject.tokens(sample)
    if not tokens:
        return f"number {sample}"
    lines = [""]
    for token in tokens:
        if len(lines[-1]) + len(token) > 24:
            lines.append("")
        lines[-1] = f"{lines[-1]} {label(token, 16)}".strip()
    return "\n".join(lines[:2]) + ("…" if len(lines) > 2 else "")
