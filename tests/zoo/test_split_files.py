"""A file for each split, and tokens in columns as CoNLL writes them."""

import json

import numpy as np
import pytest

import zoo
from zoo.datasets.examination import examine_data
from zoo.errors import DatasetError


@pytest.fixture
def folder(tmp_path):
    """Writes files, by name."""

    def write(**files):
        for name, content in files.items():
            (tmp_path / name.replace("__", ".")).write_text(content)
        return tmp_path

    return write


def rows(count, start=0, label="kind"):
    names = "abc"
    body = (f"{i},{i * i % 7},{names[i % 3]}\n" for i in range(start, start + count))
    return f"p,q,{label}\n" + "".join(body)


def sizes(data):
    return {part: len(split.y) for part, split in data.splits.items()}


def test_tables(folder):
    path = folder(Train__csv=rows(30), dev__csv=rows(6, 30), testing__CSV=rows(9, 36))
    data = zoo.load_dataset(path, target="kind")
    assert sizes(data) == {"train": 30, "validation": 6, "test": 9}
    assert data.labels == ("a", "b", "c")
    np.testing.assert_array_equal(data.test.x[:, 0], np.arange(36, 45))
    np.testing.assert_array_equal(data.test.y, np.arange(36, 45) % 3)
    found = examine_data(path, target="kind")
    assert [column.name for column in found.columns] == ["p", "q", "kind"]
    assert len(found.columns[0].cells) == 45


def test_columns_in_another_order_and_a_split_that_is_drawn(folder):
    turned = "kind,q,p\n" + "".join(f"{'abc'[i % 3]},{i},{-i}\n" for i in range(9))
    data = zoo.load_dataset(folder(train__csv=rows(40), test__csv=turned))
    assert sizes(data) == {"train": 36, "validation": 4, "test": 9}
    np.testing.assert_array_equal(data.test.x, [[-i, i] for i in range(9)])


def test_rows_without_a_label_are_left_out_of_their_split(folder):
    test = rows(9, 30).replace(",a\n", ",\n")
    data = zoo.load_dataset(folder(train__csv=rows(30), test__csv=test))
    assert sizes(data)["test"] == 6
    assert set(data.test.y) == {1, 2}


def test_quantities_and_texts_in_tables(folder):
    body = [f"{i},{i * 1.37:.3f}\n" for i in range(60)]
    path = folder(
        train__csv="n,price\n" + "".join(body[:50]),
        test__csv="n,price\n" + "".join(body[50:]),
    )
    data = zoo.load_dataset(path, target="price")
    assert (data.task, len(data.test.y)) == ("regression", 10)
    np.testing.assert_allclose(data.test.y[:, 0], np.arange(50, 60) * 1.37, atol=1e-3)


def test_texts(folder):
    lines = [f"{'pn'[i % 2]}\tthis is text {i}\n" for i in range(50)]
    path = folder(
        train__tsv="".join(lines[:30]),
        valid__tsv="".join(lines[30:40]),
        # The label could be on either side here; the file to train on decides.
        test__tsv="p\tp\nn\tn\n",
    )
    data = zoo.load_dataset(path)
    assert sizes(data) == {"train": 30, "validation": 10, "test": 2}
    assert list(data.test.x) == ["p", "n"] and list(data.test.y) == [1, 0]


def test_json_lines(folder):
    lines = [
        json.dumps({"text": f"a text of {i}", "label": "pn"[i % 2]}) for i in range(40)
    ]
    path = folder(train__jsonl="\n".join(lines[:30]), test__jsonl="\n".join(lines[30:]))
    data = zoo.load_dataset(path)
    assert sizes(data)["test"] == 10
    assert data.test.x[0] == "a text of 30"


CONLL = "EU NNP B-NP B-ORG\nrejects VBZ B-VP O\nGerman JJ B-NP B-MISC\n\n"


def test_tokens_in_columns(folder):
    start = "-DOCSTART- -X- -X- O\n\n"
    path = folder(ner__txt=start + 12 * CONLL)
    data = zoo.load_dataset(path / "ner.txt")
    assert data.task == "tagging"
    assert data.labels == ("B-MISC", "B-ORG", "O")
    assert data.train.x[0] == ["EU", "rejects", "German"]
    assert data.train.y[0].tolist() == [1, 2, 0]
    assert sum(sizes(data).values()) == 12
    assert str(data.findings[0]) == "12 sentences of 36 tokens with 3 tags."


def test_tokens_in_columns_with_tabs_and_a_file_for_each_split(folder):
    tabs = CONLL.replace(" ", "\t")
    path = folder(
        train__conll=12 * tabs,
        dev__conll=2 * tabs,
        test__conll="-DOCSTART-\tO\n\n" + tabs,
    )
    data = zoo.load_dataset(path)
    assert sizes(data) == {"train": 12, "validation": 2, "test": 1}
    assert data.task == "tagging"


def test_verses_are_running_text(folder):
    path = folder(poem__txt="".join(f"two w{i}\nand m{i}\n\n" for i in range(20)))
    assert zoo.load_dataset(path / "poem.txt").task == "language_modelling"


def test_running_text(folder):
    text = "".join(f"line {i}\n" for i in range(100))
    data = zoo.load_dataset(folder(train__txt=text, test__txt="the end\nof it\n"))
    assert list(data.test.x) == ["the end", "of it"]
    assert (len(data.train.x), len(data.validation.x)) == (95, 5)


@pytest.mark.parametrize(
    "files, message",
    [
        (
            {"train__csv": rows(30), "test__csv": rows(9, label="other")},
            "has (it has 'other'), and all splits need the same columns; add them, or",
        ),
        (
            {"train__csv": rows(30), "training__csv": rows(9), "test__csv": rows(9)},
            "train.csv and training.csv are both for train; rename or remove one",
        ),
        (
            {
                "train__csv": "p,k\n1,a\n2,b\n3,a\n4,b\n5,a\n6,b\n",
                "test__csv": "p,k\n1,c\n",
            },
            "1 of 3 classes have no sample to train on (c)",
        ),
        (
            {"train__tsv": "p\ta text\nn\tno text\n" * 9, "test__tsv": "p\ta\tb\n"},
            "test.tsv, line 1: a label and a text",
        ),
    ],
)
def test_what_does_not_belong_together(folder, files, message):
    with pytest.raises(DatasetError) as error:
        zoo.load_dataset(folder(**files))
    assert message in str(error.value)


def test_an_option_of_another_form_is_refused(folder):
    lines = [f"{'pn'[i % 2]}\tthis is text {i}\n" for i in range(50)]
    path = folder(train__tsv="".join(lines[:30]), test__tsv="".join(lines[30:]))
    with pytest.raises(DatasetError, match=r"`target` has no meaning for .*train\.tsv"):
        zoo.load_dataset(path, target="x")
