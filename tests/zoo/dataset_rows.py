"""A row for each dataset type: how a small source is written, and a broken one."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from tests.zoo.sounds import write_classes


@dataclasses.dataclass(frozen=True)
class DatasetRow:
    """What the generic tests need of a dataset type.

    Args:
        name: Of the type.
        write: Writes a source into an empty folder, and returns what loads it.
        shape: Of a sample; empty for texts and series.
        break_: Damages the source, by what loads it; None where nothing lies in files.
    """

    name: str
    write: Callable[[Path], str | Path]
    shape: tuple[int, ...] = ()
    break_: Callable[[str | Path], object] | None = None


def truncate(path):
    path.write_bytes(path.read_bytes()[:40])


def arrays(folder):
    x, y = np.zeros((60, 6, 5, 1), "float32"), np.arange(60) % 3
    np.savez(folder / "a.npz", x=x, y=y)
    return folder / "a.npz"


def table(folder):
    rows = "".join(f"{i},{i / 2},{'ab'[i % 2]}\n" for i in range(60))
    (folder / "a.csv").write_text("a,b,label\n" + rows)
    return folder / "a.csv"


def tab_table(folder):
    rows = "".join(f"{i}\t{i * i % 7}\t{'ab'[i % 2]}\n" for i in range(60))
    (folder / "a.tsv").write_text("a\tb\tlabel\n" + rows)
    return folder / "a.tsv"


def parquet(folder):
    a = list(range(60))
    columns = {"a": a, "b": [i / 2 for i in a], "label": ["ab"[i % 2] for i in a]}
    pq.write_table(pa.table(columns), folder / "a.parquet")
    return folder / "a.parquet"


def excel(folder):
    book = openpyxl.Workbook()
    book.active.append(["a", "b", "label"])
    for i in range(60):
        book.active.append([i, i / 2, "ab"[i % 2]])
    book.save(folder / "a.xlsx")
    return folder / "a.xlsx"


def split_files(folder):
    for part in ("train", "test"):
        table(folder).rename(folder / f"{part}.csv")
    return folder


def trees(folder):
    rows = [f"({'ab'[i % 2]} (a w{i}) (b {'xy'[i % 2]}))" for i in range(60)]
    (folder / "a.ptb").write_text("\n".join(rows))
    return folder / "a.ptb"


def column(folder):
    (folder / "a.csv").write_text("day,sold\n" + "".join(f"1,{i}\n" for i in range(60)))
    return f"{folder / 'a.csv'}:sold"


def text(folder):
    (folder / "a.txt").write_text("to be or not to be\n" * 60)
    return folder / "a.txt"


def images(folder):
    for label in ("cat", "dog"):
        (folder / label).mkdir()
        for i in range(12):
            Image.new("L", (6, 5), i).save(folder / label / f"{i}.png")
    return folder


def json_lines(folder):
    rows = ({"text": f"text {i}", "label": "ab"[i % 2]} for i in range(60))
    (folder / "a.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return folder / "a.jsonl"


def text_files(folder):
    for label in ("ham", "spam"):
        (folder / label).mkdir()
        for i in range(12):
            (folder / label / f"{i}.txt").write_text(f"message {i} is {label}")
    return folder


def folder_with_table(folder):
    """Pictures in one folder, and a table of their labels above it."""
    (folder / "all").mkdir()
    held = images(folder / "all")
    lines = ["file,label"]
    (folder / "mine/pictures").mkdir(parents=True)
    for path in sorted(held.rglob("*.png")):
        name = f"{path.parent.name}_{path.name}"
        path.rename(folder / "mine/pictures" / name)
        lines.append(f"{name},{path.parent.name}")
    (folder / "mine/labels.csv").write_text("\n".join(lines))
    return folder / "mine"


def named_files(folder):
    images(folder)
    rows = (f"{label}/{i}.png,{label}" for label in ("cat", "dog") for i in range(12))
    (folder / "a.csv").write_text("file,label\n" + "\n".join(rows))
    return folder / "a.csv"


def in_data_dir(folder):
    table(folder)
    return "a"


ROWS = [
    DatasetRow("named", lambda folder: "digits", (8, 8, 1)),
    DatasetRow("environment", lambda folder: "gridworld", (5, 5, 3)),
    DatasetRow("npz", arrays, (6, 5, 1), truncate),
    DatasetRow("csv", table, (2,), lambda path: path.write_text("x,y\n1,2,3\n")),
    DatasetRow("tab_table", tab_table, (2,), lambda path: path.write_text("x\ty\n")),
    DatasetRow("parquet", parquet, (2,), truncate),
    DatasetRow("excel", excel, (2,), truncate),
    DatasetRow(
        "split_files",
        split_files,
        (2,),
        lambda folder: (folder / "test.csv").write_text("x,y\n1,2\n"),
    ),
    DatasetRow("column", column, break_=lambda name: truncate(Path(name[:-5]))),
    DatasetRow("text", text, break_=lambda path: path.write_text("")),
    DatasetRow("json", json_lines, break_=truncate),
    DatasetRow("trees", trees, break_=truncate),
    DatasetRow(
        "text_folder",
        text_files,
        break_=lambda folder: (folder / "ham/0.txt").write_bytes(b"\xff"),
    ),
    DatasetRow(
        "file_table",
        named_files,
        (5, 6, 1),
        lambda path: (path.parent / "cat/0.png").unlink(),
    ),
    DatasetRow(
        "table_folder",
        folder_with_table,
        (5, 6, 1),
        lambda folder: next(folder.glob("pictures/*.png")).unlink(),
    ),
    DatasetRow(
        "sound_folder",
        write_classes,
        (1600,),
        lambda folder: (folder / "low/low_ann_0.wav").write_text("no sound"),
    ),
    DatasetRow(
        "image_folder",
        images,
        (5, 6, 1),
        lambda folder: (folder / "cat/0.png").write_text("no image"),
    ),
    DatasetRow("tfds", in_data_dir, (2,)),
]
