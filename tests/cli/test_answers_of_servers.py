"""`zoo predict --url` answers as `zoo predict`, for every kind of model."""

import json
import shlex

import numpy as np
import pytest
from PIL import Image

import export
import zoo
from serving.server import Server


@pytest.fixture
def served(tmp_path):
    """Exports a model and yields its name and the address of a server."""
    servers = []

    def served(what, engine="auto", **options):
        artifact = export.export_model(what, tmp_path / "models", **options)
        server = Server(tmp_path / "models", rest_api_port=0, engine=engine)
        servers.append(server)
        server.start()
        return artifact.path.parent.name, server.url

    yield served
    for server in servers:
        server.stop()


def cells(out):
    return [line.split("\t") for line in out.splitlines()]


def assert_same(found, expected, tolerance=1e-4):
    """Compares two tables, numbers by their difference."""
    assert len(found) == len(expected)
    for got, want in zip(found, expected, strict=True):
        assert len(got) == len(want)
        for one, other in zip(got, want, strict=True):
            try:
                assert float(one) == pytest.approx(float(other), abs=tolerance)
            except ValueError:
                assert one == other


def labelled_table(path):
    """Rows with sets of labels, as a folder of pictures and a table beside it."""
    generator = np.random.default_rng(0)
    lines = ["file,labels"]
    (path / "images").mkdir()
    for i in range(30):
        sets = [name for name in ("sun", "sea", "sky") if generator.random() < 0.5]
        pixels = generator.integers(256, size=(6, 6)).astype("uint8")
        Image.fromarray(pixels).save(path / f"images/{i}.png")
        lines.append(f"{i}.png,{';'.join(sets)}")
    (path / "things.csv").write_text("\n".join(lines) + "\n")
    return path / "things.csv"


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["auto", "onnx"])
def test_sets_of_labels_have_names(ask, served, tmp_path, engine):
    table = labelled_table(tmp_path)
    run_ = zoo.train("mlp", dataset=table, epochs=1, output=tmp_path / "run")
    picture = tmp_path / "images/0.png"
    expected = cells(ask("predict", run_.directory, picture)[1])
    assert expected[0] == ["input", "labels", "sea", "sky", "sun"]
    name, url = served(run_, engine)
    assert_same(cells(ask("predict", name, picture, "--url", url)[1]), expected)


@pytest.mark.slow
def test_sets_of_labels_of_records_are_classes_and_scores(tmp_path):
    table = labelled_table(tmp_path)
    run_ = zoo.train("mlp", dataset=table, epochs=1, output=tmp_path / "run")
    artifact = export.export_model(run_, tmp_path / "models")
    said = artifact.manifest["signatures"]["classify"]
    assert said["method"] == "classify"
    assert said["outputs"]["classes"]["shape"] == [None, 3]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["auto", "onnx"])
def test_quantities_have_names(ask, served, tmp_path, engine):
    generator = np.random.default_rng(0)
    rows = [f"{a},{2 * a + 0.5},{3 - a}" for a in generator.normal(size=50)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["a,up,down", *rows]) + "\n")
    given = ("--target", "up", "--target", "down", "--output", tmp_path / "run")
    code, _, err = ask("train", "mlp", "--dataset", path, "--epochs", 1, *given)
    assert code == 0, err
    expected = cells(ask("predict", tmp_path / "run", path)[1])
    assert expected[0] == ["input", "up", "down"]
    name, url = served(str(tmp_path / "run"), engine)
    found = cells(ask("predict", name, path, "--url", url)[1])
    assert_same(found, expected)


def test_all_classes_have_names_without_tensorflow(ask, served, tmp_path):
    path = tmp_path / "flower.csv"
    path.write_text("a,b,c,d\n5.1,3.5,1.4,0.2\n")
    expected = cells(ask("predict", "mlp.iris", path, "--top", 3)[1])
    assert sorted(row[1] for row in expected[1:]) == [
        *("setosa", "versicolor", "virginica")
    ]
    name, url = served("mlp.iris", "onnx", formats=["onnx"])
    found = ask("predict", name, path, "--top", 3, "--url", url)[1]
    assert_same(cells(found), expected)


@pytest.mark.slow
def test_a_picture_gets_the_range_of_the_training(ask, served, tmp_path):
    """Pixels of `lenet5.digits` reach 16, in files 255."""
    digits = zoo.load_dataset("digits").test
    for place in range(4):
        pixels = (digits.x[place, ..., 0] * (255 / 16)).astype("uint8")
        picture = Image.fromarray(pixels).resize((80, 100), Image.Resampling.NEAREST)
        picture.save(tmp_path / f"{place}.png")
    files = sorted(tmp_path.glob("*.png"))
    expected = cells(ask("predict", "lenet5.digits", *files)[1])
    assert [int(row[1]) for row in expected[1:]] == digits.y[:4].tolist()
    name, url = served("lenet5.digits", formats=["saved_model"])
    found = cells(ask("predict", name, *files, "--url", url)[1])
    assert_same(found, expected, tolerance=0.02)
    mixed = tmp_path / "one.npy"
    np.save(mixed, digits.x[0])
    code, out, _ = ask("predict", name, mixed, files[1], "--url", url)
    assert (code, len(out.splitlines())) == (0, 3)
    code, out, _ = ask("explain", name, files[0], "--url", url, "--json")
    assert (code, json.loads(out)["target"]) == (0, expected[1][1])


@pytest.mark.slow
def test_pictures_are_cropped_by_the_server_as_in_the_training(ask, served, tmp_path):
    """A stretched picture would show the bright margins that a crop leaves out."""
    for kind, value in (("dark", 20), ("light", 200)):
        (tmp_path / "data" / kind).mkdir(parents=True)
        for i in range(20):
            pixels = np.full((8, 8), value + i, "uint8")
            Image.fromarray(pixels).save(tmp_path / f"data/{kind}/{i}.png")
    given = ("--fit", "crop", "--epochs", 3, "--output", tmp_path / "run")
    code, _, err = ask("train", "mlp", "--dataset", tmp_path / "data", *given)
    assert code == 0, err
    wide = np.full((8, 40), 255, "uint8")
    wide[:, 16:24] = 20
    Image.fromarray(wide).save(tmp_path / "wide.png")
    expected = cells(ask("predict", tmp_path / "run", tmp_path / "wide.png")[1])
    name, url = served(str(tmp_path / "run"), formats=["saved_model"])
    found = cells(ask("predict", name, tmp_path / "wide.png", "--url", url)[1])
    assert_same(found, expected, tolerance=1e-3)


def test_actions_have_names(ask, served, tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.float32([[0.1, 0.2, 0.3, 0.4], [0, -1, -0.2, 0]]))
    expected = cells(ask("predict", "dqn.cartpole", path)[1])
    assert expected[0] == ["input", "action", "action_values_1", "action_values_2"]
    assert {row[1] for row in expected[1:]} <= {"left", "right"}
    name, url = served("dqn.cartpole", "onnx", formats=["onnx"])
    assert_same(cells(ask("predict", name, path, "--url", url)[1]), expected, 1e-3)


def test_outputs_stand_in_one_order(ask, served, tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, zoo.load_dataset("digits").test.x[:2])
    expected = cells(ask("predict", "autoencoder.digits", path)[1])
    name, url = served("autoencoder.digits", "onnx", formats=["onnx"])
    assert_same(cells(ask("predict", name, path, "--url", url)[1]), expected, 1e-2)


@pytest.mark.slow
def test_a_language_model_continues_a_text(ask, served, tmp_path):
    model = "char_rnn.tiny_shakespeare"
    prompt = ("--prompt", "ROMEO:\n", "--length", 40, "--temperature", 0)
    expected = ask("generate", model, *prompt)[1]
    (tmp_path / "x.txt").write_text("ROMEO:\n")
    (tmp_path / "x.jsonl").write_text('{"text": "ROMEO:"}\n')
    np.save(tmp_path / "x.npy", np.arange(2, 14, dtype="int32").reshape(2, 6))
    of_ids = cells(ask("predict", model, tmp_path / "x.npy")[1])
    name, url = served(model, formats=["saved_model"])
    assert ask("generate", name, *prompt, "--url", url)[1] == expected
    found = cells(ask("predict", name, tmp_path / "x.npy", "--url", url)[1])
    assert_same(found, of_ids)
    for given in ([], ["--url", url]):
        for text in ("to be", tmp_path / "x.txt", tmp_path / "x.jsonl"):
            code, _, err = ask("predict", model, text, *given)
            assert code == 1
            typed = shlex.join([model, *given])
            assert f"`zoo generate {typed} --prompt TEXT` continues a text" in err


@pytest.mark.slow
def test_a_translator_translates(ask, served):
    texts = ("20 July 1969", "1 May 2001")
    expected = ask("translate", "translator.dates", *texts)[1]
    assert expected.splitlines() == ["1969-07-20", "2001-05-01"]
    name, url = served("translator.dates", formats=["saved_model"])
    assert ask("translate", name, *texts, "--url", url)[1] == expected


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["tensorflow", "onnx"])
def test_a_server_is_sent_rows_as_the_table_has_them(ask, served, tmp_path, engine):
    """Per cent, decimal commas and dates: what a file says is what is answered."""
    rows = [
        f"{i % 28 + 1}.{i % 12 + 1}.2024;{i % 7},5 %;1.{100 + i},25;{'xyz'[i % 3]};"
        f"{('yes', '')[i % 9 == 4]};{'ab'[i % 2]}"
        for i in range(60)
    ]
    header = "day;share (%);price;kind;new;label"
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["# of 2024", header, *rows]) + "\n")
    given = ("--dataset", path, "--epochs", 3, "--output", tmp_path / "run")
    assert ask("train", "mlp", *given)[0] == 0
    new = tmp_path / "new.csv"
    unlike = ["2024-05-03;4,5 %;1.120,5;q;;", "3.5.2024;;;x;NA;", ";4;99;y;?;"]
    new.write_text("\n".join([header, *rows[:5], "# end", *unlike]) + "\n")
    code, expected, err = ask("predict", tmp_path / "run", new, "--top", 2)
    assert code == 0, err
    assert len(cells(expected)) == 1 + 2 * 8
    name, url = served(str(tmp_path / "run"), engine)
    code, found, err = ask("predict", name, new, "--top", 2, "--url", url)
    assert code == 0, err
    assert_same(cells(found), cells(expected))
    new.write_text(f"{header}\nsoon;4,5 %;1,5;x;yes;\n")
    code, _, err = ask("predict", name, new, "--url", url)
    assert code == 1
    assert "'soon' is no date (written as %d.%m.%Y or ISO 8601)" in err
