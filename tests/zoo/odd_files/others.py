"""Parquet, Excel, folders of files, and what is nobody's."""

import pytest

from tests.zoo.odd_files.making import (
    CLASSES,
    N,
    Row,
    X,
    day,
    file,
    noise,
    npz,
    picture,
    plain,
    sound,
    table,
    tree,
)


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


def with_cover(folder):
    """An Excel file with a sheet of words before that of the table."""
    openpyxl = pytest.importorskip("openpyxl")
    workbook = openpyxl.load_workbook(frame("t.xlsx")(folder))
    workbook.active.title = "Data"
    workbook.create_sheet("Cover", 0).append(["Report of 2024"])
    workbook.save(folder / "t.xlsx")
    return folder / "t.xlsx"


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
        refused="lacks 'label', which {path}/train.csv has, and all splits need the "
        "same columns; add them, or give --dataset {path}/train.csv alone and predict",
    ),
    Row(
        "a cover sheet before that of the table",
        with_cover,
        refused="its first sheet, 'Cover', holds no table; choose another: --sheet",
    ),
    Row(
        "the sheet behind a cover",
        with_cover,
        **CLASSES,
        shape=(4,),
        reading={"sheet": "Data"},
    ),
    Row("bzip2", file("t.csv.bz2", b"BZh9"), refused="t.csv.bz2 is compressed; unpack"),
    Row("an archive of tar", file("t.tar.gz", b"\x1f\x8b"), refused="unpack it"),
    Row(
        "one sound", file("t.wav", sound()), refused="t.wav is one sound; a dataset is"
    ),
]
