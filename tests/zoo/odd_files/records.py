"""Records in JSON."""

import json

from tests.zoo.odd_files.making import CLASSES, MATRIX, TEXT, N, Row, file, noise, tree


def lines(record, name="t.jsonl", rows=N):
    """A file of one record a line, each a function of its number."""
    return file(name, "".join(json.dumps(record(i)) + "\n" for i in range(rows)))


def array(record, rows=N, **options):
    return file("t.json", json.dumps([record(i) for i in range(rows)], **options))


def measured(i):
    return {"p": i * 1.5, "q": i % 7, "label": "ab"[i % 2]}


def text_of(i):
    return {"text": f"a text of {noise(i)}", "label": "pn"[i % 2]}


RECORDS = [
    Row("numbers, a record a line", lines(measured), **CLASSES, shape=MATRIX),
    Row("an array of numbers", array(measured), **CLASSES, shape=MATRIX),
    Row("an array over many lines", array(measured, indent=2), **CLASSES),
    Row(
        "null, true and false",
        lines(
            lambda i: (
                measured(i) | {"ok": i % 3 == 0, "n": None if i % 5 == 0 else i * 0.5}
            )
        ),
        **CLASSES,
        shape=(4,),
        finds=("booleans", "missing_values"),
        check=lambda d: [c.kind for c in d.columns[2:]] == ["boolean", "number"],
    ),
    Row(
        "a target by name",
        lines(lambda i: {"price": i * 1.37, "size": noise(i), "area": i * i}),
        task="regression",
        labels=("price",),
        shape=MATRIX,
        reading={"target": "price"},
    ),
    Row(
        "fields in other orders, some left out",
        lines(
            lambda i: (
                dict(reversed(measured(i).items()))
                if i % 2
                else {k: v for k, v in measured(i).items() if k != "q" or i % 4}
            )
        ),
        **CLASSES,
        shape=MATRIX,
        finds=("missing_values",),
    ),
    Row(
        "numbers with objects beside them",
        lines(lambda i: measured(i) | {"meta": {"id": i, "of": {"size": i * i}}}),
        **CLASSES,
        shape=(4,),
        finds=("row_number",),
        check=lambda d: [c.name for c in d.columns[2:]] == ["meta.id", "meta.of.size"],
    ),
    Row(
        "numbers with lists beside them",
        lines(lambda i: measured(i) | {"sizes": [i, i + 1]}),
        **CLASSES,
        shape=MATRIX,
        finds=("nested",),
    ),
    Row(
        "an object in some records alone",
        lines(lambda i: measured(i) | ({"at": {"x": i * 0.5}} if i % 3 else {})),
        **CLASSES,
        shape=(3,),
        finds=("missing_values",),
    ),
    Row(
        "two fields of one name",
        lines(lambda i: measured(i) | {"a": {"b": i}, "a.b": i}),
        refused="line 1: an object has two fields 'a.b'; rename one",
    ),
    Row(
        "texts with objects beside them",
        lines(lambda i: text_of(i) | {"meta": {"id": i}}),
        **TEXT,
        check=lambda d: d.text_column == "text",
    ),
    Row(
        "lists of labels",
        lines(
            lambda i: {
                "text": f"a text of {noise(i)}",
                "labels": [["x"], ["y"], ["x", "y"], []][i % 4],
            }
        ),
        task="multi_label",
        labels=("x", "y"),
        shape=(),
    ),
    Row(
        "tokens and tags",
        lines(lambda i: {"tokens": [f"w{i}", "runs"], "ner_tags": ["B", "O"]}),
        task="tagging",
        labels=("B", "O"),
    ),
    Row(
        "fewer tags than tokens",
        lines(lambda i: {"tokens": [f"w{i}", "runs"], "tags": ["B", "O"][i > 8 :]}),
        refused="line 10 holds 2 tokens and 1 tags",
    ),
    Row(
        "a file for each split",
        tree(
            {
                f"{part}.jsonl": "".join(
                    json.dumps(measured(i)) + "\n" for i in range(rows)
                )
                for part, rows in (("train", N), ("test", 8))
            }
        ),
        **CLASSES | {"samples": N + 8},
        shape=MATRIX,
    ),
    Row(
        "columns, as pandas writes them",
        file("t.json", json.dumps({"p": {"0": 1.5, "1": 2.5}, "y": {"0": 1, "1": 0}})),
        refused="holds one with 'p' and 'y'; pandas writes them by to_json(path,",
    ),
    Row(
        "lists alone",
        lines(lambda i: {"pixels": [i, i + 1], "sizes": [1]}),
        refused="'pixels' and 'sizes' hold lists, of which no table is made",
    ),
    Row(
        "a text inside an object",
        lines(lambda i: {"review": text_of(i) | {"label": i}, "label": "pn"[i % 2]}),
        **TEXT,
        check=lambda d: d.text_column == "review.text",
    ),
]
