"""Every command in this process: what it prints, and its exit code."""

import json
import os
import re
import shutil

import click
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import serving
from serving.server import Server
from zoo.cli.main import GROUPS, cli
from zoo.results import records

COMMANDS = cli.list_commands(click.Context(cli))


def test_commands():
    assert set(COMMANDS) == {
        *("list", "info", "train", "launch", "tune", "runs", "evaluate", "export"),
        *("verify", "serve", "predict", "generate", "sample", "translate", "report"),
        *("quickstart", "inspect", "data", "bench", "deploy", "explain", "show"),
        *("neighbours", "vectors", "compress", "decompress", "play"),
    }


def test_compress_and_decompress(ask, tmp_path):
    source, packed = tmp_path / "grey.png", tmp_path / "grey.zooc"
    Image.new("L", (20, 9), 99).save(source)
    code, out, _ = ask("compress", source, "--output", packed, "--json")
    made = json.loads(out)
    assert (code, made["pictures"], made["model"]) == (0, 1, "conv_autoencoder.mnist")
    assert made["output_bytes"] == packed.stat().st_size
    code, out, _ = ask("decompress", packed)
    assert (code, out.splitlines()) == (0, [str(tmp_path / "grey/grey.png")])
    with Image.open(tmp_path / "grey/grey.png") as picture:
        assert picture.size == (20, 9)
    packed.write_bytes(packed.read_bytes()[:-1])
    code, _, err = ask("decompress", packed, "--output", tmp_path / "other")
    assert code == 1
    assert err.startswith(f"zoo: {packed} cannot be decompressed: ")
    assert err.count("\n") == 1
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(ask, command):
    code, out, _ = ask(command, "--help")
    assert code == 0
    assert f"Example: zoo {command}" in out


def test_no_command_shows_the_help_line_by_line(ask):
    code, out, err = ask()
    assert (code, out) == (2, "")
    assert err == ask("--help")[1]


def test_help_shows_every_command_in_a_group_with_an_example(ask):
    out = ask("--help")[1]
    assert sorted(name for group in GROUPS.values() for name in group) == COMMANDS
    for title, group in GROUPS.items():
        section = out.partition(f"{title}:\n")[2].partition("\n\n")[0]
        first = [line.split()[0] for line in section.splitlines()]
        assert first[-1] == "Example:"
        assert {*group} <= {*first}


def test_quiet_and_verbose(ask, tmp_path, monkeypatch):
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "2")
    code, out, err = ask(
        "train", "mlp", "--epochs", 1, "-q", "--output", tmp_path / "r"
    )
    assert (code, err) == (0, "")
    assert out.startswith("test: ")
    code, _, err = ask("evaluate", tmp_path / "nothing", "--verbose")
    assert code == 1
    assert err.startswith("Traceback")
    assert err.splitlines()[-1].startswith("zoo: There is no run, file or folder")
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "2"  # of this command only


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lenet"], "No model is named 'lenet'. Did you mean lenet5"),
        (["lente5*"], "No model is named 'lente5*'. Did you mean lenet5"),
        (["--task", "clasification"], "'clasification'. Did you mean classification?"),
        (["--family", "cn"], "No family is named 'cn'. Did you mean cnn"),
        (
            ["lenet5", "--exclude", "*"],
            "No model matches all of this; `zoo list`",
        ),
    ],
)
def test_list_of_nothing(ask, arguments, said):
    code, out, err = ask("list", *arguments)
    assert (code, out) == (1, "")
    assert err.startswith("zoo: No ")
    assert said in err
    assert len(err.splitlines()) == 1


def test_list(ask):
    code, out, err = ask("list", "lenet*")
    assert (code, err) == (0, "")
    title, header, *rows = out.split("\n\n")[0].splitlines()
    assert title == "classification"
    assert header.split() == ["name", "data", "figure", "size"]
    assert [line.split()[0] for line in rows] == [
        "lenet5",
        "lenet5.digits*",
        "lenet5.mnist*",
        "lenet5_augmented",
        "lenet5_augmented.mnist*",
    ]
    printed = json.loads(ask("list", "*.iris", "--family", "mlp", "--json")[1])
    (row,) = printed["models"]
    assert row["name"] == "mlp.iris"
    assert row["parameters"] == 268
    assert row["has_weights"] is True
    assert row["weights_metrics"]["accuracy"] > 0.9


def test_list_groups_models_by_task(ask):
    blocks = [block.splitlines() for block in ask("list")[1].split("\n\n")[:-1]]
    assert blocks[0][0] == "reconstruction"
    tasks = {
        row["name"]: row["task"]
        for row in json.loads(ask("list", "--json")[1])["models"]
    }
    shown = {}
    for title, _, *rows in blocks:
        shown |= {row.split()[0].rstrip("*"): title.replace(" ", "_") for row in rows}
    assert shown == tasks
    titles = [title for title, *_ in blocks]
    assert len(titles) == len(set(titles))


def test_sizes_and_figures_are_those_of_the_results(ask):
    rows = json.loads(ask("list", "--json")[1])["models"]
    published = records()
    for row in rows:
        if row["name"] in published:
            record = published[row["name"]]
            assert row["parameters"] == record.parameters
            assert row["headline"] == record.headline
            assert row["seeds"] == len(record.metrics)
        else:
            assert (row["headline"], row["seeds"]) == (None, 0)


def test_info(ask):
    code, out, _ = ask("info", "lenet5")
    assert code == 0
    assert "LeCun" in out
    assert "C3 (Conv2D)" in out
    card = json.loads(ask("info", "lenet5.mnist", "--json")[1])
    assert card["parameters"] == 61_709
    assert card["recipe"]["dataset"] == "mnist"
    assert card["results"]["accuracy"] > 0.98


def test_train_evaluate_export_verify(ask, tmp_path):
    folder = tmp_path / "run"
    code, out, err = ask("train", "mlp", "--epochs", 2, "--output", folder)
    assert code == 0
    assert "test: loss" in out
    assert f"zoo export {folder}" in out
    assert err.count("epoch ") == 2
    found = json.loads(ask("evaluate", folder, "--json")[1])
    metrics = found["metrics"]
    assert metrics.keys() == {"loss", "accuracy", "balanced_accuracy"}
    assert [each["name"] for each in found["details"]["classes"]][:1] == ["setosa"]
    said = ask("evaluate", folder)[1]
    assert f"accuracy {metrics['accuracy']:.4f} (" in said and "50 samples)" in said
    assert "baseline: accuracy 0.3400, always" in out + said
    assert "virginica" in said and "calibration: error" in said
    code, out, err = ask("export", folder, "--base-path", tmp_path / "models")
    assert code == 0
    assert re.search(r"\nonnx +probabilities +\d", out)
    artifact = tmp_path / "models/mlp/1"
    assert f"published {artifact}" in out
    parity = json.loads(ask("verify", artifact, "--json")[1])
    assert parity["max_difference"]["saved_model"]["class_ids"] == 0


def test_verify_all(ask, finished, tmp_path):
    good, bad = tmp_path / "models/mlp/1", tmp_path / "models/mlp/2"
    shutil.copytree(finished[1], good)
    code, out, _ = ask("verify", "--all", tmp_path / "models")
    assert code == 0
    assert re.fullmatch(rf"ok +{good}  saved_model \S+, onnx \S+\n", out)
    shutil.copytree(finished[1], bad)
    code, out, err = ask("verify", "--all", tmp_path / "models")
    assert code == 1
    assert out.splitlines()[1].startswith(f"FAILED  {bad}  ")
    assert err == f"zoo: 1 of 2 artifacts failed: {bad}.\n"
    code, out, _ = ask("verify", "--all", tmp_path / "models", "--json")
    assert code == 1
    first, second = json.loads(out)["artifacts"]
    assert (first["error"], first["parity"]["batch_sizes"]) == (None, [1, 7])
    assert "has the manifest of version 1" in second["error"]


def test_inspect(ask, finished):
    code, out, err = ask("inspect", finished[1])
    assert (code, err) == (0, "")
    assert f"file                       {finished[1] / 'saved_model.pb'}" in out
    assert (
        "signature serving_default  features float32 (?, 4) -> class_ids int64" in out
    )
    assert "reads                      assets/metadata.json, variables/var" in out
    models = json.loads(ask("inspect", finished[1], "--json")[1])["models"]
    assert [each["format"] for each in models][:2] == ["saved_model", "onnx"]
    verdict = "verdict                    touches nothing but its own files"
    assert out.count(verdict) == len(models)
    assert all(each["is_safe"] for each in models)
    assert models[1]["operators"]["Softmax"] == 1


@pytest.mark.slow
def test_what_inspect_refuses_is_not_loaded(ask, zoo_command, tmp_path):
    folder = tmp_path / "reader/1"
    reads = tf.function(
        lambda x: {"y": tf.io.read_file(x)},
        input_signature=[tf.TensorSpec([], "string")],
    )
    tf.saved_model.save(tf.Module(), str(folder), signatures=reads)
    code, out, _ = ask("inspect", folder)
    assert code == 0
    assert "refused: its signatures reach ReadFile, which reads files" in out
    code, _, err = ask("export", folder)
    ports = ("--port", "0", "--rest-api-port", "0")
    served = zoo_command("serve", "--model-base-path", folder.parent, *ports)
    for status, said in ((code, err), (served.returncode, served.stderr)):
        assert (status, said.count("\n")) == (1, 1)
        assert "ReadFile" in said
        assert "--trust" in said
    base = ("--base-path", tmp_path / "out", "--formats", "saved_model")
    code, _, err = ask("export", folder, "--name", "trusted", "--trust", *base)
    assert "is refused" not in err


def test_nothing_is_served_where_tensorflow_has_run(ask, tmp_path):
    tf.zeros(1)
    code, _, err = ask("serve", "--model-base-path", tmp_path, "--port", "0")
    assert code == 1
    assert err == (
        "zoo: TensorFlow has run in this process, from which workers cannot be "
        "forked any more. Run `zoo serve`, or use `serving.Server` here.\n"
    )


@pytest.mark.slow
def test_train_prints_json_alone_on_standard_output(ask, tmp_path):
    code, out, _ = ask(
        *("train", "mlp", "--epochs", 1, "--json", "--output", tmp_path / "r"),
        *("--overrides", '{"hidden_units": [8]}'),
    )
    assert code == 0
    assert json.loads(out)["directory"] == str(tmp_path / "r")
    config = json.loads((tmp_path / "r/config.json").read_text())
    assert config["arguments"]["hidden_units"] == [8]


@pytest.mark.slow
def test_tune_and_train_the_winner(ask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = ("tune", "mlp", "--dataset", "iris", "--epochs", 1, "--trials", 1)
    code, out, err = ask(*asked)
    assert code == 0, err
    assert err.startswith("[1/1] trial 0: val_loss ")
    assert "Next: zoo train --recipe runs/tune/mlp.iris/best.json" in out
    result = json.loads(ask(*asked, "--json")[1])
    assert result["trials"] == 2
    command = out.splitlines()[-1].removeprefix("Next: zoo ").split()
    code, out, err = ask(*command)
    assert code == 0, err
    config = json.loads((tmp_path / "runs/mlp.iris/1/config.json").read_text())
    recipe = json.loads((tmp_path / result["recipe"]).read_text())
    assert config["recipe"] == recipe["recipe"]
    rows = (tmp_path / "runs/mlp.iris/1/history.csv").read_text().splitlines()
    row = dict(zip(*(line.split(",") for line in rows), strict=True))
    assert float(row["val_loss"]) == result["best"]["value"]


class TextServer:
    """Stands in for a client of a server with a model of sentences."""

    def __init__(self, url):
        pass

    def close(self):
        pass

    def metadata(self, name):
        strings = {"dtype": "DT_STRING", "tensor_shape": {"dim": [{"size": -1}]}}
        ids = {"dtype": "DT_INT32", "tensor_shape": {"dim": [{"size": -1}] * 2}}
        outputs = {"label": strings, "probabilities": {"dtype": "DT_FLOAT"}}
        signatures = {
            "text": {"inputs": {"text": strings}, "outputs": outputs},
            "serving_default": {"inputs": {"tokens": ids}, "outputs": {}},
        }
        return {"metadata": {"signature_def": {"signature_def": signatures}}}

    def predict(self, name, inputs, *, signature_name):
        if signature_name == "serving_default":
            return {
                "probabilities": np.full((len(inputs["tokens"]), 2), [0.125, 0.875])
            }
        good = np.array(["good" in each for each in inputs["text"]])
        probabilities = np.where(good[:, None], [[0.25, 0.75]], [[0.5, 0.25]])
        return {"label": np.where(good, "pos", "neg"), "probabilities": probabilities}


def test_sentences_are_predicted_by_a_server(ask, tmp_path, monkeypatch):
    monkeypatch.setattr("zoo.cli.predicting.server.Client", TextServer)
    (tmp_path / "lines.txt").write_text("a good soup\n\na bad one\n")
    np.save(tmp_path / "ids.npy", np.ones((1, 3), "int32"))
    asked = ("predict", "text_cnn", "so good", tmp_path / "lines.txt")
    code, out, err = ask(*asked, tmp_path / "ids.npy", "--url", "http://h")
    assert code == 0, err
    assert [line.split("\t") for line in out.splitlines()[1:]] == [
        ["so good", "pos", "0.7500"],
        ["a good soup", "pos", "0.7500"],
        ["a bad one", "neg", "0.5000"],
        [f"{tmp_path / 'ids.npy'} row 1", "pos", "0.8750"],
    ]


def test_predict(ask, finished, tmp_path):
    samples = np.array([[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]])
    np.save(tmp_path / "flowers.npy", samples)
    (tmp_path / "one.json").write_text(json.dumps(samples[:1].tolist()))
    with Server(finished[1].parent.parent, rest_api_port=0) as server:
        files = (tmp_path / "flowers.npy", tmp_path / "one.json")
        code, out, _ = ask("predict", "mlp", *files, "--url", server.url, "--json")
        rows = json.loads(out)["predictions"]
        expected = serving.Client(server.url).predict("mlp", {"features": samples})
        assert code == 0
        assert [row["class_ids"] for row in rows[:2]] == expected["class_ids"].tolist()
        assert rows[2]["probabilities"] == rows[0]["probabilities"]
        header = ask("predict", "mlp", files[0], "--url", server.url)[1].split()[:3]
        assert header == ["input", "label", "probability"]
        code, _, err = ask("predict", "nope", files[0], "--url", server.url)
        assert (code, err.count("\n")) == (1, 1)
        Image.new("L", (4, 4)).save(tmp_path / "x.png")
        code, _, err = ask("predict", "mlp", tmp_path / "x.png", "--url", server.url)
        assert (code, err.count("\n")) == (1, 1)


@pytest.mark.parametrize("engine", ["tensorflow", "onnx"])
def test_labels_of_a_server(ask, finished, tmp_path, engine):
    samples = np.array([[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]])
    np.save(tmp_path / "flowers.npy", samples)
    names = ["setosa", "versicolor", "virginica"]
    models = finished[1].parent.parent
    with Server(models, rest_api_port=0, engine=engine) as server:
        asked = ("predict", "mlp", tmp_path / "flowers.npy", "--url", server.url)
        rows = json.loads(ask(*asked, "--json")[1])["predictions"]
        code, out, err = ask(*asked, "--top", 3)
        assert code == 0, err
        lines = out.splitlines()[1:]
    for row in rows:
        assert row["label"] == names[row["class_ids"]]
        assert row.keys() == {"input", "row", "class_ids", "probabilities", "label"}
    printed = [line.split()[-2] for line in lines]
    assert [printed[0], printed[3]] == [row["label"] for row in rows]
    assert set(printed[:3]) == set(printed[3:]) == set(names)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("train lenet", 1, "Did you mean lenet5"),
        ("train lenet5 --dataset mnsit", 1, "neither built in"),
        ("train lenet5 --dataset iris", 1, "takes images"),
        ("train lenet5 --dataset /nowhere/else", 1, "check the path"),
        ("train lenet5 --overrides {", 1, '`overrides` must be an object, {"name"'),
        ("train lenet5 --set encoding=3", 1, "`encoding` must be an object"),
        ("train lenet5 --set epochs", 2, "--set takes PATH=VALUE"),
        ("train lenet5 --set epoch=3", 1, "no option `epoch`. Did you mean epochs"),
        (
            "train lenet5 --set optimizer.wings=3",
            1,
            "`optimizer`: Adam cannot be made: ",
        ),
        ("train lenet5 --epochs many", 1, "`epochs` must be a whole number"),
        ("train lenet5 --optimizer Adm", 1, "Unknown optimizer 'Adm'. Did you mean"),
        ("train mlp --dataset nil --data-dir /none", 1, "nor prepared in /none"),
        ("train lenet5 --epochs 0", 1, "1 or more"),
        ("train", 2, "Missing argument 'NAME', or --recipe"),
        ("train --recipe nothing.json", 1, "check the path"),
        ("tune lenet", 1, "Did you mean lenet5"),
        ("tune mlp --trials 0", 1, "1 or more"),
        ("tune mlp --sampler grid", 2, "'grid' is not one of"),
        ("info lenet", 1, "Did you mean lenet5"),
        ("evaluate nothing", 1, "No run or model 'nothing'; nearest: "),
        ("export nothing", 1, "see `zoo list` and `zoo runs`"),
        ("verify nothing", 1, "no artifact"),
        ("verify", 2, "Give the PATH of one artifact, or --all BASE"),
        ("verify nothing --all nothing", 2, "Give the PATH of one artifact, or --all"),
        ("verify --all nothing", 1, "no artifacts in nothing; check the path"),
        ("inspect nothing", 1, "There is no model nothing; check the path"),
        ("inspect .", 1, "holds neither saved_model.pb nor ONNX or LiteRT files"),
        ("serve", 1, "Give --model_base_path or --model_config_file"),
        ("serve --model-base-path s3://bucket/m", 1, "s3://bucket/m is not a folder"),
        ("serve --model-config-file nothing", 1, "Cannot read the model config file"),
        ("serve --model-base-pth x", 2, "Did you mean"),
        ("predict lenet5.mnist missing.png", 1, "There is no file missing.png"),
        ("fly", 2, "No such command 'fly'. Nearest: "),
        ("traim mlp", 2, "Did you mean train? See `zoo --help`"),
        ("list --fast", 2, "No such option"),
    ],
)
def test_bad_input_is_one_line(ask, tmp_path, monkeypatch, arguments, code, message):
    monkeypatch.chdir(tmp_path)
    got, out, err = ask(*arguments.split())
    assert got == code
    assert err.startswith("zoo: ")
    assert message in err
    assert err.count("\n") == 1
    assert out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_no_server(ask, tmp_path):
    np.save(tmp_path / "x.npy", np.zeros((1, 4)))
    code, _, err = ask(
        "predict", "mlp", tmp_path / "x.npy", "--url", "http://127.0.0.1:1"
    )
    assert code == 1
    assert "zoo serve" in err
    assert err.count("\n") == 1


@pytest.mark.slow
def test_a_data_dir_is_asked_for_one_command(ask, tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", "before")
    lines = "".join(f"{'ab'[i % 2]}\ttext {i}\n" for i in range(60))
    (tmp_path / "mine.tsv").write_text(lines)
    code, out, err = ask(
        *("train", "text_cnn", "--dataset", "mine", "--data-dir", tmp_path),
        *("--dry-run", "--json"),
    )
    assert code == 0, err
    assert json.loads(out)["dataset"] == "mine"
    assert os.environ["TFDS_DATA_DIR"] == "before"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["report", "circle.py"], "No run or model 'circle.py'"),
        (["--import", "circle.py", "list"], "Cannot import circle.py"),
        (
            ["tune", "mlp", "--trials", 1, "--storage", "circle.db", "--output", "o"],
            "circle.db is no file",
        ),
        (
            ["tune", "mlp", "--trials", 1, "--storage", "circle.log", "--output", "o"],
            "circle.log is no file",
        ),
    ],
)
def test_links_in_a_circle(ask, arguments, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("circle.py", "circle.db", "circle.log"):
        (tmp_path / name).symlink_to(name)
    code, _, err = ask(*arguments)
    assert code == 1
    assert err.startswith(f"zoo: {says}")
    assert err.count("\n") == 1
