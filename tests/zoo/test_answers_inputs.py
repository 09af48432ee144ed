"""Inputs as users have them: every form, read in a stream, and refused in one line."""

import dataclasses
import gzip
import io
import json
import os
import shlex
import sys

import numpy as np
import pytest
from PIL import Image

from zoo.datasets.input_column import InputColumn
from zoo.errors import DatasetError
from zoo.inference.inputs import arrays, parquet, standard_input
from zoo.inference.inputs.batch import Batch, merged
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options
from zoo.inference.inputs.reading import read, total_bytes

COLUMNS = (
    InputColumn("size", "number", has_missing=True),
    InputColumn("colour", "category", ("green", "red"), has_missing=True),
)
FORMS = (
    InputColumn("price", "number", decimal_comma=True, has_missing=True),
    InputColumn("share", "number", is_percent=True, has_missing=True),
)
TABLE = ModelInput("m", (2,), columns=COLUMNS)
NUMBERS = ModelInput("n", (2,))
TEXTS = ModelInput("t", (None,), "classification", takes_text=True)
TAGGER = ModelInput("g", (None,), "tagging", takes_text=True)
PICTURES = ModelInput("p", (4, 4, 1), "classification")
SEQUENCES = ModelInput("s", (None, 2), "classification")
NAN = float("nan")


def found(tmp_path, name, content, model, **options):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read([path], model, Options(**options)))


def samples(batches):
    return [each for batch in batches for each in np.asarray(batch.samples).tolist()]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("x.csv", "size,colour\n5,red\n6,green\n", [[5, 1], [6, 0]]),
        ("x.csv", "\ufeffsize,colour\n5,red\n", [[5, 1]]),
        ("x.csv", "size,colour\r5,red\r6,green\r", [[5, 1], [6, 0]]),
        ("x.csv", "size;colour\r\n5,5;red\r\n", [[5.5, 1]]),
        ("x.csv", "id,colour,size,more\n1,red,5,x\n2,,6,y\n", [[5, 1], [6, NAN]]),
        ("x.csv", "size,colour\n5,blue\n", [[5, -1]]),
        ("x.csv", "5,red\n6,green\n", [[5, 1], [6, 0]]),
        ("x.csv", "size,colour\n5,red,\n6,green,\n", [[5, 1], [6, 0]]),
        ("x.csv", "size,colour\nr1,5,red\nr2,6,green\n", [[5, 1], [6, 0]]),
        ("x.csv", "size,colour\n# hall 3\n5,red\n#,\n6,green\n", [[5, 1], [6, 0]]),
        ("x.csv", "size,colour\n5,red\nsize,colour\n6,green\n", [[5, 1], [6, 0]]),
        ("x.csv", "size,colour\n-,red\nNone,green\n", [[NAN, 1], [NAN, 0]]),
        ("x.csv", 'size, colour\n5, "red"\n', [[5, 1]]),
        ("x.tsv", "size\tcolour\n5\tred\n", [[5, 1]]),
        ("x.txt", "colour size\n".replace(" ", ";") + "red;5\n", [[5, 1]]),
        ("x.csv", '"size","colour"\n5,"red"\n\n\n6,"green"', [[5, 1], [6, 0]]),
        ("x.csv.gz", gzip.compress(b"size,colour\n5,red\n", mtime=0), [[5, 1]]),
        ("x.jsonl", '{"size": 5, "colour": "red"}\n\n', [[5, 1]]),
        ("x.jsonl", '{"colour": null, "a": 1, "size": 5}\n', [[5, NAN]]),
        ("x.json", '[{"size": 5, "colour": "red"}]', [[5, 1]]),
        ("x.json", '{"instances": [[5, 1], [6, 0]]}', [[5, 1], [6, 0]]),
        ("x.json", "[5, 1]", [[5, 1]]),
    ],
)
def test_a_table_by_the_columns_of_the_training(tmp_path, name, content, expected):
    read_ = samples(found(tmp_path, name, content, TABLE))
    np.testing.assert_array_equal(np.array(read_, float), np.array(expected, float))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "x.csv is empty"),
        ("size,colour\n", "x.csv holds a header and no rows"),
        ("size,color\n5,red\n", "has no column 'colour', which m was trained on"),
        ("size,size,colour\n5,6,red\n", "has 2 columns 'size'; rename one"),
        ("size,colour\n5,red\nlarge,red\n", "line 3, column 'size': 'large' is not a"),
        ("size,colour\n5,red\n5\n", "line 3 has 1 columns, the first one 2"),
        ("1,2,3\n4,5,6\n", "has 3 columns and no header; m takes 2 .size, colour."),
        ('size,colour\n5,"red\n' + "6,green\n" * 20_000, "perhaps never closed"),
        ("size,colour\n5,r\xe9d\n".encode("latin-1"), "give --charset latin-1 if"),
        ("size,colour\n5,red\n".encode("utf-16-le"), "give --charset utf-16-le"),
        (b"size,colour\n5,r\x00d\n", "line 2 holds a NUL character"),
        ("size,colour\n1e39,red\n", "line 2, column 'size': '1e39' is beyond float32"),
    ],
)
def test_what_is_wrong_with_a_table_is_one_line(tmp_path, content, message):
    with pytest.raises(DatasetError, match=message) as error:
        found(tmp_path, "x.csv", content, TABLE)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            '{"size": 5}\n{"size": 6, "colour": "red"}\n',
            "line 1 has no 'colour'; write",
        ),
        (
            '{"size": 5, "colour": "red"}\n{"size": 6}\n',
            "line 2 has no 'colour'; write",
        ),
        (
            '{"size": 5}\n{"size": 6}\n',
            "has no column 'colour', which m was trained on",
        ),
    ],
)
def test_a_record_that_lacks_a_field_is_named(tmp_path, content, message):
    columns = (COLUMNS[0], dataclasses.replace(COLUMNS[1], has_missing=False))
    model = dataclasses.replace(TABLE, columns=columns)
    with pytest.raises(DatasetError, match=message):
        found(tmp_path, "x.jsonl", content, model)
    whole = f"[{','.join(content.splitlines())}]"
    with pytest.raises(DatasetError, match=message):
        found(tmp_path, "x.json", whole, model)


def test_a_field_that_records_of_the_training_lacked_may_be_left_out(tmp_path, capsys):
    content = '{"size": 5, "colour": "red"}\n{"size": 6}\n{"colour": "green"}\n'
    (batch,) = found(tmp_path, "x.jsonl", content, TABLE)
    np.testing.assert_array_equal(batch.samples, [[5, 1], [6, NAN], [NAN, 0]])
    assert "line 2 has no 'colour'; it counts as missing." in capsys.readouterr().err


def test_objects_within_objects_are_columns_as_in_training(tmp_path):
    columns = tuple(dataclasses.replace(c, name=f"it.{c.name}") for c in COLUMNS)
    model = dataclasses.replace(TABLE, columns=columns)
    content = '{"it": {"size": 5, "colour": "red"}}\n{"it": {"colour": null}}\n'
    (batch,) = found(tmp_path, "x.jsonl", content, model)
    np.testing.assert_array_equal(batch.samples, [[5, 1], [NAN, NAN]])
    with pytest.raises(DatasetError, match="line 1: an object has two fields 'a.b'"):
        found(tmp_path, "y.jsonl", '{"a": {"b": 1}, "a.b": 2}\n', model)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("1,5\n2,6\n", [[1, 5], [2, 6]]),
        ("1,2\n3,5\n2,6\n", [[3, 5], [2, 6]]),  # as a training decides
        ("1,2\n", [[1, 2]]),
        ("2,1\n3,5\n", [[2, 1], [3, 5]]),
        ("2,1,label\n3,5,a\n", [[5, 3]]),
        ("1,5,a\n2,6,b\n", [[1, 5], [2, 6]]),  # with the label of the training
    ],
)
def test_names_that_are_numbers_are_told_from_values(tmp_path, content, expected):
    columns = (InputColumn("1", "number"), InputColumn("2", "number"))
    model = dataclasses.replace(TABLE, columns=columns)
    assert samples(found(tmp_path, "x.csv", content, model)) == expected


@pytest.mark.parametrize("model", [PICTURES, NUMBERS, TEXTS])
@pytest.mark.parametrize("name", ["a b.heic", "x.m4a"])
def test_files_of_phones_are_said_how_to_convert(tmp_path, model, name):
    with pytest.raises(DatasetError, match=r"is not read; convert each to \.") as error:
        found(tmp_path, name, b"x", model)
    assert f" {shlex.quote(str(tmp_path / name))} " in str(error.value)


def test_cells_in_single_quotes_are_read_as_in_training(tmp_path):
    content = "'size','colour'\n'5','red'\n6,'it''s, so'\n"
    assert samples(found(tmp_path, "x.csv", content, TABLE)) == [[5, 1], [6, -1]]


def test_the_line_of_what_is_no_text_is_counted_through_the_file(tmp_path):
    lines = [b"5,red"] * 30_000
    lines[20_000] = b"5,r\xe9d"
    with pytest.raises(DatasetError, match="line 20002 is not UTF-8 text"):
        found(tmp_path, "x.csv", b"size,colour\n" + b"\n".join(lines), TABLE)


def test_a_charset_is_read_as_it_is_called(tmp_path):
    content = "size,colour\n5,r\xe9d\n".encode("latin-1")
    (batch,) = found(tmp_path, "x.csv", content, TABLE, charset="latin-1")
    assert batch.samples.tolist() == [[5, -1]]


def test_an_endless_line_is_not_read_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr("zoo.datasets.text_stream.LONGEST_LINE", 1000)
    with pytest.raises(DatasetError, match="line 1 has more than 1,000 characters"):
        found(tmp_path, "x.csv", b"5" * 5000, TABLE)


def test_lines_that_are_no_rows_are_said(tmp_path, capsys):
    model = ModelInput("n", (2,), columns=FORMS)
    content = "price,share\nEUR,%\n1.234,12 %\n# off\n" + "2.500,50 %\n" * 5_000
    batches = found(tmp_path, "x.csv", content, model)
    assert samples(batches) == [[1234, 12], *[[2500, 50]] * 5_000]
    said = capsys.readouterr().err
    assert "units, in line 2: left out" in said
    assert "comments, which begin with #, in line 4: left out" in said


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"price": 1.234, "share": 12}\n', [1.234, 12]),
        ('{"price": "1.234", "share": "12%"}\n', [1234, 12]),
        ('{"price": "1.234,5", "share": "0.5 %"}\n', [1234.5, 0.5]),
        ('{"price": 1e-05, "share": null}\n', [1e-05, NAN]),
    ],
)
def test_numbers_of_json_are_no_texts_with_commas(tmp_path, content, expected):
    model = ModelInput("n", (2,), columns=FORMS)
    (row,) = samples(found(tmp_path, "x.jsonl", content, model))
    np.testing.assert_allclose(row, expected, rtol=1e-6)


def test_per_cent_are_refused_where_the_training_had_none(tmp_path):
    with pytest.raises(DatasetError, match="'12 %' is not a number"):
        found(tmp_path, "x.csv", "size,colour\n12 %,red\n", TABLE)


def test_a_category_is_one_whatever_wrote_it(tmp_path, capsys):
    columns = (InputColumn("code", "category", ("3", "True")), COLUMNS[0])
    model = ModelInput("n", (2,), columns=columns)
    content = '{"code": 3.0, "size": 1}\n{"code": true, "size": 1}\n'
    assert samples(found(tmp_path, "x.jsonl", content, model)) == [[0, 1], [1, 1]]
    assert "no category" not in capsys.readouterr().err


def test_excel(tmp_path):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("openpyxl")
    table = pandas.DataFrame({"colour": ["red", None], "size": [5.5, 6]})
    table.to_excel(tmp_path / "x.xlsx", index=False)
    batches = list(read([tmp_path / "x.xlsx"], TABLE, Options()))
    np.testing.assert_array_equal(samples(batches), [[5.5, 1], [6, NAN]])


def test_what_is_not_read_is_said_and_what_is_kept_stands_beside(tmp_path, capsys):
    content = "id,size,colour,note\n7,5,red,a\n8,6,green,b\n"
    (batch,) = found(tmp_path, "x.csv", content, TABLE, keep=("id",))
    assert batch.kept == {"id": ["7", "8"]}
    assert list(batch.rows) == [1, 2]
    assert "'note' is not read; --keep note" in capsys.readouterr().err
    with pytest.raises(DatasetError, match="no column 'ID'"):
        found(tmp_path, "x.csv", content, TABLE, keep=("ID",))


def test_a_category_that_the_training_did_not_hold_is_said(tmp_path, capsys):
    content = "size,colour\n5,red\n6, blue\n7,\n"
    assert samples(found(tmp_path, "x.csv", content, TABLE))[1] == [6, -1]
    (said,) = capsys.readouterr().err.splitlines()
    assert "x.csv, line 3, column 'colour': the training held no 'blue'" in said


def test_a_value_that_no_row_of_the_training_lacked_is_said(tmp_path, capsys):
    columns = (InputColumn("size", "number"), COLUMNS[1])
    model = ModelInput("m", (2,), columns=columns)
    found(tmp_path, "x.csv", "size,colour\n5,red\n,red\n7,\n", model)
    (said,) = capsys.readouterr().err.splitlines()
    assert "x.csv, line 3, column 'size': the value is missing" in said


@pytest.mark.parametrize("shape", [(2, 4, 4), (1, 4, 4), (4, 4), (2, 4, 4, 1)])
@pytest.mark.parametrize("form", ["u1", ">f4", ">u2"])
def test_grey_pictures_need_no_axis_of_channels(tmp_path, shape, form):
    np.save(tmp_path / "x.npy", np.arange(np.prod(shape), dtype=form).reshape(shape))
    read_ = samples(read([tmp_path / "x.npy"], PICTURES, Options()))
    expected = np.arange(np.prod(shape)).reshape(-1, 4, 4, 1)
    np.testing.assert_array_equal(np.array(read_), expected)


def test_numbers_beyond_float32_are_refused(tmp_path):
    np.save(tmp_path / "x.npy", np.array([[1, 2], [3, 1e300]]))
    with pytest.raises(DatasetError, match=r"row 2 holds NaN or infinity \(in float32"):
        list(read([tmp_path / "x.npy"], NUMBERS, Options()))


def test_a_model_of_numbers_without_gaps_refuses_one(tmp_path):
    columns = (InputColumn("size", "number"), InputColumn("age", "number"))
    model = ModelInput("m", (2,), columns=columns)
    with pytest.raises(DatasetError, match="row 2 holds NaN or infinity"):
        found(tmp_path, "x.csv", "size,age\n5,1\n,2\n", model)


def test_without_the_columns_of_a_training_their_number_counts(tmp_path):
    assert samples(found(tmp_path, "x.csv", "a,b\n1,2\n", NUMBERS)) == [[1, 2]]
    assert samples(found(tmp_path, "x.csv", "1,2\n", NUMBERS)) == [[1, 2]]
    with pytest.raises(DatasetError, match="has 3 columns; n takes 2"):
        found(tmp_path, "x.csv", "a,b,c\n1,2,3\n", NUMBERS)
    with pytest.raises(DatasetError, match="row 1 holds NaN or infinity"):
        found(tmp_path, "x.csv", "a,b\n1,\n", NUMBERS)


def test_a_long_table_comes_in_batches(tmp_path):
    content = "size,colour\n" + "".join(f"{i},red\n" for i in range(10_000))
    batches = found(tmp_path, "x.csv", content, TABLE)
    assert [len(batch) for batch in batches] == [4095, 4096, 1809]
    assert [int(x) for b in batches for x in b.samples[:, 0]] == list(range(10_000))
    assert [row for b in batches for row in b.rows] == list(range(1, 10_001))
    assert sum(batch.read for batch in batches) == len(content)


@pytest.mark.parametrize(
    ("name", "content", "texts"),
    [
        ("x.txt", "so good\n\nso bad\n", ["so good", "so bad"]),
        ("x.csv", "id,text\n1,so good\n2,so bad\n", ["so good", "so bad"]),
        ("x.csv", "text\nso good\n", ["so good"]),
        (
            "x.tsv",
            "pos\tso good\nneg\tso bad\npos\tgood\n",
            ["so good", "so bad", "good"],
        ),
        ("x.jsonl", '{"text": "so good"}\n"so bad"\n', ["so good", "so bad"]),
        ("x.json", '["so good", "so bad"]', ["so good", "so bad"]),
        ("x.json", '[{"label": "pos", "Review": "so good"}]', ["so good"]),
    ],
)
def test_texts(tmp_path, name, content, texts):
    (batch,) = found(tmp_path, name, content, TEXTS)
    assert batch.samples == texts
    assert batch.names == texts


PAIRS = 'spam\t"win" it now\nham\t"so good\nspam\twin again and again\n'


@pytest.mark.parametrize("name", ["x.txt", "x.tsv"])
def test_texts_beside_labels_as_in_training(tmp_path, name):
    texts = ['"win" it now', '"so good', "win again and again"]
    assert samples(found(tmp_path, name, PAIRS, TEXTS)) == texts
    named = f"kind\tmessage\n{PAIRS}"
    assert samples(found(tmp_path, name, named, TEXTS)) == texts
    turned = "".join(
        "\t".join(reversed(line.split("\t"))) + "\n" for line in PAIRS.splitlines()
    )
    assert samples(found(tmp_path, name, turned, TEXTS)) == texts


def test_labels_of_fasttext_are_no_words(tmp_path):
    content = "__label__good so it is\n\n__label__bad __label__old 7 of it\n"
    assert samples(found(tmp_path, "x.txt", content, TEXTS)) == ["so it is", "7 of it"]


UNIVERSAL = """\
# text = It works
1\tIt\tit\tPRON\tPRP\t_\t2\tnsubj\t_\t_
2\tworks\twork\tVERB\tVBZ\t_\t0\troot\t_\t_

# text = no
1-2\tno\t_\t_\t_\t_\t_\t_\t_\t_
1\tno\tno\tADV\tRB\t_\t0\troot\t_\tSpaceAfter=No
"""


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.tsv", "It\tPRON\nworks\tVERB\n\nno\tADV\n"),
        ("x.txt", "-DOCSTART- -X- O\n\nIt NN B\nworks VB O\n\nno RB O\n"),
        ("x.conll", "It NN B\nworks VB O\n\n\nno RB O"),
        ("x.txt", "It\nworks\n\nno\n"),
        ("x.conllu", UNIVERSAL),
    ],
)
def test_a_token_in_each_line_as_in_training(tmp_path, name, content):
    (batch,) = found(tmp_path, name, content, TAGGER)
    assert batch.samples == [["It", "works"], ["no"]]
    assert list(batch.rows) == [1, 2]
    assert batch.texts == ["It works", "no"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", "text,said,art\nno,so good,a\nyes,so bad,b\n"),
        ("x.csv", "art,said\na,so good\nb,so bad\n"),
        ("x.jsonl", '{"text": "no", "said": "so good"}\n{"said": "so bad"}\n'),
    ],
)
def test_the_column_of_texts_is_that_of_the_training(tmp_path, name, content):
    model = dataclasses.replace(TEXTS, text_column="said")
    assert samples(found(tmp_path, name, content, model)) == ["so good", "so bad"]


def test_sentences_are_split_into_tokens(tmp_path):
    (batch,) = read(["Ann's car, 3.5 m", "Go!"], TAGGER, Options())
    assert batch.samples == [["Ann's", "car", ",", "3.5", "m"], ["Go", "!"]]
    (batch,) = found(tmp_path, "x.jsonl", '{"tokens": ["a", "b"]}', TAGGER)
    assert batch.samples == [["a", "b"]]


def test_a_missing_file_is_no_sentence(tmp_path):
    with pytest.raises(DatasetError, match="There is no file reviews.txt"):
        list(read(["reviews.txt"], TEXTS, Options()))
    with pytest.raises(DatasetError, match="There is no file so good"):
        list(read(["so good"], TABLE, Options()))
    for values in ("5.1,3.5", "[5.1, 3.5]", '{"length": 5.1}', "-1e3; 2"):
        with pytest.raises(DatasetError, match="the input - reads such values from"):
            list(read([values], TABLE, Options()))
    (batch,) = read(["x" * 5000], TEXTS, Options())
    assert batch.samples == ["x" * 5000]


def test_sequences_of_several_lengths(tmp_path):
    content = json.dumps([[[1, 2]], [[1, 2], [3, 4]], [[5, 6]]])
    (batch,) = found(tmp_path, "x.json", content, SEQUENCES)
    assert [each.shape for each in batch.samples] == [(1, 2), (2, 2), (1, 2)]
    with pytest.raises(DatasetError, match="line 2 holds an array of shape"):
        found(tmp_path, "x.jsonl", "[[1, 2]]\n[[1, 2, 3]]\n", SEQUENCES)


def test_arrays(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(20_000.0).reshape(-1, 2))
    np.savez(tmp_path / "x.npz", x=np.ones((3, 2)), y=np.ones(3))
    batches = list(read([tmp_path / "x.npy", tmp_path / "x.npz"], NUMBERS, Options()))
    assert sum(map(len, batches)) == 10_003
    np.savez(tmp_path / "y.npz", a=np.ones((3, 2)), b=np.ones(3))
    with pytest.raises(DatasetError, match="holds a, b; call the samples x"):
        list(arrays.read_npz(tmp_path / "y.npz", NUMBERS, Options()))


def test_a_folder_of_pictures(tmp_path, capsys):
    for name in ("b/2.png", "a.png", ".hidden.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("L", (4, 4), 7).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path)
    (batch,) = read([tmp_path, tmp_path / "a.png"], PICTURES, Options())
    names = [os.path.relpath(name, tmp_path) for name in batch.inputs]
    assert names == ["a.png", "b/2.png", "a.png"]
    assert batch.samples.shape == (3, 4, 4, 1)
    assert "1 of 3 files left out, such as notes.txt" in capsys.readouterr().err
    size = (tmp_path / "a.png").stat().st_size
    assert total_bytes([tmp_path], PICTURES) == 2 * size
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="empty holds no files that are read"):
        list(read([tmp_path / "empty"], PICTURES, Options()))


def test_a_picture_that_is_gone_is_named(tmp_path):
    for i in range(3):
        Image.new("L", (4, 4)).save(tmp_path / f"{i}.png")
    model = ModelInput("p", (4, 4, 1))
    batches = (each for each in read([tmp_path], model, Options()))
    (tmp_path / "2.png").unlink()
    assert len(next(batches)) == 2  # it is listed as it is read


def test_what_was_done_to_pictures_is_said_a_few_times(tmp_path, capsys):
    for i in range(6):
        Image.new("L", (8, 8)).save(tmp_path / f"{i}.png")
    options = Options()
    list(read([tmp_path], PICTURES, options))
    options.remarks.end()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    assert lines[-1].startswith("3 more pictures were resized from 8 x 8 to 4 x 4")


@pytest.mark.parametrize(
    ("model", "content", "expected"),
    [
        (TABLE, "size,colour\n5,red\n", [[5, 1]]),
        (TABLE, "5,red\n", [[5, 1]]),
        (TABLE, '{"size": 5, "colour": "red"}\n', [[5, 1]]),
        (NUMBERS, "[[1, 2],\n [3, 4]]", [[1, 2], [3, 4]]),
        (NUMBERS, "[1, 2]\n[3, 4]", [[1, 2], [3, 4]]),
        (TEXTS, "so good\nso bad", ["so good", "so bad"]),
        (TEXTS, "id,text\n1,so good", ["so good"]),
        (TEXTS, '{"text": "so good"}', ["so good"]),
        (TEXTS, "Good, text and all", ["Good, text and all"]),
    ],
)
def test_standard_input(monkeypatch, model, content, expected):
    stream = io.TextIOWrapper(io.BytesIO(content.encode()))
    monkeypatch.setattr(sys, "stdin", stream)
    assert samples(read(["-"], model, Options())) == expected


def test_the_form_of_standard_input_can_be_said(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(b"size\tcolour\n5\tred\n"))
    monkeypatch.setattr(sys, "stdin", stream)
    assert samples(read(["-"], TABLE, Options(form=".tsv"))) == [[5, 1]]
    with pytest.raises(DatasetError, match="Standard input is empty"):
        list(standard_input.read(io.BytesIO(b""), "-", TABLE, Options()))


def test_a_series_is_read_at_its_end(tmp_path):
    model = ModelInput("f", (3, 1), "forecasting", series="sold")
    rows = "".join(f"2024-01-{day:02},{day},{-day}\n" for day in range(9, 0, -1))
    (batch,) = found(tmp_path, "x.csv", "day,sold,other\n" + rows, model)
    assert batch.samples[0, :, 0].tolist() == [7, 8, 9]  # newest first in the file
    path = tmp_path / "x.csv"
    (batch,) = read([f"{path}:other"], model, Options())
    assert batch.inputs == [f"{path}:other"]
    with pytest.raises(DatasetError, match=f"Give {path}:sold or {path}:other"):
        list(read([path], ModelInput("f", (3, 1), "forecasting"), Options()))
    longer = ModelInput("f", (30, 1), "forecasting", series="sold")
    with pytest.raises(DatasetError, match="has 9 values; f reads the last 30"):
        list(read([path], longer, Options()))


def test_parquet(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table(
        {"colour": ["red", None] * 50, "id": range(100), "size": np.arange(100.0)}
    )
    path = tmp_path / "x.parquet"
    pyarrow.parquet.write_table(table, path, row_group_size=30)
    (batch,) = read([path], TABLE, Options(keep=("id",)))
    assert batch.samples[:2].tolist()[0] == [0, 1]
    assert np.isnan(batch.samples[1, 1])
    assert batch.kept["id"] == list(range(100))
    (part,) = merged(parquet.read(path, TABLE, Options(), (1, 2)), 1000)
    assert [part.rows[0], part.rows[-1]] == [31, 90]
    assert part.samples[0, 0] == 30
    path.write_bytes(b"PAR1 no")
    with pytest.raises(DatasetError, match="not a readable Parquet file"):
        list(read([path], TABLE, Options()))


def test_inputs_of_another_kind_are_refused_by_what_the_model_takes(tmp_path):
    Image.new("L", (4, 4)).save(tmp_path / "x.png")
    with pytest.raises(DatasetError, match="is a picture; m takes tables of 2 columns"):
        list(read([tmp_path / "x.png"], TABLE, Options()))
    writer = ModelInput("w", (None,), "language_modelling")
    with pytest.raises(DatasetError, match="`zoo generate w --prompt TEXT`"):
        list(read([tmp_path / "x.png"], writer, Options()))


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("translation", "for translation: `zoo translate m TEXT` translates one;"),
        ("language_modelling", "`zoo generate m --prompt TEXT` continues a text;"),
        ("adversarial", "no file 20 July; `zoo sample m` draws samples."),
        ("generation", "no file 20 July; `zoo sample m` draws samples."),
        ("q_learning", "no file 20 July; `zoo play m` plays episodes."),
        ("policy_gradient", "no file 20 July; `zoo play m` plays episodes."),
    ],
)
def test_a_text_for_another_command_is_told_which(task, message):
    with pytest.raises(DatasetError, match=message):
        list(read(["20 July"], ModelInput("m", (8,), task), Options()))


@pytest.mark.parametrize("suffix", ["txt", "csv", "jsonl"])
def test_files_of_texts_for_another_command_are_told_which(tmp_path, suffix):
    translator = ModelInput("m", (38,), "translation")
    lines = '{"text": "20 July"}\n' if suffix == "jsonl" else "20 July\n1 May\n"
    with pytest.raises(DatasetError, match="`zoo translate m TEXT` translates one;"):
        found(tmp_path, f"x.{suffix}", lines, translator)
    with pytest.raises(DatasetError, match=r"^There is no file y\."):
        list(read([f"y.{suffix}"], translator, Options()))


def test_batches_of_texts_and_arrays_are_not_joined():
    text = Batch(["a"], ["a"], [None], ["a"])
    ids = Batch(np.ones((1, 3)), ["x.npy"], [1])
    assert [len(each) for each in merged([text, text, ids], 10)] == [2, 1]


def test_arrays_are_those_of_a_training(tmp_path):
    x = np.arange(6.0).reshape(3, 2)
    beside = {"target": [0, 1, 0], "DESCR": "of flowers", "frame": None}
    np.savez(tmp_path / "x.npz", data=x, **beside)
    assert samples(read([tmp_path / "x.npz"], NUMBERS, Options())) == x.tolist()
    np.savez(tmp_path / "y.npz", data=np.array([None]), target=[0])
    with pytest.raises(DatasetError, match="data.npy: it holds Python objects"):
        [*read([tmp_path / "y.npz"], NUMBERS, Options())]
    np.save(tmp_path / "z.npy", x)
    (tmp_path / "z.npy").rename(tmp_path / "z.npz")
    with pytest.raises(DatasetError, match="z.npz is not a readable .npz file"):
        [*read([tmp_path / "z.npz"], NUMBERS, Options())]


def test_lines_of_json_in_a_json_file(tmp_path):
    lines = '\n{"text": "so good"}\n{"text": "so bad"}\n'
    assert samples(found(tmp_path, "x.json", lines, TEXTS)) == ["so good", "so bad"]
    one = '{"text": "so good"}\n'
    assert samples(found(tmp_path, "x.json", one, TEXTS)) == ["so good"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "title,text\nA good day,It was good\nA bad day,It was bad\n"),
        ("a.jsonl", '{"title": "A day", "text": "good"}\n' * 2),
    ],
)
@pytest.mark.parametrize("known", [None, "text", "title"])
def test_a_guess_of_the_column_of_texts_is_said(tmp_path, capsys, name, content, known):
    path = tmp_path / name
    path.write_text(content)
    model = dataclasses.replace(TEXTS, text_column=known)
    (batch,) = read([path], model, Options())
    assert all(t.startswith("A ") == (known == "title") for t in batch.texts)
    said = "the texts are taken from 'text', and not from 'title'"
    assert capsys.readouterr().err.count(said) == (known is None)
