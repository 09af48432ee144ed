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

BODY = table(plain(), header=False)


def news():
    """As AG News comes: a class, a title and a text, without names of the columns."""
    return "".join(
        f'"{1 + i % 4}","Title {i} of the news","What happened on day {i} of it"\n'
        for i in range(N)
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
        "single quotes around cells",
        csv(plain(colour=lambda i: ("'red, dark'", "'it''s'")[i % 3 % 2])),
        **CLASSES,
        shape=(3,),
        finds=("single_quotes",),
        check=lambda d: d.columns[2].categories == ("it's", "red, dark"),
    ),
    Row(
        "apostrophes are no quotes",
        csv(plain(colour=lambda i: ("'tis", "red")[i % 3 % 2])),
        **CLASSES,
        shape=(3,),
        check=lambda d: d.columns[2].categories == ("'tis", "red"),
    ),
    Row(
        "columns of two levels",
        file("t.csv", "a,a,label\nx,y,\n" + BODY),
        refused="two rows or more name its columns together, as pandas writes",
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
        refused="line 2: a quote opens a cell, which would hold the rows below",
    ),
    Row(
        "an open quote in one row, closed in another",
        csv(plain(name=lambda i: ('"Ann', "Bob")[i % 5 > 0])),
        refused="line 2: a quote opens a cell, which would hold the rows below",
    ),
    Row(
        "an open quote between tabs",
        file("t.tsv", table(plain(), separator="\t").replace("\n", '\n"', 1)),
        refused="line 2: a quote opens a cell, which would hold the rows below",
    ),
    Row(
        "texts that begin with a quote, between tabs",
        csv(
            plain(said=lambda i: ('"So it', 'is"', '"true" it')[i % 7 % 3]),
            name="t.tsv",
            separator="\t",
        ),
        **CLASSES,
        shape=(3,),
        finds=("double_quotes",),
        check=lambda d: d.columns[2].categories == ('"So it', '"true" it', 'is"'),
    ),
    Row(
        "texts of several lines with as many commas",
        csv(plain(said=lambda i: ('"So, it\nis, so,"', "no")[i % 7 % 2])),
        **CLASSES,
        shape=(3,),
        check=lambda d: d.columns[2].categories == ("So, it\nis, so,", "no"),
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
    Row(
        "comments below the header",
        file("t.csv", f"p,q,label\n# hall 3\n# m,s,\n{BODY}# the end\n"),
        **CLASSES,
        shape=MATRIX,
        finds=("comments",),
    ),
    Row(
        "names that begin with #",
        csv({"rank": lambda i: f"#{i // 2 % 4}", **plain()}),
        **CLASSES,
        shape=(3,),
        check=lambda d: d.columns[0].kind == "category",
    ),
    Row(
        "units below the header",
        file("t.csv", f"p,q,label\nm,s,-\n{BODY}"),
        **CLASSES,
        shape=MATRIX,
        finds=("units",),
    ),
    Row(
        "units in brackets below the header",
        file("t.csv", f"p,q,label\n[m],[s],\n{BODY}"),
        **CLASSES,
        finds=("units",),
    ),
    Row(
        "decimal commas right below the header",
        file("t.csv", table(plain(), separator=";").replace(".", ",")),
        **CLASSES,
        finds=("decimal_commas",),
        check=lambda d: "units" not in {each.kind for each in d.findings},
    ),
    Row(
        "two files put below each other",
        file("t.csv", table(plain()) + table(plain())),
        **CLASSES | {"samples": 2 * N},
        shape=MATRIX,
        finds=("repeated_header",),
    ),
    Row(
        "two files with byte order marks put below each other",
        file("t.csv", ("\ufeff" + table(plain())) * 2),
        **CLASSES | {"samples": 2 * N},
        finds=("repeated_header",),
    ),
    Row("the end of a file of DOS", file("t.csv", table(plain()) + "\x1a"), **CLASSES),
    Row(
        "spaces before quotes",
        csv(
            {"p": noise, "q": noise, "label": lambda i: f'"{"ab"[i % 2]}, c"'},
            separator=", ",
        ),
        task="classification",
        labels=("a, c", "b, c"),
        shape=MATRIX,
    ),
    Row(
        "a comma in a name, unquoted",
        file("t.csv", f"p,q,label\n{BODY}".replace("a\n", "a, c\n")),
        refused="line 2 has 4 columns, the header 3",
    ),
    Row(
        "a comma in each name, unquoted",
        csv({"name": lambda i: f"{'xyz'[i % 3]}, {i}", **plain()}),
        refused="line 2 has 5 columns, the header 4",
    ),
    Row(
        "a comma in each name, unquoted, behind a measurement",
        csv({"p": noise, "name": lambda i: f"{'xyz'[i % 3]}, {i}", **plain()}),
        refused="line 2 has 5 columns, the header 4",
    ),
    Row(
        "a comma in each name, unquoted, behind an identifier",
        csv({"id": lambda i: i + 1, "name": lambda i: f"{i % 3}, J.", **plain()}),
        refused="line 2 has 6 columns, the header 5",
    ),
    Row(
        "a separator at the end of each row",
        file("t.csv", "p,q,label\n" + BODY.replace("\n", ",\n")),
        **CLASSES,
        shape=MATRIX,
        check=lambda d: [c.name for c in d.columns] == ["p", "q"],
    ),
    Row(
        "a title and a date above",
        file("t.csv", "Report of 2024\nby hall 3\n\n" + table(plain())),
        refused="'Report of 2024', is a title or a comment above the table",
    ),
    Row(
        "an accent in two characters",
        csv({"gro\u0308sse": noise, **plain()}),
        **CLASSES,
        shape=MATRIX,
        reading={"ignore": "gr\u00f6sse"},
    ),
    Row(
        "a name that is a value of its column",
        csv({"p": noise, "a": lambda i: "ab"[i % 2]}),
        **CLASSES,
        shape=(1,),
    ),
    Row(
        "classes and two texts below no name",
        file("t.csv", news()),
        refused="'3' holds 40 different labels in 40 rows, too many for classes; for "
        "classes: --target 1",
    ),
    Row(
        "two texts of each row",
        file("t.csv", news()),
        reading={"target": "1"},
        refused="or learn from a text alone: --features 2 or --features 3",
    ),
    Row(
        "one of two texts by option",
        file("t.csv", news()),
        task="classification",
        labels=("1", "2", "3", "4"),
        shape=(),
        reading={"target": "1", "features": ["3"]},
        check=lambda d: d.train.x[0].startswith("What happened"),
    ),
]
