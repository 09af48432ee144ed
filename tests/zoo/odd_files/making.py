"""The rows of the tables of odd files, and functions that write such files."""

import dataclasses
import io
import math
import wave
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

N = 40  # rows of most tables: 28 to train on, 4 to validate, 8 to test


@dataclasses.dataclass(frozen=True)
class Row:
    """One odd file.

    Args:
        name: What is odd about it.
        make: Writes it below a folder, and returns the path.
        task: It is read for; none where it is refused.
        samples: In all splits together.
        labels: Of classes, or names of quantities.
        shape: Of a sample; not compared if None.
        finds: Kinds of findings that must be among those said, and no others of the
            level of warnings.
        refused: Words of the line.
        check: Looks at the values.
        reading: Options.
    """

    name: str
    make: Callable[[Path], Any]
    task: str = ""
    samples: int = N
    labels: tuple[str, ...] | None = None
    shape: tuple[int, ...] | None = None
    finds: tuple[str, ...] = ()
    refused: str = ""
    check: Callable[[Any], bool] | None = None
    reading: dict[str, Any] = dataclasses.field(default_factory=dict)


def file(name, content):
    """Writes one file."""

    def make(folder):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = content if isinstance(content, bytes) else content.encode()
        path.write_bytes(raw)
        return path

    return make


def tree(files):
    """Writes files by their paths below `data`, and returns that folder."""

    def make(folder):
        for name, content in files.items():
            file(f"data/{name}", content)(folder)
        return folder / "data"

    return make


def suffixed(make, what):
    """Names a column of a file: `table.csv:column`."""
    return lambda folder: f"{make(folder)}:{what}"


def noise(i):
    return f"{math.sin(i * i):.4f}"


def table(columns, rows=N, separator=",", end="\n", header=True):
    """A table of columns, each a function of the row."""
    names = [separator.join(columns)] if header else []
    body = [separator.join(str(f(i)) for f in columns.values()) for i in range(rows)]
    return end.join([*names, *body]) + end


def plain(label="label", **more):
    return {
        "p": noise,
        "q": lambda i: f"{math.cos(i * i):.4f}",
        **more,
        label: lambda i: "ab"[i % 2],
    }


def csv(columns, name="t.csv", encoding="utf-8", **options):
    return file(name, table(columns, **options).encode(encoding))


def picture(size=(8, 6), mode="RGB", kind="PNG", value=90, **save):
    """The bytes of a picture."""
    content = io.BytesIO()
    full = {"L": value, "RGB": (value, 20, 30), "RGBA": (value, 20, 30, 0)}
    full |= {"P": 3, "CMYK": (0, 0, 0, 255 - value), "I;16": 256 * value, "1": 1}
    full |= {"LA": (value, 0)}
    Image.new(mode, size, full[mode]).save(content, kind, **save)
    return content.getvalue()


def pictures(count=12, suffix="png", classes=("cat", "dog"), below="", **options):
    return {
        f"{below}{label}/{i}.{suffix}": picture(value=10 * (i + 1), **options)
        for label in classes
        for i in range(count)
    }


def sound(seconds=0.2, rate=8000, width=2, channels=1, amplitude=0.5, phase=0.0):
    """The bytes of a `.wav` file."""
    times = np.arange(int(seconds * rate)) / rate
    values = amplitude * np.sin(2 * np.pi * 440 * times + phase)
    if width == 2:
        raw = np.round(values * 32767).astype("<i2")
    else:
        raw = np.round(values * 127 + 128).astype("uint8")
    raw = np.repeat(raw, channels)
    content = io.BytesIO()
    with wave.open(content, "wb") as out:
        out.setparams((channels, width, rate, 0, "NONE", ""))
        out.writeframes(raw.tobytes())
    return content.getvalue()


def sounds(count=12, classes=("no", "yes"), **options):
    return {
        f"{label}/{i}.wav": sound(phase=i, **options)
        for label in classes
        for i in range(count)
    }


def npz(**arrays):
    def make(folder):
        np.savez(folder / "t.npz", **arrays)
        return folder / "t.npz"

    return make


def texts(count=N, form="{label}\t{text}\n"):
    return "".join(
        form.format(label="pn"[i % 2], text=f"text {noise(i)} is of number {i}")
        for i in range(count)
    )


def fields(**given):
    return given


CLASSES = fields(task="classification", labels=("a", "b"))
TEXT = fields(task="classification", labels=("n", "p"), shape=())
PICTURES = fields(task="classification", samples=24, labels=("cat", "dog"))
SOUNDS = fields(task="classification", samples=24, labels=("no", "yes"))
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(N, 3)), np.arange(N) % 2
MATRIX = (2,)


def sold(i):
    return f"{10 + math.sin(i / 3):.3f}"


def day(i):
    return (date(2024, 1, 1) + timedelta(days=i)).isoformat()
