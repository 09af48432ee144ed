"""What practitioners bring: a right result, or the line that refuses it.

Each row is a file or a folder as people have them, what it is read as, and where the
commands refuse it, the words of the line that helps.
"""

import dataclasses
import gzip
import io
import json
import math
import wave
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo.datasets import load_dataset
from zoo.errors import DatasetError, UnknownNameError

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


TABLES = [
    Row("plain", csv(plain()), **CLASSES, shape=MATRIX),
    Row("semicolons", csv(plain(), separator=";"), **CLASSES, shape=MATRIX),
    Row("tabs in a .csv", csv(plain(), separator="\t"), **CLASSES, shape=MATRIX),
    Row("bars", csv(plain(), separator="|"), **CLASSES, shape=MATRIX),
    Row("CR line ends", csv(plain(), end="\r"), **CLASSES, shape=MATRIX),
    Row("CRLF line ends", csv(plain(), end="\r\n"), **CLASSES, shape=MATRIX),
    Row("blank lines between rows", csv(plain(), end="\n\n"), **CLASSES, shape=MATRIX),
    Row("byte order mark", csv(plain(), encoding="utf-8-sig"), **CLASSES, shape=MATRIX),
    Row("UTF-16", csv(plain(), encoding="utf-16"), **CLASSES, shape=MATRIX),
    Row(".CSV", csv(plain(), name="T.CSV"), **CLASSES, shape=MATRIX),
    Row(".tsv", csv(plain(), name="t.tsv", separator="\t"), **CLASSES, shape=MATRIX),
    Row(".txt", csv(plain(), name="t.txt"), **CLASSES, shape=MATRIX),
    Row(
        "gzip",
        file("t.csv.gz", gzip.compress(table(plain()).encode())),
        **CLASSES,
        shape=MATRIX,
    ),
    Row(
        "latin-1 unnamed",
        csv(plain(größe=noise), encoding="latin-1"),
        refused="--charset",
    ),
    Row(
        "latin-1 named",
        csv(plain(größe=noise), encoding="latin-1"),
        **CLASSES,
        shape=(3,),
        reading={"charset": "latin-1"},
    ),
    Row(
        "no header",
        csv(
            {"a": lambda i: i * i % 11, "b": lambda i: i % 7, "c": lambda i: i % 2},
            header=False,
        ),
        task="classification",
        labels=("0", "1"),
        shape=MATRIX,
        finds=("no_header",),
    ),
    Row(
        "no header by option",
        csv(plain(), header=False),
        **CLASSES,
        shape=MATRIX,
        reading={"no_header": True},
    ),
    Row(
        "R's row names",
        file(
            "t.csv",
            "p,q,label\n"
            + "".join(
                f"{i + 1},{noise(i)},{noise(i + 50)},{'ab'[i % 2]}\n" for i in range(N)
            ),
        ),
        **CLASSES,
        shape=(3,),
        finds=("row_number",),
    ),
    Row(
        "Unnamed: 0",
        csv({"Unnamed: 0": lambda i: i, **plain()}),
        **CLASSES,
        shape=(3,),
        finds=("row_number",),
    ),
    Row(
        "row numbers left out",
        csv({"Unnamed: 0": lambda i: i, **plain()}),
        **CLASSES,
        shape=MATRIX,
        reading={"ignore": "Unnamed: 0"},
    ),
    Row(
        "identifiers",
        csv({"id": lambda i: 7919 * (i + 3) % 9973, **plain()}),
        **CLASSES,
        finds=("identifier",),
    ),
    Row(
        "a constant", csv({"c": lambda i: 7, **plain()}), **CLASSES, finds=("constant",)
    ),
    Row(
        "an empty column",
        csv({"c": lambda i: "", **plain()}),
        **CLASSES,
        shape=MATRIX,
        finds=("empty",),
    ),
    Row(
        "the label first",
        csv(
            {"species": lambda i: "ab"[i % 2], "p": noise, "q": lambda i: noise(i + 9)}
        ),
        **CLASSES,
        shape=MATRIX,
    ),
    Row(
        "the label by its name",
        csv({"p": noise, "Class": lambda i: "ab"[i % 2], "q": lambda i: noise(i + 9)}),
        **CLASSES,
        shape=MATRIX,
    ),
    Row(
        "the label by option",
        csv(plain(label="kind", size=noise)),
        **CLASSES,
        shape=(3,),
        reading={"target": "kind"},
    ),
    Row(
        "two that may be the label",
        csv(plain(**{"class": lambda i: "cd"[i % 3 == 0]})),
        refused="--target class or --target label",
    ),
    Row(
        "no such column",
        csv(plain()),
        refused="has no column 'price'; it has p, q, label",
        reading={"target": "price"},
    ),
    Row(
        "features",
        csv(plain(r=noise)),
        **CLASSES,
        shape=(1,),
        reading={"features": ["q"]},
    ),
    Row(
        "labels missing",
        csv({**plain(), "label": lambda i: "NA" if i < 4 else "ab"[i % 2]}),
        **CLASSES | {"samples": N - 4},
        finds=("missing_labels",),
    ),
    Row(
        "labels of ?",
        csv({**plain(), "label": lambda i: "?" if i < 4 else "ab"[i % 2]}),
        **CLASSES | {"samples": N - 4},
        finds=("missing_labels",),
    ),
    Row("no label at all", csv({**plain(), "label": lambda i: ""}), refused="label"),
    Row(
        "near twins",
        csv({**plain(), "label": lambda i: ("Yes", "yes", "no", "no")[i % 4]}),
        task="classification",
        labels=("Yes", "no", "yes"),
        finds=("near_twins",),
    ),
    Row(
        "0 and 0.0",
        csv({**plain(), "label": lambda i: ("0", "0.0", "1", "1")[i % 4]}),
        task="classification",
        labels=("0", "0.0", "1"),
        finds=("near_twins",),
    ),
    Row("one class", csv({**plain(), "label": lambda i: "a"}), refused="one class"),
    Row(
        "decimal commas",
        file("t.csv", table(plain(), separator=";").replace(".", ",")),
        **CLASSES,
        shape=MATRIX,
        finds=("decimal_commas",),
        check=lambda d: abs(d.train.x).max() <= 1,
    ),
    Row("thousands", csv(plain(n=lambda i: f'"1,{100 + i}"')), refused="'n'"),
    Row(
        "an error among numbers",
        csv(plain(n=lambda i: "12x" if i == 5 else i * i)),
        refused="line 7, column 'n': '12x' is not a number",
    ),
    Row(
        "missing values",
        csv(plain(n=lambda i: "" if i % 9 == 0 else i * i)),
        **CLASSES,
        shape=(3,),
        check=lambda d: (
            np.isnan(np.concatenate([s.x for s in d.splits.values()])).sum() == 5
        ),
    ),
    Row(
        "missing values of many spellings",
        csv(plain(n=lambda i: ("NA", "nan", "?", "null", "")[i] if i < 5 else i * i)),
        **CLASSES,
        shape=(3,),
    ),
    Row(
        "categories",
        csv(plain(sex=lambda i: ("f", "m")[i // 2 % 2])),
        **CLASSES,
        shape=(3,),
        check=lambda d: d.columns[2].categories == ("f", "m"),
    ),
    Row(
        "booleans",
        csv(plain(old=lambda i: ("no", "yes")[i // 2 % 2])),
        **CLASSES,
        shape=(3,),
        check=lambda d: d.columns[2].kind == "boolean",
    ),
    Row(
        "dates",
        csv(plain(day=day)),
        **CLASSES,
        shape=(3,),
        check=lambda d: d.columns[2].kind == "date",
    ),
    Row(
        "German dates",
        csv(plain(day=lambda i: f"{1 + i % 28:02d}.{1 + i // 28:02d}.2024")),
        **CLASSES,
        shape=(3,),
        check=lambda d: d.columns[2].kind == "date",
    ),
    Row(
        "names of rows",
        csv({"name": lambda i: f"Mr. {noise(i)} {i}", **plain()}),
        refused="--ignore name",
    ),
    Row(
        "Unix times",
        csv(plain(time=lambda i: 1700000000 + i * 60)),
        refused="--ignore time",
    ),
    Row(
        "ids of 1e18",
        csv(plain(time=lambda i: 10**18 + i * 7)),
        refused="--ignore time",
    ),
    Row(
        "beyond float32",
        csv(plain(n=lambda i: "1e300" if i == 3 else i)),
        refused="beyond float32",
    ),
    Row("infinity", csv(plain(n=lambda i: "inf" if i == 3 else i)), refused="'n'"),
    Row(
        "-999 for missing",
        csv(plain(n=lambda i: -999 if i % 9 == 0 else noise(i))),
        **CLASSES,
        shape=(3,),
        finds=("placeholder",),
    ),
    Row(
        "a quantity",
        csv(
            {
                "p": noise,
                "q": lambda i: noise(i + 9),
                "price": lambda i: f"{i * 1.37:.2f}",
            }
        ),
        task="regression",
        labels=("price",),
        shape=MATRIX,
        reading={"target": "price"},
    ),
    Row(
        "two quantities",
        csv(
            {
                "p": noise,
                "price": lambda i: f"{i * 1.37:.2f}",
                "size": lambda i: f"{i * 0.7:.2f}",
            }
        ),
        task="regression",
        labels=("price", "size"),
        shape=(1,),
        reading={"target": ["price", "size"]},
    ),
    Row(
        "a quantity missing",
        csv({"p": noise, "price": lambda i: "" if i < 4 else f"{i * 1.37:.2f}"}),
        task="regression",
        samples=N - 4,
        labels=("price",),
        finds=("missing_labels",),
        reading={"target": "price"},
    ),
    Row(
        "a quantity as classes",
        csv({"p": noise, "price": lambda i: f"{i * 1.37:.2f}"}),
        refused="too few",
        reading={"target": "price", "task": "classification"},
    ),
    Row(
        "classes as a quantity",
        csv({**plain(), "label": lambda i: i % 3}),
        task="regression",
        labels=("label",),
        reading={"task": "regression"},
    ),
    Row(
        "names as a label",
        csv({**plain(), "label": lambda i: f"name{i}"}),
        refused="'label'",
    ),
    Row(
        "a row too short",
        file("t.csv", table(plain()) + "1,2\n"),
        refused="line 42 has 2 columns, the header 3",
    ),
    Row(
        "a row too long",
        file("t.csv", table(plain()) + "1,2,3,4\n"),
        refused="line 42 has 4 columns, the header 3",
    ),
    Row(
        "a title above",
        file("t.csv", "Sales of 2024\n" + table(plain())),
        refused="'Sales of 2024', is a title",
    ),
    Row(
        "columns twice",
        file("t.csv", table(plain()).replace("p,q", "p,p")),
        refused="holds 'p' twice",
    ),
    Row("columns by spaces", csv(plain(), separator=" "), refused="spaces separate"),
    Row(
        "a quoted comma",
        csv({"p": noise, "q": noise, "label": lambda i: f'"{"ab"[i % 2]}, c"'}),
        task="classification",
        labels=("a, c", "b, c"),
        shape=MATRIX,
    ),
    Row(
        "an open quote",
        file("t.csv", table(plain()).replace("\n", '\n"', 1)),
        refused="line 41 has 1 columns",
    ),
    Row("a header alone", file("t.csv", "p,q,label\n"), refused="rows below it"),
    Row("an empty file", file("t.csv", ""), refused="t.csv"),
    Row("HTML", file("t.csv", "<!doctype html><html></html>"), refused="HTML"),
    Row("Excel called CSV", file("t.csv", b"PK\x03\x04" + bytes(90)), refused="Excel"),
    Row("Parquet called CSV", file("t.csv", b"PAR1" + bytes(90)), refused="Parquet"),
    Row("gzip called CSV", file("t.csv", gzip.compress(b"a,b\n1,2\n")), refused="gzip"),
    Row(
        "NUL characters",
        file("t.csv", table(plain()).replace("a", "\0")),
        refused="NUL character",
    ),
    Row("five rows", csv(plain(), rows=5), refused="too few"),
    Row(
        "a copy of each row",
        file("t.csv", table(plain()) + table(plain(), header=False)),
        **CLASSES | {"samples": 2 * N},
        finds=(),
    ),
    Row(
        "sorted by class",
        csv({**plain(), "label": lambda i: "ab"[i >= N // 2]}),
        **CLASSES,
        check=lambda d: set(d.test.y) == {0, 1},
    ),
    Row("nothing there", lambda folder: folder / "none.csv", refused="no file"),
]

PROGRAMS = [
    Row(
        "comments of a sensor above",
        file("t.csv", b"# sensor 7\n# 2024-01-01, hall 3\n" + table(plain()).encode()),
        **CLASSES,
        finds=("preamble",),
    ),
    Row("a header with #", csv({"#p": noise, **plain()}), **CLASSES, shape=(3,)),
    Row(
        "sep= of Excel",
        file("t.csv", b"sep=;\r\n" + table(plain(), separator=";").encode()),
        **CLASSES,
        finds=("preamble",),
    ),
    Row(
        "thousands between gaps, as Excel writes them in French",
        csv({"c": lambda i: f"{i + 1}\u202f{i * 7:03},5", **plain()}, separator=";"),
        **CLASSES,
        finds=("decimal_commas",),
        check=lambda data: data.train.x[:, 0].min() > 1000,
    ),
    Row(
        "a minus of typesetting",
        csv({"c": lambda i: f"{5 - i % 30}".replace("-", "\u2212"), **plain()}),
        **CLASSES,
        check=lambda data: data.train.x[:, 0].min() < -9,
    ),
    Row(
        "three places behind decimal commas",
        csv({"c": lambda i: f"{i % 3},{i:03}", **plain()}, separator=";"),
        **CLASSES,
        finds=("decimal_commas",),
        check=lambda data: data.train.x[:, 0].max() < 3,
    ),
    Row(
        "errors of Excel, gaps of MySQL",
        csv(
            {
                "c": lambda i: "#DIV/0!" if i % 7 == 0 else noise(i),
                "d": lambda i: "\\N" if i % 9 == 0 else noise(i + 1),
                **plain(),
            }
        ),
        **CLASSES,
        finds=("missing_values",),
    ),
    Row(
        "times of twelve hours",
        csv(
            {
                "t": lambda i: (
                    f"{i % 12 + 1}/{i % 28 + 1}/2024 {i % 12 + 1}:05 {'AP'[i % 2]}M"
                ),
                **plain(),
            }
        ),
        **CLASSES,
        finds=("dates",),
        check=lambda data: data.columns[0].kind == "date" and data.columns[0].has_times,
    ),
    Row(
        "units in the cells",
        csv({"weight": lambda i: f"{40 + i} kg", **plain()}),
        refused="'weight' holds numbers with something beside them, such as '40 kg'; "
        "write the number alone, in one unit",
    ),
    Row(
        "durations",
        csv({"run": lambda i: f"00:{i:02}:{i * 7 % 60:02}", **plain()}),
        refused="such as '00:00:00'; write the number alone",
    ),
    *(
        Row(f"a file {name}", file(name, b"\x00\x01"), refused=words)
        for name, words in (
            ("t.xls", "is an old Excel file; write it as a .csv file: python -c"),
            ("t.dta", "pandas.read_stata("),
            ("t.arff", "call what follows its line @data"),
            ("t.data", "if it is a table, call it"),
            ("t.npy", "is one array; write samples and targets into one file"),
            ("t.pkl", "is a pickle, which can run code, so it is not read"),
            ("t.zip", "is an archive; unpack it"),
            ("t.sqlite", "sqlite3 -header -csv"),
        )
    ),
    Row(
        "pictures of a phone",
        tree({f"{k}/{i}.HEIC": b"heic" for k in ("cat", "dog") for i in range(9)}),
        refused="the form .HEIC, which is not read; convert each to .jpg: heif-convert",
    ),
    Row(
        "some pictures of a phone",
        tree(pictures() | {"cat/x.heic": b"heic", "dog/y.heic": b"heic"}),
        **PICTURES,
        finds=("unread_files",),
    ),
    Row(
        "sounds of a phone",
        tree({f"{k}/{i}.m4a": b"m4a" for k in ("no", "yes") for i in range(9)}),
        refused="the form .m4a, which is not read; convert each to .wav: ffmpeg -i",
    ),
    Row(
        "postal codes",
        csv({"zip": lambda i: f"{i % 4 + 1:05}", **plain()}),
        **CLASSES,
        finds=("leading_zeros",),
    ),
    Row(
        "postal codes as categories",
        csv({"zip": lambda i: f"{i % 4 + 1:05}", **plain()}),
        **CLASSES,
        reading={"categories": ["zip"]},
        check=lambda data: data.columns[0].categories[0] == "00001",
    ),
]

TEXTS = [
    Row("label, tab, text", file("t.tsv", texts()), **TEXT),
    Row("text, tab, label", file("t.tsv", texts(form="{text}\t{label}\n")), **TEXT),
    Row("below a header", file("t.tsv", "label\ttext\n" + texts()), **TEXT),
    Row(
        "blank lines between rows",
        file("t.tsv", texts(form="{label}\t{text}\n\n")),
        **TEXT,
    ),
    Row(
        "CSV of text and label",
        file("t.csv", "text,label\n" + texts(form='"{text}, yes",{label}\n')),
        **TEXT,
    ),
    Row(
        "CSV with counts beside",
        file(
            "t.csv",
            "id,review,sentiment\n"
            + "".join(f'{i},"a text of {noise(i)}",{"pn"[i % 2]}\n' for i in range(N)),
        ),
        **TEXT,
    ),
    Row(
        "JSON lines",
        file(
            "t.jsonl",
            "".join(
                json.dumps({"text": f"a text of {noise(i)}", "label": "pn"[i % 2]})
                + "\n"
                for i in range(N)
            ),
        ),
        **TEXT,
    ),
    Row(
        "an array of JSON",
        file(
            "t.json",
            json.dumps(
                [
                    {"text": f"a text of {noise(i)}", "label": "pn"[i % 2]}
                    for i in range(N)
                ]
            ),
        ),
        **TEXT,
    ),
    Row(
        "other fields of JSON",
        file("t.jsonl", "".join(json.dumps({"a": 1, "b": 2}) + "\n" for i in range(N))),
        refused="which field is the text? It has a, b",
    ),
    Row(
        "broken JSON",
        file("t.jsonl", '{"text": "a", "label": "b"}\n{"text": \n'),
        refused="line 2 is not JSON",
    ),
    Row(
        "a folder by class",
        tree(
            {
                f"{k}/{i}.txt": f"a text of {noise(i)} {k}"
                for k in ("n", "p")
                for i in range(20)
            }
        ),
        **TEXT,
    ),
    Row(
        "split folders",
        tree(
            {
                f"{s}/{k}/{i}.txt": f"a {s} text of {noise(i)} {k}"
                for s in ("Training", "dev", "TEST")
                for k in ("n", "p")
                for i in range(6)
            }
        ),
        **TEXT | {"samples": 36},
        check=lambda d: [len(s.y) for s in d.splits.values()] == [12, 12, 12],
    ),
    Row(
        "unsup beside",
        tree(
            {
                f"{s}/{i}.txt": f"a text of {noise(i)} {s}"
                for s in ("n", "p", "unsup")
                for i in range(20)
            }
        ),
        **TEXT,
        finds=("unused_folder",),
    ),
    Row(
        "a file for each split",
        tree({f"{s}.tsv": texts(20) for s in ("train", "valid", "test")}),
        **TEXT | {"samples": 60},
    ),
    Row(
        "latin-1",
        file("t.tsv", texts().replace("text", "größe").encode("latin-1")),
        refused="--charset",
    ),
    Row(
        "latin-1 read",
        file("t.tsv", texts().replace("text", "größe").encode("latin-1")),
        **TEXT,
        reading={"charset": "latin-1"},
    ),
    Row(
        "labels missing",
        file("t.tsv", texts() + "NA\ta text\n\tone more\n"),
        **TEXT,
        finds=("missing_labels",),
    ),
    Row(
        "texts missing",
        file("t.tsv", texts() + "p\t \n"),
        **TEXT,
        finds=("missing_texts",),
    ),
    Row(
        "near twins",
        file(
            "t.tsv",
            texts()
            + texts(3)
            .replace("p\t", "P\t")
            .replace("n\t", "P\t")
            .replace("text", "word"),
        ),
        task="classification",
        samples=N + 3,
        labels=("P", "n", "p"),
        finds=("near_twins",),
    ),
    Row("two tabs in a line", file("t.tsv", texts() + "p\ta\tb\n"), refused="line 41"),
    Row(
        "a label for each text",
        file("t.tsv", "".join(f"label{i}\ta text of {noise(i)}\n" for i in range(N))),
        refused="labels in 40 rows",
        reading={"kind": "labelled"},
    ),
    Row(
        "a sentence beside each text",
        file("t.tsv", "".join(f"label{i}\ta text of {noise(i)}\n" for i in range(N))),
        task="translation",
        samples=N,
        finds=("text_kind",),
    ),
    Row(
        "running text",
        file("t.txt", "".join(f"line {noise(i)} of it\n" for i in range(N))),
        task="language_modelling",
        finds=("text_kind",),
    ),
    Row(
        "a list of labels",
        file("t.txt", "pos\nneg\n" * 20),
        task="language_modelling",
        finds=("label_list",),
    ),
    Row(
        "running text by option",
        file("t.tsv", texts()),
        task="language_modelling",
        reading={"kind": "running"},
    ),
    Row(
        "tokens and tags",
        file("t.tsv", "".join(f"word{i}\tNOUN\nruns\tVERB\n\n" for i in range(12))),
        task="tagging",
        samples=12,
        labels=("NOUN", "VERB"),
    ),
    Row(
        "CoNLL",
        file(
            "t.txt",
            "-DOCSTART- -X- O\n\n"
            + "".join(f"word{i} NN B\nruns VB O\n\n" for i in range(12)),
        ),
        task="tagging",
        samples=12,
        labels=("B", "O"),
    ),
    Row(
        "CoNLL in three files",
        tree(
            {
                f"{s}.conll": "".join(f"w{i} NN B\nruns VB O\n\n" for i in range(n))
                for s, n in (("train", 12), ("dev", 3), ("test", 4))
            }
        ),
        task="tagging",
        samples=19,
        labels=("B", "O"),
    ),
    Row(
        "few tagged sentences",
        file("t.tsv", "a\tX\nb\tY\n\n" * 3),
        refused="ten sentences",
    ),
    Row(
        "names by character",
        file(
            "t.tsv",
            "".join(f"{'pn'[i % 2]}\tNa{'aeiou'[i % 5]}m{i}\n" for i in range(N)),
        ),
        **TEXT,
    ),
    Row(
        "Chinese",
        file(
            "t.tsv",
            "".join(f"{'pn'[i % 2]}\t今天天气{chr(0x4E00 + i)}好\n" for i in range(N)),
        ),
        **TEXT,
    ),
    Row("an empty text file", file("t.txt", "\n\n"), refused="holds no text"),
]

SERIES = [
    Row("one column", csv({"sold": sold}, rows=60), task="forecasting", samples=60),
    Row(
        "a column of several",
        suffixed(csv({"day": day, "sold": sold}, rows=60), "sold"),
        task="forecasting",
        samples=60,
    ),
    Row(
        "newest first",
        suffixed(
            csv({"day": lambda i: day(59 - i), "sold": lambda i: 59 - i}, rows=60),
            "sold",
        ),
        task="forecasting",
        samples=60,
        check=lambda d: d.train.x[0] == 0 and d.test.x[-1] == 59,
    ),
    Row(
        "several companies",
        suffixed(
            csv(
                {
                    "firm": lambda i: "xy"[i // 60],
                    "day": lambda i: day(i % 60),
                    "sold": sold,
                },
                rows=120,
            ),
            "sold",
        ),
        refused="--group firm",
    ),
    Row(
        "several companies by group",
        suffixed(
            csv(
                {
                    "firm": lambda i: "xy"[i // 60],
                    "day": lambda i: day(i % 60),
                    "sold": sold,
                },
                rows=120,
            ),
            "sold",
        ),
        task="forecasting",
        samples=6,
        reading={"group": "firm"},
    ),
    Row(
        "a gap",
        suffixed(
            csv({"day": day, "sold": lambda i: "" if i == 7 else sold(i)}, rows=60),
            "sold",
        ),
        refused="fill them",
    ),
    Row(
        "no such column",
        suffixed(csv({"day": day, "sold": sold}, rows=60), "price"),
        refused="has no column 'price'; it has day, sold",
    ),
    Row(
        "a column of words",
        suffixed(csv({"day": day, "sold": lambda i: "many"}, rows=60), "sold"),
        refused="'many' is not a number",
    ),
    Row("too short", csv({"sold": sold}, rows=12), refused="20 are the least"),
    Row(
        "dates and a quantity",
        csv({"day": day, "sold": sold}, rows=60),
        task="regression",
        samples=60,
        labels=("sold",),
    ),
]

PICTURE_ROWS = [
    Row("PNG", tree(pictures()), **PICTURES, shape=(6, 8, 3)),
    Row("JPEG", tree(pictures(suffix="jpg", kind="JPEG")), **PICTURES, shape=(6, 8, 3)),
    Row(
        ".jfif", tree(pictures(suffix="jfif", kind="JPEG")), **PICTURES, shape=(6, 8, 3)
    ),
    Row(
        ".JPEG", tree(pictures(suffix="JPEG", kind="JPEG")), **PICTURES, shape=(6, 8, 3)
    ),
    Row("GIF", tree(pictures(suffix="gif", kind="GIF", mode="P")), **PICTURES),
    Row("BMP", tree(pictures(suffix="bmp", kind="BMP")), **PICTURES, shape=(6, 8, 3)),
    Row(
        "WebP",
        tree(pictures(suffix="webp", kind="WEBP", lossless=True)),
        **PICTURES,
        shape=(6, 8, 3),
    ),
    Row(
        "TIFF", tree(pictures(suffix="tiff", kind="TIFF")), **PICTURES, shape=(6, 8, 3)
    ),
    Row(
        "no suffix",
        tree(
            {name.removesuffix(".png"): content for name, content in pictures().items()}
        ),
        **PICTURES,
        shape=(6, 8, 3),
    ),
    Row(
        "grey",
        tree(pictures(mode="L")),
        **PICTURES,
        shape=(6, 8, 1),
        check=lambda d: set(np.unique(d.train.x)) <= set(range(10, 130, 10)),
    ),
    Row("palette", tree(pictures(mode="P")), **PICTURES),
    Row(
        "CMYK",
        tree(pictures(suffix="jpg", kind="JPEG", mode="CMYK")),
        **PICTURES,
        shape=(6, 8, 3),
    ),
    Row(
        "16 bits",
        tree(pictures(mode="I;16")),
        **PICTURES,
        shape=(6, 8, 1),
        check=lambda d: abs(int(max(s.x.max() for s in d.splits.values())) - 120) <= 1,
    ),
    Row(
        "transparent",
        tree(pictures(mode="RGBA")),
        **PICTURES,
        shape=(6, 8, 3),
        check=lambda d: d.train.x.min() == 255,
    ),
    Row(
        "grey and transparent",
        tree(pictures(mode="LA")),
        **PICTURES,
        check=lambda d: d.train.x.min() == 255,
    ),
    Row(
        "of two sizes",
        tree(pictures() | {"cat/big.png": picture((16, 12))}),
        **PICTURES | {"samples": 25},
        shape=(6, 8, 3),
    ),
    Row(
        "hidden copies",
        tree(
            pictures()
            | {f"{k}/.ipynb_checkpoints/0.png": picture() for k in ("cat", "dog")}
            | {".git/a.png": picture(), "cat/Thumbs.db": b"x", "cat/.DS_Store": b"x"}
        ),
        **PICTURES,
    ),
    Row("an extra folder on top", tree(pictures(below="archive/")), **PICTURES),
    Row(
        "splits of other names",
        tree(
            {
                f"{s}/{k}/{i}.png": picture(value=20 * i + 1)
                for s in ("Training", "Valid", "Testing")
                for k in ("cat", "dog")
                for i in range(4)
            }
        ),
        **PICTURES,
        check=lambda d: [len(s.y) for s in d.splits.values()] == [8, 8, 8],
    ),
    Row(
        "train and val",
        tree(
            {
                f"{s}/{k}/{i}.png": picture(value=20 * i + 1)
                for s in ("train", "val")
                for k in ("cat", "dog")
                for i in range(6)
            }
        ),
        **PICTURES,
        check=lambda d: len(d.validation.y) == 12,
    ),
    Row(
        "a class in test alone",
        tree(
            {f"train/{k}/{i}.png": picture() for k in ("cat", "dog") for i in range(6)}
            | {"test/fox/1.png": picture()}
        ),
        refused="holds classes that train lacks: fox",
    ),
    Row(
        "a folder beside the splits",
        tree(
            {
                f"{s}/{k}/{i}.png": picture(value=9 * i + 1)
                for s in ("train", "test")
                for k in ("cat", "dog")
                for i in range(6)
            }
            | {"extra/cat/1.png": picture()}
        ),
        **PICTURES,
        finds=("unused_folder",),
    ),
    Row("one class", tree(pictures(classes=("cat",))), refused="one class"),
    Row("an empty class", tree(pictures() | {"fox/readme.txt": "none"}), refused="fox"),
    Row(
        "a broken picture",
        tree(pictures() | {"cat/bad.png": picture()[:40]}),
        refused="bad.png",
    ),
    Row(
        "text called PNG",
        tree(pictures() | {"cat/bad.png": b"hello"}),
        refused="bad.png",
    ),
    Row("an empty folder", lambda folder: folder, refused="is empty"),
    Row(
        "turned by EXIF",
        tree(
            pictures(
                suffix="jpg",
                kind="JPEG",
                exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0",
            )
        ),
        **PICTURES,
        shape=(8, 6, 3),
    ),
]

SOUND_ROWS = [
    Row(
        "16 bits",
        tree(sounds()),
        **SOUNDS,
        shape=(1600,),
        check=lambda d: 0.45 < abs(d.train.x).max() < 0.55,
    ),
    Row(
        "8 bits",
        tree(sounds(width=1)),
        **SOUNDS,
        shape=(1600,),
        check=lambda d: 0.45 < abs(d.train.x).max() < 0.55,
    ),
    Row(
        "stereo",
        tree(sounds(channels=2)),
        **SOUNDS,
        shape=(1600,),
        check=lambda d: 0.45 < abs(d.train.x).max() < 0.55,
    ),
    Row(
        "of two lengths",
        tree(sounds() | {"no/long.wav": sound(0.4)}),
        **SOUNDS | {"samples": 25},
    ),
    Row(
        "resampled",
        tree(sounds(rate=16000)),
        **SOUNDS,
        shape=(1600,),
        reading={"rate": 8000},
    ),
    Row(
        "speakers",
        tree(
            {
                f"{k}/{k}_{s}_{i}.wav": sound(phase=i)
                for k in ("no", "yes")
                for s in ("ann", "bob", "cyd")
                for i in range(4)
            }
        ),
        **SOUNDS,
        reading={"group": "*_{group}_*", "test_group": ["bob"]},
        check=lambda d: len(d.test.y) == 8,
    ),
    Row("no sound", tree(sounds() | {"no/bad.wav": b"RIFF"}), refused="bad.wav"),
    Row("one class", tree(sounds(classes=("no",))), refused="one class"),
]

ARRAYS = [
    Row("x and y", npz(x=X, y=Y), task="classification", labels=("0", "1"), shape=(3,)),
    Row(
        "with labels",
        npz(x=X, y=Y, labels=np.array(["no", "yes"])),
        task="classification",
        labels=("no", "yes"),
        shape=(3,),
    ),
    Row(
        "splits",
        npz(x_train=X, y_train=Y, x_test=X[:10], y_test=Y[:10]),
        task="classification",
        samples=50,
        labels=("0", "1"),
    ),
    Row(
        "pictures without channels",
        npz(x=np.zeros((N, 8, 8), "uint8"), y=Y),
        task="classification",
        shape=(8, 8, 1),
    ),
    Row("quantities", npz(x=X, y=X.sum(axis=1)), task="regression", shape=(3,)),
    Row(
        "NaN",
        npz(x=np.where(X > 2, np.nan, X) * np.nan, y=Y),
        refused="NaN or infinity",
    ),
    Row("of other lengths", npz(x=X, y=Y[:-1]), refused="40 samples but 39 labels"),
    Row("labels from 1", npz(x=X, y=Y + 1), refused="add some or renumber the labels"),
    Row("other names", npz(data=X, target=Y), refused="it must hold `x` and `y`"),
    Row(
        "truncated",
        file("t.npz", b"PK\x03\x04" + bytes(40)),
        refused="not a readable .npz",
    ),
    Row("one-hot labels", npz(x=X, y=np.eye(2)[Y]), refused="y.argmax(axis=1)"),
    Row("strings", npz(x=X.astype(str), y=Y), refused="numbers"),
]


def frame(name):
    """A table with a category, booleans, dates and missing values, by pandas."""

    def make(folder):
        pandas = pytest.importorskip("pandas")
        path = folder / name
        held = pandas.DataFrame(
            {
                "size": [None if i % 9 == 0 else i * i / 7 for i in range(N)],
                "sex": ["fm"[i // 2 % 2] for i in range(N)],
                "old": [i % 3 == 0 for i in range(N)],
                "day": pandas.to_datetime([day(i) for i in range(N)]),
                "label": ["ab"[i % 2] for i in range(N)],
            }
        )
        if name.endswith(".parquet"):
            pytest.importorskip("pyarrow")
            held.to_parquet(path)
        else:
            pytest.importorskip("openpyxl")
            held.to_excel(path, index=False)
        return path

    return make


def kinds_of(data):
    return [column.kind for column in data.columns]


OF_FRAMES = ["number", "category", "boolean", "date"]
OTHERS = [
    Row(
        "Parquet",
        frame("t.parquet"),
        **CLASSES,
        shape=(4,),
        check=lambda d: kinds_of(d) == OF_FRAMES,
    ),
    Row(
        "Excel",
        frame("t.xlsx"),
        **CLASSES,
        shape=(4,),
        check=lambda d: kinds_of(d) == OF_FRAMES,
    ),
    Row(
        "one folder of pictures",
        tree({f"{i}.png": picture(value=9 * i + 1) for i in range(24)}),
        task="reconstruction",
        samples=24,
        shape=(6, 8, 3),
        finds=("unlabelled",),
    ),
    Row(
        "x without y", npz(x=X), task="reconstruction", samples=N, finds=("unlabelled",)
    ),
    Row("a suffix of nobody", file("t.xyz", "a"), refused="is none of these"),
    Row(
        "a name of nobody",
        lambda folder: "no_such_set",
        refused="neither built in, nor a path",
    ),
    Row(
        "a folder of CSV",
        tree({"a.csv": table(plain()), "b.csv": table(plain())}),
        refused="call them train.csv, valid.csv and test.csv",
    ),
    Row(
        "a file for each split",
        tree({"train.csv": table(plain()), "test.csv": table(plain(), rows=8)}),
        **CLASSES | {"samples": N + 8},
    ),
    Row(
        "texts side by side",
        tree({f"{i}.txt": f"a text of {i}" for i in range(9)}),
        refused="put those of each class into a sub-folder",
    ),
    Row(
        "splits of other columns",
        tree(
            {"train.csv": table(plain()), "test.csv": table({"p": noise, "q": noise})}
        ),
        refused="lacks 'label'",
    ),
]

ROWS = [
    pytest.param(row, id=f"{kind}: {row.name}")
    for kind, rows in {
        "table": TABLES,
        "program": PROGRAMS,
        "text": TEXTS,
        "series": SERIES,
        "pictures": PICTURE_ROWS,
        "sound": SOUND_ROWS,
        "arrays": ARRAYS,
        "other": OTHERS,
    }.items()
    for row in rows
]


@pytest.mark.parametrize("row", ROWS)
def test_odd_file(row, tmp_path):
    path = row.make(tmp_path)
    if not row.task:
        with pytest.raises(DatasetError) as error:
            load_dataset(path, **row.reading)
        said = str(error.value)
        assert row.refused and row.refused in said
        assert "\n" not in said
        return
    data = load_dataset(path, **row.reading)
    assert data.task == row.task
    assert sum(len(split.x) for split in data.splits.values()) == row.samples
    if row.labels is not None:
        assert (data.labels or data.targets) == row.labels
    if row.shape is not None:
        assert data.input_shape == row.shape
    kinds = {finding.kind for finding in data.findings}
    warned = {each.kind for each in data.findings if each.level == "warning"}
    assert set(row.finds) <= kinds
    assert warned <= {*row.finds, "copies"}
    assert row.check is None or row.check(data)


def test_there_are_enough_of_them():
    assert len(ROWS) >= 190
    assert len({row.id for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(
    "model, data, says",
    [
        ("forecaster", "sales.csv", "needs a series, such as {path}:sold"),
        ("mlp", "sales.csv:sold", "is for forecasting; it has no classes to learn"),
        ("mlp", "sales.csv:sold", "`zoo data {path}:sold` shows the models that"),
    ],
)
def test_a_model_for_another_task(model, data, says, tmp_path):
    path = csv({"day": day, "sold": sold}, "sales.csv", rows=60)(tmp_path)
    given = f"{path}:sold" if ":" in data else path
    with pytest.raises(DatasetError) as error:
        zoo.plan(model, dataset=given)
    assert says.format(path=path) in str(error.value)


def test_a_run_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownNameError) as error:
        zoo.evaluate("runs/none")
    assert str(error.value) == (
        "There is no run, file or folder runs/none; `zoo runs` lists runs."
    )
