"""Reliability diagram: how often answers of a probability are right."""

from matplotlib.figure import Figure

from zoo.reports.drawing import new_figure
from zoo.reports.subject import Subject

TITLE = "Reliability of the probabilities"
READING = (
    "Each point is a group of answers with about the same probability, and a large "
    "one has many: where it lies below the diagonal, the answers are right less often "
    "than the model says, so it is too confident; above, they are right more often."
)
ORDER = 25
_LARGEST = 300.0  # square points


def draw(subject: Subject) -> Figure | None:
    """Draws accuracy by confidence, in bins of equal width (Guo et al., 2017)."""
    found = subject.details.get("calibration")
    if found is None:
        return None
    curve = found["curve"]
    most = max(point["samples"] for point in curve)
    figure = new_figure(TITLE, subject.title, 4.0)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], "--", color="grey", linewidth=1)
    x, y = ([point[key] for point in curve] for key in ("confidence", "accuracy"))
    axes.plot(x, y, color="C0", linewidth=1)
    areas = [12 + _LARGEST * point["samples"] / most for point in curve]
    axes.scatter(x, y, s=areas, color="C0", alpha=0.6)
    axes.set(
        xlabel=f"probability of the answer ({found['bins']} bins)",
        ylabel="fraction of right answers",
        xlim=(0, 1.03),
        ylim=(-0.03, 1.03),
        title=f"expected calibration error {found['error']:.4f}",
    )
    return figure
