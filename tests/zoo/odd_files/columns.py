"""What the columns of tables hold."""

import numpy as np

from tests.zoo.odd_files.making import (
    CLASSES,
    MATRIX,
    N,
    Row,
    csv,
    day,
    file,
    noise,
    plain,
    table,
)

COLUMNS = [
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
]
