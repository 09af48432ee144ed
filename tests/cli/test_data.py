"""`zoo data`: what it prints, and its exit code."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

import zoo
from tests.zoo.pages import Elements
from zoo.cli.main import run


@pytest.fixture
def ask(capsys):
    """Runs `zoo data` and returns code, standard output and standard error."""

    def ask(*arguments):
        code = run(["data", *map(str, arguments)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return ask


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "mine.csv"
    rows = (f"{i},{np.sin(i * i):.3f},{'ab'[i % 4 == 0]}\n" for i in range(80))
    path.write_text("id,size,label\n" + "".join(rows))
    return path


def test_a_table(ask, table):
    code, out, err = ask(table)
    assert (code, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "samples 57 train, 7 validation, 16 test" in lines
    assert "classes a 60 (75.0%), b 20 (25.0%)" in lines
    assert "id row number 0 79 0 80" in lines
    assert "label category 0 2" in lines
    assert "warning: 'id' counts the rows" in out
    assert "leave it out: --ignore id." in out
    assert "mlp classification 2 167" in lines
    assert not [line for line in lines if line.startswith("lenet5 ")]
    refused = next(line for line in lines if "lenet5," in line)
    assert refused.startswith("not ")
    assert ": Takes images of shape (height, width, channels)" in refused


def test_options_of_reading(ask, table):
    code, out, _ = ask(table, "--ignore", "id", "--target", "label")
    assert (code, "warning" in out) == (0, False)


def test_json(ask, table):
    code, out, _ = ask(table, "--json", "--model", "mlp")
    found = json.loads(out)
    assert code == 0
    assert found["samples"] == {"train": 57, "validation": 7, "test": 16}
    assert [f["kind"] for f in found["findings"]] == ["target", "row_number"]
    assert [c["kind"] for c in found["columns"]] == ["row number", "number", "category"]
    (fit,) = found["models"].values()
    assert fit["arguments"] == {"input_shape": [2], "num_classes": 2}
    assert (fit["task"], fit["input_shape"]) == ("classification", [2])
    # Mean, variance and count of 2 features; 2 x 32 + 32, and 32 x 2 + 2 weights.
    assert fit["parameters"] == 5 + 96 + 66
    assert found["refusal"] is None


def test_a_model_that_does_not_take_it(ask, table):
    code, out, err = ask(table, "--model", "lenet5")
    assert code == 1
    assert "classes" in out
    assert err.startswith("zoo: Model 'lenet5' takes images")


def test_columns_of_a_table_that_is_refused(ask, table):
    table.write_text(table.read_text().replace(",0", ",x"))
    code, out, err = ask(table)
    assert code == 1
    assert "size" in out
    assert "is not a number" in err
    assert err.count("\n") == 1
    assert json.loads(ask(table, "--json")[1])["refusal"] in err


def test_what_is_not_there(ask):
    code, out, err = ask("nothing.csv")
    assert (code, out) == (1, "")
    assert "check the path" in err


@pytest.mark.slow
def test_other_kinds(ask):
    out = ask("digits")[1]
    assert "shape 8 x 8 x 1" in " ".join(out.split())
    assert "lenet5" in out


def test_texts_that_would_be_cut(ask, tmp_path):
    path = tmp_path / "long.tsv"
    rows = [
        f"{'pn'[i % 2]}\t{' '.join(f'w{j % 9}' for j in range(500))} x{i}\n"
        for i in range(40)
    ]
    path.write_text("".join(rows))
    code, out, _ = ask(path, "--model", "text_lstm", "--json")
    fit = json.loads(out)["models"]["text_lstm"]
    assert code == 0
    # The most that the data decides: not the 16 words of the recipe's own sentences.
    assert fit["encoding"]["length"] == fit["input_shape"][0] == 400
    cut = next(each for each in fit["findings"] if "cut" in each["what"])
    assert "20 % of the words" in cut["what"]  # 101 of 501
    assert "text_lstm: " in ask(path, "--model", "text_lstm")[1]


@pytest.fixture
def series(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("sold\n" + "".join(f"{i % 7}\n" for i in range(400)))
    return path


def read(ask, tmp_path, name, model):
    page = tmp_path / "page.html"
    code, out, _ = ask(name, "--model", model, "--page", page)
    assert code == 0
    assert f"page: {page}" in out
    return Elements(page.read_text())


def test_the_page_of_a_table(ask, table, tmp_path):
    page = read(ask, tmp_path, table, "mlp")
    titles = ["What it is", "Findings", "Classes", "Columns", "Models"]
    assert page.texts("h2") == titles
    assert "a" in page.texts("th") and "60 (75.0%)" in page.texts("td")
    histograms = [each["aria-label"] for each in page.all("svg")]
    assert histograms == ["histogram from 0 to 79", "histogram from -1 to 1"]
    # Row numbers lie evenly: 4 of 80 in each of 20 bins.
    heights = [each["height"] for each in page.all("rect")[:20]]
    assert heights == ["40.0"] * 20


def test_the_page_of_pictures(ask, tmp_path):
    page = read(ask, tmp_path, "digits", "mlp")
    images = page.all("img")
    assert len(images) == 10 * 8
    assert images[0]["alt"] == "a sample of 0"
    assert all(each["src"].startswith("data:image/png;base64,") for each in images)
    content = base64.b64decode(images[0]["src"].partition(",")[2])
    pixels = np.asarray(Image.open(io.BytesIO(content)))
    train = zoo.load_dataset("digits").train
    first = train.x[np.flatnonzero(train.y == 0)[0], ..., 0]
    np.testing.assert_allclose(pixels, first * (255 / 16), atol=1)


def test_the_page_of_texts(ask, tmp_path):
    page = read(ask, tmp_path, "examples/reviews.tsv", "text_cnn")
    assert page.texts("h3") == ["neg", "pos"]
    quotes = page.texts("blockquote")
    assert len(quotes) == 4 and len(quotes[0]) < len(quotes[1])
    assert "6 words, 27 characters" in page.texts("p")


def test_the_page_of_a_series(ask, series, tmp_path):
    page = tmp_path / "page.html"
    ask(series, "--page", page)
    found = Elements(page.read_text())
    shades = [each["class"] for each in found.all("polyline")]
    assert shades == ["one", "two", "three"]
    assert "400 values from 0 to 6" in found.texts("p")
    assert "forecaster" in found.texts("th")


def test_the_page_of_what_is_refused(ask, table, tmp_path):
    table.write_text(table.read_text().replace(",0", ",<b>"))
    page = tmp_path / "page.html"
    code, _, err = ask(table, "--page", page)
    found = Elements(page.read_text())
    assert code == 1 and "is not a number" in err
    assert "Why nothing is trained on it" in found.texts("h2")
    assert "b" not in {tag for tag, _ in found.found}


def test_a_page_cannot_be_a_folder(ask, table, tmp_path):
    code, _, err = ask(table, "--page", tmp_path)
    assert code == 1 and "it is a folder; give a file" in err
