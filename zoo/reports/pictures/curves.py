"""Training and validation metrics over the epochs."""

from matplotlib.figure import Figure

from zoo.reports.subject import Subject

TITLE = "Training curves"
ORDER = 10


def draw(subject: Subject) -> Figure | None:
    """Draws a panel for each metric with validation values."""
    history = subject.history
    names = [name for name in history if f"val_{name}" in history]
    if not names:  # an ensemble's are those of its members
        return None
    figure = Figure(figsize=(5 * len(names), 3.5), layout="constrained")
    for axes, name in zip(
        figure.subplots(1, len(names), squeeze=False).flat, names, strict=True
    ):
        epochs = range(1, len(history[name]) + 1)
        axes.plot(epochs, history[name], label="train")
        axes.plot(epochs, history[f"val_{name}"], label="validation")
        axes.set(xlabel="epoch", ylabel=name)
        axes.legend()
    return figure
