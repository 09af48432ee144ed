"""Which column is to be learned, and what it holds."""

from tests.zoo.odd_files.making import CLASSES, MATRIX, N, Row, csv, day, noise, plain

TARGETS = [
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
        "a class called null",
        csv({**plain(), "label": lambda i: ("null", "b")[i % 2]}),
        refused="'label' has one class, 'b', and 20 of 40 rows have no label in "
        "'label', the first in line 2 (null): left out; if a class is called so, call",
    ),
    Row(
        "an identifier as the last column",
        csv(
            {"p": noise, "kind": lambda i: "ab"[i % 2], "user_id": lambda i: i * 7 + 3}
        ),
        task="classification",
        labels=("a", "b"),
        shape=MATRIX,
        finds=("identifier",),
    ),
    Row(
        "dates as the last column",
        csv({"p": noise, "kind": lambda i: "ab"[i % 2], "created": day}),
        **CLASSES,
        shape=MATRIX,
    ),
    Row(
        "a quantity with a currency",
        csv({"p": noise, "price": lambda i: f"${i * 1.37:.2f}"}),
        refused="column 'price': '$0.00' is not a number; write the number alone",
        reading={"target": "price"},
    ),
    Row(
        "a split for each row",
        csv(plain(split=lambda i: ("train", "train", "val", "Test")[i // 2 % 4])),
        **CLASSES,
        shape=MATRIX,
        finds=("split",),
        check=lambda d: [len(s.y) for s in d.splits.values()] == [20, 10, 10],
    ),
    Row(
        "a split left out",
        csv(plain(split=lambda i: ("train", "test")[i // 2 % 2])),
        **CLASSES,
        shape=MATRIX,
        reading={"ignore": "split"},
    ),
    Row(
        "a set that is none of data",
        csv(plain(set=lambda i: ("train", "bus")[i // 2 % 2])),
        **CLASSES,
        shape=(3,),
    ),
    Row(
        "a year as the last column",
        csv(
            {
                "invest": noise,
                "value": lambda i: f"{i * 1.5:.1f}",
                "year": lambda i: 1935 + i % 20,
            }
        ),
        task="regression",
        labels=("value",),
    ),
    Row(
        "few whole numbers, most of them once",
        csv({"p": noise, "loss": lambda i: i * 7 % 31}, rows=20),
        task="regression",
        samples=20,
        labels=("loss",),
    ),
]
