"""The page of components: formulas and files from the code, errors and speed measured.

python -m tests.custom_layers.catalogue        # writes docs/components.md
"""

import inspect
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

import keras
import numpy as np

import custom_layers as cl

from . import rows
from .checks import functions, layers, losses, metrics, optimizers, schedules

ROOT = Path(cl.__file__).parents[1]
PAGE = ROOT / "docs/components.md"
SPEED = ROOT / "benchmarks/components.json"
KINDS = (
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "optimizers.schedules",
    "activations",
    "initializers",
    "regularizers",
    "callbacks",
)
# Layers by what they are for: files and folders of `custom_layers/layers/`.
GROUPS = {
    "Core layers": ("activation", "dense", "embedding", "maxout", "prelu"),
    "Convolutional layers": ("convolution", "depthwise", "separable", "transposed"),
    "Pooling layers": ("global_pooling", "pooling"),
    "Recurrent layers": ("recurrent",),
    "Attention and transformer layers": ("attention",),
    "Normalization layers": ("batch_normalization", "layer_normalization"),
    "Regularization and sampling layers": (
        *("activity_regularization", "regularization", "sampling", "spatial_dropout"),
    ),
    "Layers of several networks": ("adversarial",),
    "Reshaping layers": ("padding", "reshaping", "upsampling"),
    "Preprocessing layers": ("preprocessing",),
    "Augmentation layers": ("augmentation",),
    "Transforms": ("transforms",),
    "Detection layers": ("detection",),
    "Output layers of large vocabularies": (
        *("hierarchical_softmax", "negative_sampling"),
    ),
    "Classic neurons": ("perceptron", "rbf"),
}
LOOKUPS = {"get", "serialize", "deserialize"}
_PAIRS = {
    "LAYERS": layers.oracle_pairs,
    "LOSSES": losses.oracle_pairs,
    "OPTIMIZERS": optimizers.oracle_pairs,
    "ACTIVATIONS": functions.activation_pairs,
    "REGULARIZERS": functions.regularizer_pairs,
    "FUNCTIONS": functions.function_pairs,
    "METRICS": metrics.oracle_pairs,
    "SCHEDULES": schedules.oracle_pairs,
}


@dataclass(frozen=True)
class Entry:
    """A component: what the code itself says of it."""

    kind: str
    name: str
    aliases: tuple[str, ...]
    file: str
    formula: str
    namesake: str

    @property
    def section(self) -> str:
        """The heading of the page that it stands below."""
        if self.kind != "layers":
            return self.kind.replace("optimizers.", "").capitalize()
        place = Path(self.file).relative_to("custom_layers/layers").parts[0]
        (found,) = (
            heading
            for heading, places in GROUPS.items()
            if place.removesuffix(".py") in places
        )
        return found

    def cells(self) -> str:
        """The cells of the page that change with the code only."""
        names = ", ".join(f"`{name}`" for name in (self.name, *self.aliases))
        link = f"[{self.file}](../{self.file})"
        return f"| {names} | {self.formula} | {link} | {self.namesake} |"


def entries() -> Iterator[Entry]:
    """Every public component; a loss and its function are one."""
    for kind in KINDS:
        module, keras_module = attrgetter(kind)(cl), attrgetter(kind)(keras)
        names = {}
        for name in module.__all__:
            if name not in LOOKUPS:
                names.setdefault(_subject(getattr(module, name)), []).append(name)
        for component, its in names.items():
            first = component.__name__
            peers = sorted(name for name in its if hasattr(keras_module, name))
            yield Entry(
                kind,
                first,
                tuple(sorted(set(its) - {first})),
                Path(inspect.getfile(component)).relative_to(ROOT).as_posix(),
                formula(component),
                f"`keras.{kind}.{first if first in peers else peers[0]}`"
                if peers
                else "",
            )


def _subject(thing):
    """The class that a function belongs to, or the thing itself."""
    for row in rows.LOSSES:
        if row.function is thing:
            return row.component
    return thing


def formula(component) -> str:
    """The first formula of a docstring, each of its lines as GitHub renders it."""
    _, found, block = inspect.getdoc(component).partition(".. math::\n\n")
    lines = itertools.takewhile(
        lambda line: line.startswith("    ") or not line, block.split("\n")
    )
    text = " ".join(" ".join(lines).split())
    if not found:
        return ""
    # Line breaks and alignment of the block, not those of cases within it.
    parts = re.split(r"(\\begin\{.*?\\end\{\w+\})", text)
    parts[::2] = [
        part.replace("&", "").replace(r" \\ ", "`$<br>$`") for part in parts[::2]
    ]
    return f"$`{''.join(parts).replace('` ', '`')}`$"


def oracle_error(component) -> float | None:
    """The largest difference from the float64 oracle, by `|a - b| / max(1, |b|)`."""
    largest = None
    for table, pairs in _PAIRS.items():
        for row in getattr(rows, table):
            if row.component is component and row.oracle is not None:
                for got, want in pairs(row):
                    error = np.abs(got - want) / np.maximum(1, np.abs(want))
                    largest = max(largest or 0.0, float(np.max(error, initial=0)))
    return largest


def page() -> str:
    """The page, with errors measured now and speeds from the last benchmark."""
    results = json.loads(SPEED.read_text())
    sections = by_section()
    contents = (f"[{h}](#{h.lower().replace(' ', '-')})" for h in sections)
    text = _HEAD.format(**results, contents=", ".join(contents))
    for heading, found in sections.items():
        text += f"\n## {heading}\n\n{_COLUMNS}"
        for entry in found:
            component = getattr(attrgetter(entry.kind)(cl), entry.name)
            error = oracle_error(component)
            shown = "" if error is None else f"{error:.1g}"
            text += f"{entry.cells()} {shown} | {_speed(results, entry)} |\n"
    return text


def by_section() -> dict[str, list[Entry]]:
    """The components below each heading, in the order of the page."""
    sections = {heading: [] for heading in GROUPS}
    for entry in entries():
        sections.setdefault(entry.section, []).append(entry)
    return sections


def _speed(results, entry):
    names = {entry.name, *entry.aliases}
    found = [
        row.get("training", row.get("forward"))
        for row in results["rows"]
        if row["kind"] == entry.kind and row["component"] in names
    ]
    return ", ".join(f"{f['graph']:.2f} / {f['best']:.2f}" for f in found)


_HEAD = """# Components

Written by `make components` from the code, the table of tests and the last benchmark.

*Oracle error*: largest difference, in single precision, from the formula in NumPy and
double precision, `|a - b| / max(1, |b|)`, over the rows of `tests/custom_layers/rows/`.
*Speed*: our time over that of the namesake (or of the peer that
[the benchmark](../benchmarks/components.md) names), forward and backward, one pair
a size: in a plain `tf.function` / each in its better of plain graph and XLA. Below 1
is faster; empty for callbacks, which compute nothing in a step. Measured with
TensorFlow {versions[tensorflow]} and Keras {versions[keras]} on {machine}.

{contents}
"""
_COLUMNS = """| component | formula | file | namesake | oracle error | speed |
|---|---|---|---|---|---|
"""

if __name__ == "__main__":
    PAGE.write_text(page())
