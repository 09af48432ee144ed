"""The page of an examination: what data holds, with pictures."""

import base64
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from PIL import Image

from zoo.datasets.column import Column
from zoo.datasets.dataset import Dataset
from zoo.datasets.examination import Examination
from zoo.inference.fitting import Fit, cuts, reasons
from zoo.reports import charts
from zoo.reports.page import bullets, columns, document, escape, explained, section

_CLASSES, _SAMPLES = 20, 8  # that are shown, and samples of each
_MEASURED = 500  # samples, of which the largest value is shown white
_COLUMNS = 100
_VALUES = 6  # of a category
_LETTERS = 600  # of a text
_SERIES = 6
_NUMBERS = ("number", "row number", "identifier", "boolean", "constant")


def data_page(
    found: Examination, fits: Sequence[Fit] = (), refused: Mapping[str, str] = {}
) -> str:
    """Returns the page of data: HTML that needs no other file and no network.

    Args:
        found: What was found.
        fits: What models would make of it.
        refused: Why others do not fit, by name.
    """
    return document(found.name, _sections(found, fits, refused))


def _sections(
    found: Examination, fits: Sequence[Fit], refused: Mapping[str, str]
) -> Iterator[str]:
    yield section("What it is", "What was recognized by name and content.")
    yield _scrolling(_facts(found))
    if found.refusal:
        yield section("Why nothing is trained on it", found.refusal)
    if found.findings:
        reading = "What was decided, and what is wrong, with what to do."
        yield section("Findings", reading)
        yield bullets(f"{each.level}: {each}" for each in found.findings)
    if found.classes:
        yield section("Classes", "Samples of all splits; the commonest class first.")
        yield _balance(found)
    if found.data is not None:
        yield from _samples(found.data)
    if found.columns:
        yield section("Columns", "What each column holds, and how its values lie.")
        yield _scrolling(_columns(found.columns))
    if fits or refused:
        reading = "What each model would get, and how large it would be."
        yield section("Models", reading, _scrolling(_models(fits)))
        yield bullets(f"{', '.join(k)}: {text}" for text, k in cuts(fits).items())
        yield bullets(
            f"Not {', '.join(names)}: {reason}"
            for reason, names in reasons(dict(refused)).items()
        )


def _facts(found: Examination) -> str:
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>"
        for name, text in found.facts().items()
        if name != "classes"
    )
    return f"<table>{rows}</table>"


def _balance(found: Examination) -> str:
    shown = found.classes[:_CLASSES]
    counts = {each["name"]: each["samples"] for each in shown}
    notes = {each["name"]: f" ({each['share']:.1%})" for each in shown}
    more = len(found.classes) - len(shown)
    return charts.bars(counts, notes) + (f"<p>and {more} more</p>" if more else "")


def _scrolling(content: str) -> str:
    return f'<div class="scroll">{content}</div>'


def _samples(data: Dataset) -> Iterator[str]:
    x = data.train.x
    if data.task == "forecasting":
        yield section("Series", _shades(data))
        yield from _series(data)
    elif x.ndim == 4 and x.shape[-1] in (1, 3) and x.dtype.kind in "biuf":
        yield section("Samples", "The first training samples of each class.")
        yield from _pictures(data)
    elif x.dtype == object and len(x) and isinstance(x[0], str):
        yield section("Texts", "The shortest and the longest text of each class.")
        yield from _texts(data)


def _pictures(data: Dataset) -> Iterator[str]:
    x, y = data.train.x, data.train.y
    classes = data.labels[:_CLASSES] if y.ndim == 1 else ()
    white = float(x[:_MEASURED].max()) or 1.0
    for place, name in enumerate(classes):
        chosen = np.flatnonzero(y == place)[:_SAMPLES]
        yield f"<h3>{escape(name)}</h3>"
        yield _row(x[chosen], [f"a sample of {name}"] * len(chosen), white)
    if not classes:
        yield _row(x[:_SAMPLES], ["a sample"] * _SAMPLES, white)


def _row(images: np.ndarray, names: Sequence[str], white: float) -> str:
    shown = [
        f'<img alt="{escape(name)}" src="data:image/png;base64,{_png(image, white)}">'
        for image, name in zip(images, names, strict=False)
    ]
    return f'<div class="samples">{"".join(shown)}</div>'


def _png(image: np.ndarray, white: float) -> str:
    pixels = np.clip(np.asarray(image, "float64") * 255 / white, 0, 255).astype("uint8")
    content = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(
        content, "PNG"
    )
    return base64.b64encode(content.getvalue()).decode("ascii")


def _texts(data: Dataset) -> Iterator[str]:
    x, y = data.train.x, data.train.y
    for place, name in list(enumerate(data.labels))[:_CLASSES]:
        chosen = sorted((x[i] for i in np.flatnonzero(y == place)), key=len)
        if chosen:
            yield f"<h3>{escape(name)}</h3>"
            yield _quoted(chosen[0]) + _quoted(chosen[-1])
    if not data.labels:
        yield _quoted("\n".join(x[:20]))


def _quoted(text: str) -> str:
    cut = text if len(text) <= _LETTERS else f"{text[:_LETTERS]} ..."
    count = f"{len(text.split()):,} words, {len(text):,} characters"
    return f"<blockquote>{escape(cut)}</blockquote>{explained(count)}"


def _shades(data: Dataset) -> str:
    named = zip(data.splits, ("blue", "orange", "green"), strict=True)
    return f"In the order of time: {', '.join(f'{k} {c}' for k, c in named)}."


def _series(data: Dataset) -> Iterator[str]:
    parts = [split.x for split in data.splits.values()]
    several = parts[0].dtype == object
    for i in range(min(len(parts[0]), _SERIES) if several else 1):
        shown = [part[i] if several else part for part in parts]
        values = np.concatenate(shown)
        about = f"{len(values):,} values from {values.min():.6g} to {values.max():.6g}"
        yield charts.lines(shown, about) + explained(about)


def _columns(found: Sequence[Column]) -> str:
    names = ("column", "kind", "range", "missing", "distinct", "values")
    head = "".join(f"<th>{name}</th>" for name in names)
    rows = []
    for column in found[:_COLUMNS]:
        about = column.describe()
        span = ""
        if "lowest" in about:
            span = f"{about['lowest']:.6g} to {about['highest']:.6g}"
        cells = (
            about["name"],
            about["kind"],
            span,
            about["missing"],
            about["distinct"],
        )
        shown = "".join(f"<td>{escape(str(cell))}</td>" for cell in cells)
        rows.append(f"<tr>{shown}<td>{_distribution(column)}</td></tr>")
    more = len(found) - _COLUMNS
    below = f"<p>and {more} more</p>" if more > 0 else ""
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>{below}"


def _distribution(column: Column) -> str:
    if column.values is not None and column.kind in _NUMBERS:
        return charts.histogram(column.values)
    if column.kind in ("category", "constant"):
        present = [
            cell
            for cell, gone in zip(column.cells, column.missing, strict=True)
            if not gone
        ]
        return charts.bars(dict(Counter(present).most_common(_VALUES)))
    return ""


def _models(fits: Sequence[Fit]) -> str:
    return columns(
        ("task", "input", "parameters"),
        {
            fit.name: (
                fit.task.replace("_", " "),
                " x ".join(map(str, fit.input_shape)),
                f"{fit.parameters:,}",
            )
            for fit in fits
        },
    )
