"""Tables as they are written: separators, line ends, encodings, headers, damage."""

import gzip

from tests.zoo.odd_files.making import (
    CLASSES,
    MATRIX,
    N,
    Row,
    csv,
    file,
    noise,
    plain,
    table,
)

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
