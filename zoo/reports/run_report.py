"""The report of a run: pictures and a page."""

import base64
import io
from pathlib import Path

from zoo.files import replacing
from zoo.reports import page
from zoo.reports.pictures import pictures
from zoo.reports.subject import Subject
from zoo.runs.run import Run


def report(run: Run | str | Path, *, data_dir: str | Path | None = None) -> Path:
    """Writes pictures of a run into its folder, and `report.html`, which holds them.

    Training curves; the confusion matrix and the most confident errors of a classifier;
    the decision boundary of two features; reconstructions, samples, interpolations and
    the map of the latent space; filters of the first layer; the map of embeddings. Each
    is left out where it does not apply.

    Args:
        run: A finished run, or its folder.
        data_dir: Where its data lies, as for `load_dataset`.

    Returns:
        The page. It needs no other file and no network.

    Raises:
        ZooError: If the run is not finished or damaged, or its data is missing.
    """
    subject = Subject.of(run, data_dir)
    shown = []
    for picture in pictures():
        figure = picture.draw(subject)
        if figure is None:
            continue
        name = picture.__name__.rpartition(".")[2]
        content = io.BytesIO()
        figure.savefig(content, format="png", dpi=100)
        with replacing(subject.directory / f"{name}.png") as part:
            part.write_bytes(content.getvalue())
        encoded = base64.b64encode(content.getvalue()).decode("ascii")
        shown.append((picture.TITLE, encoded))
    path = subject.directory / "report.html"
    with replacing(path) as part:
        part.write_text(page.html(subject, shown), encoding="utf-8")
    return path
