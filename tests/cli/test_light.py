"""What has to be quick loads nothing heavy."""

import json
import os
import subprocess
import sys

import pytest

HEAVY = ("keras", "matplotlib", "numpy", "sklearn", "tensorflow")
PROBE = """
import sys
{code}
print([name for name in {heavy} if name in sys.modules], file=sys.stderr)
"""
COMMAND = """
import zoo.__main__
try:
    zoo.__main__.main()
except SystemExit as end:
    assert end.code == {code}, end.code
"""
PLUGIN = """
import sys
from zoo.registry import Recipe, register

@register("mine", recipe=Recipe(dataset="digits"))
def build(input_shape=(8, 8, 1), num_classes=10):
    \"\"\"Mine.\"\"\"
    import keras
    from custom_layers import Dense, Flatten

    image = keras.Input(input_shape, name="image")
    return keras.Model(image, Dense(num_classes)(Flatten()(image)))
"""


@pytest.fixture
def probe(tmp_path):
    """Runs code in a process of its own; returns what it printed and what it loaded."""

    def run(code, *arguments, **environment):
        done = subprocess.run(
            [sys.executable, "-c", PROBE.format(code=code, heavy=HEAVY), *arguments],
            cwd=tmp_path,
            env=os.environ | environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        *_, loaded = done.stderr.splitlines()
        return done.stdout, loaded

    return run


@pytest.fixture
def run_folder(tmp_path):
    folder = tmp_path / "runs/mlp.iris/1"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    return folder


def test_import_prints_nothing(probe):
    assert probe("import zoo, export, serving\nzoo.ZooError") == ("", "[]")


def test_version(probe):
    out, loaded = probe("import zoo\nprint(zoo.__version__)")
    assert out.count(".") >= 2
    assert loaded == "[]"


def test_names_from_python(probe):
    out, loaded = probe("import zoo\nprint(zoo.list_models(pretrained=True))")
    assert "'lenet5.mnist'" in out
    assert loaded == "[]"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--help", "quickstart"),
        ("list", "lenet5.mnist"),
        ("list --pretrained --json", '"mlp.iris"'),
        ("info lenet5.mnist", "C3 (Conv2D)"),
        ("info mlp --json", '"layers"'),
        ("runs --json", "[]"),
    ],
)
def test_commands(probe, arguments, expected):
    out, loaded = probe(COMMAND.format(code=0), *arguments.split())
    assert expected in out
    assert loaded == "[]"


def test_the_help_of_train_asks_the_dataset_types(probe):
    out, loaded = probe(COMMAND.format(code=0), "train", "--help")
    assert "an .npz file" in " ".join(out.split())
    assert loaded == "['numpy']"


@pytest.mark.parametrize("arguments", ["info lenet", "fly", "runs nowhere"])
def test_mistakes(probe, arguments):
    code = 2 if arguments == "fly" else 1
    assert probe(COMMAND.format(code=code), *arguments.split()) == ("", "[]")


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("zoo train lenet5.", {"lenet5.digits", "lenet5.mnist"}),
        ("zoo info lenet5.m", {"lenet5.mnist"}),
        ("zoo train mlp --dataset ir", {"iris"}),
        ("zoo report runs/", {"runs/mlp.iris/1"}),
        ("zoo export softmax_regression.i", {"softmax_regression.iris"}),
        ("zoo evaluate run", {"runs/mlp.iris/1"}),
        ("zoo exp", {"explain", "export"}),
    ],
)
def test_completion(probe, run_folder, line, offered):
    out, loaded = probe(
        COMMAND.format(code=0),
        COMP_WORDS=line,
        COMP_CWORD=str(line.count(" ")),
        _ZOO_COMPLETE="bash_complete",
    )
    found = {each.removeprefix("plain,") for each in out.splitlines()}
    assert {each for each in found if not each.startswith("file,")} == offered
    assert loaded == "[]"


@pytest.mark.slow
def test_what_users_register_is_listed(probe, tmp_path):
    (tmp_path / "mine.py").write_text(PLUGIN)
    use = {"ZOO_IMPORT": str(tmp_path / "mine.py")}
    code = COMMAND.format(code=0)
    rows = json.loads(probe(code, "list", "mine*", "--json", **use)[0])["models"]
    assert [(row["name"], row["parameters"]) for row in rows] == [("mine", 650)]
    assert json.loads(probe(code, "info", "mine", "--json", **use)[0])["flops"] == 1280
    out, loaded = probe(code, "info", "lenet5", **use)
    assert "C3 (Conv2D)" in out
    assert loaded == "[]"
