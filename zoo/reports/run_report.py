"""The report of a run: pictures and a page; or of several, side by side."""

import os
from pathlib import Path

from zoo.errors import ArgumentError
from zoo.files import replacing
from zoo.reports import comparison, page
from zoo.reports.drawing import png, style
from zoo.reports.pictures import drawn
from zoo.reports.subject import Subject
from zoo.runs.run import Run


def report(
    run: Run | str | os.PathLike,
    *others: Run | str | os.PathLike,
    data_dir: str | os.PathLike | None = None,
    output: str | os.PathLike = "comparison.html",
) -> Path:
    """Writes pictures of a run into its folder, and `report.html`, which holds them.

    Training curves; the confusion matrix, the reliability of the probabilities and the
    most confident errors of a classifier; the detections in test images,
    frames of test videos, and where a captioner looks for each word; the line of a
    perceptron and the decision boundary of two features; forecasts;
    reconstructions, samples, interpolations and the map of the latent space; filters of
    the first layer; the map of embeddings; gates and attention over a sample. Each is
    left out where it does not apply.

    Of several runs, one page shows them side by side: how well each generalizes, what
    differs between them, and their pictures in columns.

    Args:
        run: A finished run, or its folder.
        others: More of them, to lay beside it.
        data_dir: Where their data lies, as for `load_dataset`.
        output: Where the page of several runs is written.

    Returns:
        The page. It needs no other file and no network.

    Raises:
        ZooError: If a run is given twice, not finished or damaged, or its data is
            missing.
    """
    folders = [Path(os.path.realpath(each)) for each in (run, *others)]
    for i, folder in enumerate(folders):
        if folder in folders[:i]:
            raise ArgumentError(f"{folder} is given twice; give each run once.")
    subjects = [Subject.of(each, data_dir) for each in (run, *others)]
    if others:
        path, content = Path(output), comparison.html(subjects)
    else:
        path, content = subjects[0].directory / "report.html", _html(subjects[0])
    with replacing(path) as part:
        part.write_text(content, encoding="utf-8")
    return path


def _html(subject: Subject) -> str:
    """Writes the pictures of a run, and returns their page."""
    with style(subject.texts):
        shown = {picture: png(figure) for picture, figure in drawn(subject).items()}
    for picture, content in shown.items():
        name = picture.__name__.rpartition(".")[2]
        with replacing(subject.directory / f"{name}.png") as part:
            part.write_bytes(content)
    return page.of_run(subject, shown)
