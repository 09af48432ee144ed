"""The Frechet distance of generated samples to real ones over the epochs."""

from matplotlib.figure import Figure

from zoo.reports.drawing import new_figure, whole_epochs
from zoo.reports.subject import Subject
from zoo.runs.reading import read_metrics

TITLE = "Distance of the samples from the data"
READING = (
    "The Frechet distance between features of generated samples and of validation "
    "images after each epoch, which the losses of the two players do not show: they "
    "stay where they are while the samples get better; the dashed line is the distance "
    "of other real images, the best there is, the dotted one marks the epoch whose "
    "weights were kept."
)
ORDER = 12
_METRIC = "frechet_distance"


def draw(subject: Subject) -> Figure | None:
    """Draws the distance after each epoch, and that of real samples."""
    values = subject.history.get(f"val_{_METRIC}")
    if not values:
        return None
    real = read_metrics(subject.directory)[f"real_{_METRIC}"]
    figure = new_figure(TITLE, subject.title, 2.3)
    axes = figure.subplots()
    marker = "o" if len(values) < 15 else ""
    axes.plot(range(1, len(values) + 1), values, marker=marker, markersize=4)
    axes.axhline(real, color="grey", linestyle="--")
    if subject.kept is not None:
        axes.axvline(subject.kept, color="grey", linestyle=":")
    axes.set(yscale="log", xlabel="epoch", ylabel="Frechet distance")
    whole_epochs(axes, len(values))
    return figure
