"""Latency against throughput, as a picture."""

from collections.abc import Sequence
from pathlib import Path

from serving.bench.measurement import PERCENTILES, Measurement


def draw(measurements: Sequence[Measurement], title: str, path: Path) -> None:
    """Draws the percentiles of each load over its throughput.

    Args:
        measurements: A sweep.
        title: Of the picture.
        path: A `.png`, `.svg` or `.pdf` file.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    ordered = [each for each in measurements if len(each.latencies)]
    throughputs = [each.throughput for each in ordered]
    for percent in PERCENTILES:
        values = [each.percentile(percent) for each in ordered]
        axes.plot(throughputs, values, marker="o", label=f"p{percent:g}")
    for each in ordered:
        load = each.load
        name = f"{load.rate:g}/s" if load.rate is not None else str(load.concurrency)
        top = each.throughput, each.percentile(PERCENTILES[-1])
        offset = {"xytext": (0, 6), "textcoords": "offset points", "ha": "center"}
        axes.annotate(name, top, **offset)
    axes.margins(0.1)
    axes.set_yscale("log")
    axes.set_xlabel("answers a second")
    axes.set_ylabel("latency, ms")
    axes.set_title(title)
    axes.grid(visible=True, alpha=0.3)
    if ordered:
        axes.legend()
    figure.savefig(path)
