"""Tables as people have them: each is read right, or refused in one true line."""

import dataclasses
import gzip
import re

import numpy as np
import pytest

import zoo
from zoo.datasets.copies import count_copies
from zoo.datasets.examined_splits import examine_splits
from zoo.errors import DatasetError

ROWS = 60


def table(columns, *, sep=",", header=True):
    """Text of a table of `ROWS` rows; columns are functions of the row number."""
    lines = [sep.join(columns)] if header else []
    lines += [sep.join(str(f(i)) for f in columns.values()) for i in range(ROWS)]
    return "\n".join(lines) + "\n"


def noise(i):
    return round(float(np.sin(i * i + 1)), 4)


def label(i):
    return "ab"[i % 2]


PLAIN = {"p": noise, "q": lambda i: noise(i + 7), "label": label}
WIDE = {"w": noise, **PLAIN}


def plain(**columns):
    return table({**columns, **PLAIN})


@dataclasses.dataclass(frozen=True)
class Right:
    """A file, and what is read from it: the shape of a row, labels and findings."""

    content: str | bytes
    findings: tuple[str, ...] = ()
    shape: tuple[int, ...] = (2,)
    labels: tuple[str, ...] = ("a", "b")
    rows: int = ROWS
    name: str = "mine.csv"
    options: dict = dataclasses.field(default_factory=dict)


GUESS = "target"
NUMBERED = table({k: PLAIN[k] for k in ("p", "q", "label")}, header=False)
RIGHT = {
    "plain": Right(plain(), (GUESS,)),
    "semicolons": Right(table(PLAIN, sep=";"), (GUESS,)),
    "tabs": Right(table(PLAIN, sep="\t"), (GUESS,)),
    "bars": Right(table(PLAIN, sep="|"), (GUESS,)),
    "carriage returns": Right(plain().replace("\n", "\r"), (GUESS,)),
    "Windows line ends": Right(plain().replace("\n", "\r\n"), (GUESS,)),
    "empty lines": Right(plain().replace("\n", "\n\n"), (GUESS,)),
    "byte order mark": Right(plain().encode("utf-8-sig"), (GUESS,)),
    "UTF-16": Right(plain().encode("utf-16"), (GUESS,)),
    "UTF-16 without a mark": Right(
        plain().encode("utf-16-le"), (GUESS,), options={"charset": "utf-16-le"}
    ),
    "latin-1": Right(
        plain().replace("a\n", "ä\n").encode("latin-1"),
        (GUESS,),
        labels=("b", "ä"),
        options={"charset": "latin-1"},
    ),
    "upper case suffix": Right(plain(), (GUESS,), name="MINE.CSV"),
    "gzip": Right(gzip.compress(plain().encode()), (GUESS,), name="mine.csv.gz"),
    "tab table": Right(table(PLAIN, sep="\t"), (GUESS,), name="mine.tsv"),
    "tab table without a label name": Right(
        table({"a": noise, "b": noise, "c": label}, sep="\t"), (GUESS,), name="m.tsv"
    ),
    "two numeric columns with tabs": Right(
        table({"a": noise, "b": lambda i: i % 2}, sep="\t"),
        (GUESS,),
        (1,),
        ("0", "1"),
        name="mine.tsv",
    ),
    "spaces around cells": Right(plain().replace(",", " , "), (GUESS,)),
    "quoted cells": Right(plain().replace("a\n", '"a"\n'), (GUESS,)),
    "line ends in quotes": Right(
        plain().replace("a\n", '"a\nx"\n'), (GUESS,), labels=("a\nx", "b")
    ),
    "decimal commas": Right(
        table(PLAIN, sep=";").replace(".", ","), (GUESS, "decimal_commas")
    ),
    "decimal commas without a header": Right(
        table(PLAIN, sep=";", header=False).replace(".", ","),
        ("no_header", GUESS, "decimal_commas"),
    ),
    "decimal commas with points of thousands": Right(
        table({"big": lambda i: f"1.{i + 100},{i}", **PLAIN}, sep=";"),
        (GUESS, "decimal_commas"),
        (3,),
    ),
    "no header": Right(NUMBERED, ("no_header", GUESS)),
    "no header, of whole numbers": Right(
        table({"a": lambda i: i * i % 7, "b": lambda i: i % 2}, header=False),
        ("no_header", GUESS),
        (1,),
        ("0", "1"),
    ),
    "no header, of zeros and ones": Right(
        table(
            {"a": lambda i: 1, "b": lambda i: i % 3, "c": lambda i: i % 2}, header=False
        ),
        ("no_header", GUESS, "constant"),
        (2,),
        ("0", "1"),
    ),
    "a header of column numbers": Right(
        "0,1,2\n" + NUMBERED,
        (GUESS,),
    ),
    "a header of years": Right("1990,1995,label\n" + NUMBERED, (GUESS,)),
    "a first row that looks like names": Right(
        table(
            {"p": lambda i: noise(i) if i else "nan", "l": label}, header=False
        ).replace("nan,", "0,"),
        ("no_header", GUESS),
        (1,),
    ),
    "no header, said so": Right(
        table({"p": noise, "l": lambda i: "ab"[i % 2]}, header=False),
        (GUESS,),
        (1,),
        options={"no_header": True},
    ),
    "the index of pandas": Right(
        table({"": lambda i: i, **PLAIN}), (GUESS, "row_number"), (3,)
    ),
    "the index of pandas, read back": Right(
        table({"Unnamed: 0": lambda i: i, **PLAIN}), (GUESS, "row_number"), (3,)
    ),
    "row names of R": Right(
        "p,q,label\n" + table({"n": lambda i: i + 1, **PLAIN}).partition("\n")[2],
        (GUESS, "row_number"),
        (3,),
    ),
    "categories, dates and booleans": Right(
        plain(
            sex=lambda i: "fm"[i % 2],
            day=lambda i: f"2024-{i // 28 + 1:02}-{i % 28 + 1:02}",
            alone=lambda i: ("Yes", "no", "yes", "No")[i % 4],
        ),
        (GUESS, "booleans", "dates", "categories", "leak"),
        (5,),
    ),
    "missing values": Right(
        plain(n=lambda i: "" if i in (5, 9) else i * i % 7),
        (GUESS, "missing_values"),
        (3,),
    ),
    "missing categories and dates": Right(
        plain(
            sex=lambda i: "NA" if i % 7 == 0 else "fm"[i % 2],
            day=lambda i: "" if i == 3 else f"{i % 28 + 1}.{i % 12 + 1}.2024",
        ),
        (GUESS, "dates", "categories", "missing_values"),
        (4,),
    ),
    "categories in two spellings": Right(
        plain(kind=lambda i: ("Wood", "wood", "iron")[i % 3]),
        (GUESS, "categories", "near_twin_categories"),
        (3,),
    ),
    "categories of which some are rare": Right(
        plain(kind=lambda i: "wood" if i > 3 else f"iron {i}"),
        (GUESS, "categories", "rare_categories"),
        (3,),
    ),
    "many categories": Right(
        table({"town": lambda i: f"town{i // 2 % 60}", **PLAIN})
        + table({"town": lambda i: f"t{i // 2}", **PLAIN}, header=False),
        (GUESS, "categories", "many_categories"),
        (3,),
        rows=2 * ROWS,
    ),
    "a constant in words": Right(
        plain(unit=lambda i: "kg"), (GUESS, "categories", "constant"), (3,)
    ),
    "an index that is ignored": Right(
        table({"": lambda i: i, **PLAIN}), (GUESS,), options={"ignore": ("",)}
    ),
    "identifiers": Right(
        plain(id=lambda i: 1000 + 37 * (i * 7 % ROWS)), (GUESS, "identifier"), (3,)
    ),
    "shuffled row numbers": Right(
        plain(place=lambda i: i * 7 % ROWS), (GUESS, "identifier"), (3,)
    ),
    "a constant": Right(plain(unit=lambda i: 3), (GUESS, "constant"), (3,)),
    "an empty column": Right(plain(note=lambda i: ""), ("empty", GUESS)),
    "a delimiter at the end of each row": Right(
        plain().replace("a\n", "a,\n").replace("b\n", "b,\n"), (GUESS,)
    ),
    "a delimiter at the end of the header, too": Right(
        plain().replace("\n", ",\n"), ("empty", GUESS)
    ),
    "a named target": Right(plain(), labels=("a", "b"), options={"target": "label"}),
    "another target": Right(
        plain(grade=lambda i: i % 3),
        (),
        labels=("0", "1", "2"),
        options={"target": "grade", "ignore": ("label",)},
    ),
    "named features": Right(plain(), (GUESS,), (1,), options={"features": ("q",)}),
    "a date that is ignored": Right(
        plain(day=lambda i: f"2024-01-{i % 28 + 1:02}"),
        (GUESS,),
        options={"ignore": ("day",)},
    ),
    "y beside x": Right(table({"x": noise, "y": noise, "label": label}), (GUESS,)),
    "y alone": Right(table({"y": label, "u": noise, "v": noise}), (GUESS,)),
    "labels NA": Right(
        table({**PLAIN, "label": lambda i: "NA" if i < 4 else label(i)}),
        (GUESS, "missing_labels"),
        rows=ROWS - 4,
    ),
    "labels of question marks, nan and nothing": Right(
        table(
            {
                **PLAIN,
                "label": lambda i: ["?", "nan", "", "NULL"][i] if i < 4 else label(i),
            }
        ),
        (GUESS, "missing_labels"),
        rows=ROWS - 4,
    ),
    "a class called none": Right(
        table({**PLAIN, "label": lambda i: ["none", "mild"][i % 2]}),
        (GUESS,),
        labels=("mild", "none"),
    ),
    "twins in case": Right(
        table({**PLAIN, "label": lambda i: ["Yes", "yes", "no"][i % 3]}),
        (GUESS, "near_twins"),
        labels=("Yes", "no", "yes"),
    ),
    "twins in the way of writing a number": Right(
        table({**PLAIN, "label": lambda i: ["0", "0.0", "1"][i % 3]}),
        (GUESS, "near_twins"),
        labels=("0", "0.0", "1"),
    ),
    "rows sorted by class": Right(
        table({**PLAIN, "label": lambda i: "ab"[i >= ROWS // 2]}), (GUESS,)
    ),
    "booleans among the features": Right(
        plain(flag=lambda i: i % 3 == 0, other=lambda i: "yn"[i // 2 % 2]),
        (GUESS, "booleans"),
        (4,),
    ),
    "-999 for what is missing": Right(
        plain(n=lambda i: -999 if i % 9 == 0 else noise(i)),
        (GUESS, "placeholder"),
        (3,),
    ),
    "large numbers that float32 tells apart": Right(
        plain(big=lambda i: 1e9 + 1e6 * (i * i % 61)), (GUESS,), (3,)
    ),
}


def written(tmp_path, content, name="mine.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("case", RIGHT.values(), ids=RIGHT)
def test_read_right(tmp_path, case):
    path = written(tmp_path, case.content, case.name)
    data = zoo.load_dataset(path, **case.options)
    assert data.input_shape == case.shape
    assert data.labels == case.labels
    assert sum(len(split.y) for split in data.splits.values()) == case.rows
    assert tuple(finding.kind for finding in data.findings) == case.findings
    for split in data.splits.values():
        assert set(split.y) == set(range(len(case.labels)))


DAYS = {"day": lambda i: f"2024-{i // 28 + 1:02}-{i % 28 + 1:02}"}
REFUSED = {
    "a Unix time": (
        plain(time=lambda i: 1_700_000_000 + i * 7 % 61),
        {},
        "'time': .* different values are none any more in float32.*subtract 1700000000 "
        "from them, or --ignore time",
    ),
    "identifiers of 18 digits": (
        plain(user=lambda i: 10**18 + 3 * i),
        {},
        "'user': .*float32.*--ignore user",
    ),
    "text among the features": (
        plain(name=lambda i: f"somebody {i}", sex=lambda i: "fm"[i % 2], **DAYS),
        {},
        "'name' holds another text in most rows.*go on without: --ignore name[.]",
    ),
    "a word in a column of numbers": (
        plain(n=lambda i: "many" if i == 5 else i * i % 7),
        {},
        "line 7, column 'n': 'many' is not a number; correct it.*--ignore n",
    ),
    "identifiers in words": (
        plain(key=lambda i: f"a{i * 7}", code=lambda i: f"{i}-{i * i}x"),
        {},
        "'key' and 'code' hold .*go on without: --ignore key --ignore code",
    ),
    "commas of thousands": (
        plain(n=lambda i: f'"1,{i + 100}"'),
        {},
        "'1,100' may be thousands or have a decimal comma; write a point",
    ),
    "two columns that may be the label": (
        plain(**{"class": lambda i: i % 3}),
        {},
        "which column is the label.*--target class or --target label",
    ),
    "a target that there is not": (
        plain(),
        {"target": "price"},
        "no column 'price'; it has p, q, label",
    ),
    "a column to ignore that there is not": (
        plain(),
        {"ignore": ("id",)},
        "no column 'id'",
    ),
    "all columns ignored": (
        plain(),
        {"ignore": ("p", "q")},
        "no column is left to learn from",
    ),
    "a label in each row": (
        table({"p": noise, "label": lambda i: f"name{i}"}),
        {},
        "60 different labels in 60 rows, too many for classes",
    ),
    "a row with a cell too many": (
        plain() + "1,2,3,a\n",
        {},
        "line 62 has 4 columns, the header 3",
    ),
    "a row with a cell too many after a quoted line end": (
        plain().replace("a\n", '"a\nx"\n', 1) + "1,2,3,a\n",
        {},
        "line 63 has 4 columns, the header 3",
    ),
    "a quote that is not closed": (
        plain() + '1,"2,a\n' + plain() * 2000,
        {},
        "a quote .* never closed",
    ),
    "a name twice": (
        plain().replace("p,q", "p,p"),
        {},
        "different, and holds 'p' twice",
    ),
    "no rows": ("p,label\n", {}, "must hold a header, and rows below it"),
    "nothing": ("", {}, "must hold a header, and rows below it"),
    "no labels at all": (
        table({"p": noise, "label": lambda i: "?"}),
        {},
        "no row has a label in 'label'",
    ),
    "latin-1 without a charset": (
        plain().replace("a\n", "ä\n").encode("latin-1"),
        {},
        "--charset latin-1",
    ),
    "UTF-16 without a mark": (plain().encode("utf-16-le"), {}, "--charset utf-16-le"),
    "numbers beyond float32": (
        plain(n=lambda i: f"{i}e300"),
        {},
        "'n' reaches 5.9e.301, beyond float32.*--ignore n",
    ),
    "a title above the header": (
        "Measured in May\n\n" + plain(),
        {},
        "the first line, 'Measured in May', is a title or a comment",
    ),
    "spaces between columns": (
        table(PLAIN, sep=" "),
        {},
        "spaces separate its columns; write commas",
    ),
    "a page of the web": ("<!DOCTYPE html>\n<p>404</p>\n", {}, "is HTML or XML"),
    "Excel": (b"PK\x03\x04" + bytes(99), {}, "is an Excel or a zip file"),
    "gzip without the suffix": (gzip.compress(plain().encode()), {}, "call it .csv.gz"),
    "infinity": (plain(n=lambda i: "inf" if i == 3 else noise(i)), {}, "infinite"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_refused_in_one_line(tmp_path, case):
    content, options, message = case
    with pytest.raises(DatasetError, match=message) as caught:
        zoo.load_dataset(written(tmp_path, content), **options)
    assert "\n" not in str(caught.value)


def test_the_first_row_of_a_file_without_header_is_kept(tmp_path):
    content = table({"a": lambda i: 5 if i else 9, "b": lambda i: i % 2}, header=False)
    data = zoo.load_dataset(written(tmp_path, content))
    assert sum((split.x == 9).sum() for split in data.splits.values()) == 1


def test_decimal_commas_are_read(tmp_path):
    data = zoo.load_dataset(written(tmp_path, "a;label\n" + "1,25;x\n-3,5;y\n" * 30))
    assert {*data.train.x.ravel()} == {1.25, -3.5}


def test_booleans_are_one_and_zero(tmp_path):
    content = table({"ok": lambda i: ["Yes", "no"][i % 2], "label": label})
    data = zoo.load_dataset(written(tmp_path, content))
    np.testing.assert_array_equal(data.train.x[:, 0], 1 - data.train.y)


@pytest.mark.slow
def test_what_was_decided_is_said_in_training(tmp_path, capsys):
    path = written(tmp_path, table({"": lambda i: i, **PLAIN}))
    options = {"epochs": 1, "jit": "off", "output": tmp_path / "run"}
    zoo.train("mlp", dataset=path, **options)
    said = capsys.readouterr().err
    assert f"{path}: the label is 'label', by its name" in said
    assert f"{path}: '' counts the rows" in said
    assert "leave it out: --ignore ''." in said


@pytest.mark.slow
def test_a_run_remembers_how_its_table_was_read(tmp_path, capsys):
    path = written(tmp_path, plain(grade=lambda i: i % 3))
    reading = {"target": "grade", "ignore": "label"}
    options = {"epochs": 1, "jit": "off", "output": tmp_path / "run"}
    run = zoo.train("mlp", dataset=path, **options, **reading)
    assert zoo.evaluate(run) == pytest.approx(run.metrics)


@pytest.mark.slow
def test_an_evaluation_counts_cells_that_the_training_did_not_know(tmp_path, capsys):
    place = {"place": lambda i: ("north", "south")[i % 2]}
    path = written(tmp_path, plain(**place))
    options = {"epochs": 1, "jit": "off", "output": tmp_path / "run"}
    run = zoo.train("mlp", dataset=path, **options)
    capsys.readouterr()
    zoo.evaluate(run, path)
    assert "no categories" not in capsys.readouterr().err

    lowland = plain(place=lambda i: ("north", "lowland", "")[i % 3])
    zoo.evaluate(run, written(tmp_path, lowland, "other.csv"))
    said = " ".join(capsys.readouterr().err.split())
    assert re.search(r"column 'place': \d+ of 12 cells .* no categories", said)
    assert re.search(r"column 'place': \d+ of 12 values .* are missing", said)


@pytest.mark.slow
def test_no_better_than_the_commonest_class(tmp_path, capsys):
    content = table({"p": noise, "label": lambda i: "ab"[i % 20 == 0]})
    content += content.partition("\n")[2] * 2
    path = written(tmp_path, content)
    options = {"epochs": 1, "jit": "off", "output": tmp_path / "run"}
    zoo.train("mlp", dataset=path, **options)
    said = " ".join(capsys.readouterr().err.split())
    assert "the class 'a' has" in said and "--class-weight balanced" in said
    assert "stand in training, too" in said
    assert 'no better than the baseline, always "a", the commonest class' in said


def test_copies_are_counted(tmp_path):
    once = zoo.load_dataset(written(tmp_path, plain()))
    assert count_copies(once) == {"validation": 0, "test": 0}
    body = plain().partition("\n")[2]
    twice = zoo.load_dataset(written(tmp_path, plain() + body))
    known = {x.tobytes() for x in twice.train.x}
    expected = sum(x.tobytes() in known for x in twice.test.x)
    assert count_copies(twice)["test"] == expected > 0
    assert [finding.kind for finding in examine_splits(twice)] == ["copies"]


class TestSeries:
    def test_newest_first_is_turned_round(self, tmp_path):
        content = table({"day": lambda i: DAYS["day"](ROWS - 1 - i), "n": lambda i: i})
        data = zoo.load_dataset(f"{written(tmp_path, content)}:n")
        assert data.train.x[0] == ROWS - 1
        assert data.test.x[-1] == 0
        assert [f.kind for f in data.findings] == ["newest_first", "irregular_times"]

    @pytest.mark.parametrize(
        ("name", "time"),
        [
            ("timestamp", lambda i: 1_700_000_000 + 3600 * i),
            ("Year", lambda i: 1950 + i),
            ("date", lambda i: f"202401{i + 1:02}" if i < 31 else f"202402{i - 30:02}"),
        ],
    )
    def test_times_in_numbers(self, tmp_path, name, time):
        content = table({name: lambda i: time(ROWS - 1 - i), "n": lambda i: i})
        data = zoo.load_dataset(f"{written(tmp_path, content)}:n")
        assert data.train.x[0] == ROWS - 1
        assert [f.kind for f in data.findings] == ["newest_first"]

    def test_rows_in_no_order_are_sorted(self, tmp_path):
        order = np.random.default_rng(0).permutation(ROWS)
        content = table(
            {
                "day": lambda i: f"{order[i] // 24 + 1}.1.2024 {order[i] % 24:02}:00",
                "n": lambda i: order[i],
            }
        )
        data = zoo.load_dataset(f"{written(tmp_path, content)}:n")
        values = np.concatenate([split.x for split in data.splits.values()])
        np.testing.assert_array_equal(values, np.arange(ROWS))
        assert [f.kind for f in data.findings] == ["unsorted"]

    def test_several_series_need_a_group(self, tmp_path):
        content = table(
            {
                "firm": lambda i: "xy"[i >= 30],
                "day": lambda i: (
                    f"2024-01-{i % 30 + 1}".replace("-1-", "-01-")
                    if i % 30 > 8
                    else f"2024-01-0{i % 30 + 1}"
                ),
                "n": lambda i: i,
            }
        )
        path = written(tmp_path, content)
        with pytest.raises(
            DatasetError, match="line 32: 2024-01-01 stands .* --group firm"
        ):
            zoo.load_dataset(f"{path}:n")
        data = zoo.load_dataset(f"{path}:n", group="firm")
        first, second = data.train.x
        np.testing.assert_array_equal(first, np.arange(24))
        np.testing.assert_array_equal(second, np.arange(30, 54))
        encoding = {"window": 4, "horizon": 2, "period": 2}
        prepared = zoo.tasks.get("forecasting").encode(data, encoding)
        for split in prepared.splits.values():
            for past, ahead in zip(*split, strict=True):
                np.testing.assert_array_equal(np.diff([*past[:, 0], *ahead]), 1)
        assert len(prepared.train.y) == 2 * 19

    def test_months_are_regular(self, tmp_path):
        content = table(
            {"month": lambda i: f"{2000 + i // 12}-{i % 12 + 1:02}-01", "n": noise}
        )
        assert zoo.load_dataset(f"{written(tmp_path, content)}:n").findings == ()

    def test_a_series_without_a_header(self, tmp_path):
        content = table({"n": noise}, header=False)
        data = zoo.load_dataset(written(tmp_path, content))
        assert sum(len(split.x) for split in data.splits.values()) == ROWS


class TestTexts:
    def rows(self, i):
        return f"film number {i} was {['good', 'bad'][i % 2]} for me"

    @pytest.mark.parametrize("names", [("text", "label"), ("review", "sentiment")])
    @pytest.mark.parametrize("is_swapped", [False, True])
    def test_a_text_and_a_label_column(self, tmp_path, names, is_swapped):
        columns = [(names[0], self.rows), (names[1], lambda i: ["pos", "neg"][i % 2])]
        columns = dict(columns[::-1] if is_swapped else columns)
        data = zoo.load_dataset(written(tmp_path, table(columns)))
        assert data.labels == ("neg", "pos")
        for text, y in zip(*data.test, strict=True):
            assert ("good" in text) == (y == 1)

    def test_columns_to_ignore_beside_a_text(self, tmp_path):
        columns = {"n": noise, "text": self.rows, "label": label, "k": label}
        path = written(tmp_path, table(columns))
        data = zoo.load_dataset(path, ignore=("n", "k"))
        assert data.train.x.dtype == object
        assert data.labels == ("a", "b")
