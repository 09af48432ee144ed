"""The pictures, the JSON file and the page of an explanation."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from zoo.files import replacing, write_json
from zoo.inference.explanations.case import Case
from zoo.inference.explanations.explanation import Explanation
from zoo.inference.explanations.methods import methods
from zoo.inference.explanations.target import describe
from zoo.reports import page
from zoo.reports.drawing import SIGNED, new_figure, png, show, style, tiles
from zoo.reports.labels import label, token_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from zoo.inference.explain import Explained

PAGE, DOCUMENT = "explanation.html", "explanation.json"
_UNSIGNED = "inferno"
_MOST_BARS = 40
_FRAMES = 6
SUBJECT = "The model, the sample, and the one of its outputs that is explained."
LEFT_OUT = "Methods that say nothing here, and why."


def write(explained: "Explained", folder: Path) -> Path:
    """Writes a picture for each method, the JSON file and the page.

    Returns:
        The page.
    """
    modules = methods()
    case = explained.case
    texts = [explained.source, *case.names, case.target.name]
    folder.mkdir(parents=True, exist_ok=True)
    parts = [page.section("What is explained", SUBJECT, page.table(_facts(explained)))]
    with style(texts):
        for name, found in explained.explanations.items():
            method = modules[name]
            content = png(draw(method.TITLE, explained, found))
            with replacing(folder / f"{name}.png") as part:
                part.write_bytes(content)
            below = _tokens(case, found) + page.figure(content, method.READING)
            if found.figures:
                below += page.table({k: f"{v:.6g}" for k, v in found.figures.items()})
            parts.append(page.section(method.TITLE, method.READING, below))
    if explained.left_out:
        listed = page.bullets(explained.reasons)
        parts.append(page.section("Left out", LEFT_OUT, listed))
    write_json(folder / DOCUMENT, explained.as_json())
    path = folder / PAGE
    title = f"Why {case.takes.name} answers {case.target.name}"
    with replacing(path) as part:
        part.write_text(page.document(title, parts), encoding="utf-8")
    return path


def _facts(explained: "Explained") -> Mapping[str, str]:
    case = explained.case
    return {
        "model": case.takes.name,
        "input": explained.source,
        "output": describe(case.target, case.value),
    }


def _tokens(case: Case, found: Explanation) -> str:
    """The text with a colour behind each token; nothing of other samples."""
    if not case.takes.takes_text or found.attributions is None:
        return ""
    most = float(np.abs(found.attributions).max()) or 1.0
    words = []
    for token, value in zip(case.names, found.attributions, strict=False):
        colour = "200, 40, 40" if value >= 0 else "40, 90, 200"
        strength = 0.7 * abs(float(value)) / most
        words.append(
            f'<span style="background: rgba({colour}, {strength:.2f})" '
            f'title="{value:.4g}">{page.escape(token)}</span>'
        )
    return f'<p class="tokens">{" ".join(words)}</p>'


def draw(title: str, explained: "Explained", found: Explanation) -> Figure:
    """Draws what a method found.

    Args:
        title: Of the method.
        explained: The sample.
        found: By the method.
    """
    case = explained.case
    about = f"{label(case.takes.name, 40)}, {describe(case.target, case.value)}"
    if found.images:
        return _pictures(title, about, found.images)
    values = np.asarray(found.attributions)
    if case.takes.takes_text or case.kind == "rows":
        return _bars(title, about, case, found)
    if values.ndim == 3:
        return _frames(title, about, case, found)
    if values.ndim == 2:
        return _map(title, about, case, found)
    return _line(title, about, case, found)


def _colours(found: Explanation) -> dict[str, Any]:
    most = float(np.abs(np.asarray(found.attributions)).max()) or 1.0
    if found.is_signed:
        return {"cmap": SIGNED, "vmin": -most, "vmax": most}
    return {"cmap": _UNSIGNED, "vmin": 0.0, "vmax": most}


def _map(title: str, about: str, case: Case, found: Explanation) -> Figure:
    """The sample, the attributions, and these laid over it."""
    values = np.asarray(found.attributions)
    sample = np.asarray(getattr(case, "values", case.sample)[0])
    is_picture = case.kind == "pictures"
    # Time goes to the right, as spectrograms are drawn.
    turn = (lambda x: x) if is_picture else (lambda x: np.swapaxes(x, 0, 1)[::-1])
    sample = turn(sample if sample.ndim == 3 else sample[..., np.newaxis])
    values = turn(values)
    figure = new_figure(title, about, 2.2)
    below, heat, over = figure.subplots(1, 3)
    grey = sample.mean(axis=-1, keepdims=True)
    show(below, sample if sample.shape[-1] in (1, 3) else grey)
    options = _colours(found)
    heat.imshow(values, **options)
    show(over, grey)
    strength = np.abs(values) / options["vmax"]
    over.imshow(values, alpha=0.75 * strength, **options)
    names = ("sample", "attributions", "both")
    for axes, name in zip((below, heat, over), names, strict=True):
        axes.set(xticks=[], yticks=[], aspect="equal" if is_picture else "auto")
        axes.set_title(name, fontsize=9)
    figure.colorbar(heat.images[0], ax=over, shrink=0.9)
    return figure


def _frames(title: str, about: str, case: Case, found: Explanation) -> Figure:
    """Frames of a video above, and their attributions below."""
    values, frames = np.asarray(found.attributions), np.asarray(case.sample)[0]
    places = np.linspace(0, len(values) - 1, min(_FRAMES, len(values))).astype(int)
    figure = new_figure(title, about, 2.0)
    grid = figure.subplots(2, len(places), squeeze=False)
    for (above, below), place in zip(grid.T, places, strict=True):
        show(above, frames[place])
        below.imshow(values[place], **_colours(found))
        above.set_title(f"frame {place + 1}", fontsize=9)
        for axes in (above, below):
            axes.set(xticks=[], yticks=[])
    figure.colorbar(grid[1, 0].images[0], ax=grid[1].tolist(), shrink=0.9)
    return figure


def _bars(title: str, about: str, case: Case, found: Explanation) -> Figure:
    """A bar for each token in their order, or for each column."""
    values = np.asarray(found.attributions)
    names = case.names or [f"column {i}" for i in range(1, len(values) + 1)]
    places = np.arange(len(values))
    if len(values) > _MOST_BARS:  # the largest, in their order
        places = np.sort(np.argsort(-np.abs(values), kind="stable")[:_MOST_BARS])
        about += f"\nthe {_MOST_BARS} largest of {len(values)}"
    shown = values[places]
    figure = new_figure(title, about, 0.5 + 0.24 * len(shown))
    axes: Axes = figure.subplots()
    above = "C3" if found.is_signed else "C1"
    colours = np.where(shown >= 0, above, "C0").tolist()
    axes.barh(range(len(shown)), shown, color=colours)
    named = token_label if case.takes.takes_text else label
    axes.set_yticks(range(len(shown)), [named(names[i], 20) for i in places])
    axes.invert_yaxis()
    axes.axvline(0, color="grey", linewidth=0.8)
    axes.set_xlabel("attribution")
    return figure


def _line(title: str, about: str, case: Case, found: Explanation) -> Figure:
    """A series, and below it the attribution of each step."""
    sample = np.asarray(case.sample, "float32")[0]
    figure = new_figure(title, about, 3.0)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    flat = sample.reshape(len(sample), -1)
    above.plot(flat.mean(axis=1), color="black", linewidth=1)
    values = np.asarray(found.attributions)
    options = _colours(found)
    low, high = above.get_ylim()
    extent = (-0.5, len(values) - 0.5, low, high)
    above.imshow(values[np.newaxis], aspect="auto", alpha=0.6, extent=extent, **options)
    above.set(ylabel="value", ylim=(low, high))
    below.bar(range(len(values)), values, width=1.0, color="grey")
    below.set(xlabel="step", ylabel="attribution")
    return figure


def _pictures(title: str, about: str, images: Mapping[str, np.ndarray]) -> Figure:
    """Stacks of pictures, each with its name."""
    columns = 8
    rows = [max(1, -(-len(stack) // columns)) for stack in images.values()]
    is_alone = len(images) == 1 and len(next(iter(images.values()))) == 1
    figure = new_figure(title, about, 2.6 if is_alone else 0.9 * sum(rows) + 0.4)
    parts = figure.subfigures(len(images), 1, height_ratios=rows, squeeze=False)
    for part, (name, stack) in zip(parts[:, 0], images.items(), strict=True):
        if len(images) > 1:
            part.suptitle(label(name, 30), fontsize=9)
        tiles(part, _shown(stack), columns=min(columns, len(stack)), **_range(stack))
    return figure


def _shown(stack: np.ndarray) -> np.ndarray:
    """Colours that matplotlib takes: of signed ones, a middle grey is zero."""
    if stack.shape[-1] == 1 or stack.min() >= 0:
        return stack
    return 0.5 + stack / (2 * float(np.abs(stack).max()))


def _range(stack: np.ndarray) -> dict[str, Any]:
    if stack.shape[-1] != 1:
        return {}
    most = float(np.abs(stack).max()) or 1.0
    if stack.min() < 0:
        return {"cmap": SIGNED, "vmin": -most, "vmax": most}
    return {"vmin": 0.0, "vmax": most}
