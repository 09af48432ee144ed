"""What users register from files and packages of their own."""

import pickle
import subprocess
import sys
import zipfile

import numpy as np
import pytest

import zoo
from zoo import discovery, plugins, registry, tasks
from zoo.datasets import dataset_type, named
from zoo.errors import ArgumentError, PluginError, RunError, UnknownNameError
from zoo.machines import launching

REGISTRIES = (registry.SPECS, tasks._TASKS, dataset_type._TYPES, named.NAMED)
MODELS = """
import dataclasses
import keras
import numpy as np
import zoo
from custom_layers import Dense
from zoo import tasks

@zoo.register_dataset("halves")
def halves():
    x = np.linspace(-1, 1, 60, dtype="float32")[:, np.newaxis]
    return zoo.make_dataset("halves", ("low", "high"), zoo.Split(x, (x[:, 0] > 0) * 1))

@zoo.register_file_type("numbers", ".numbers", help="a .numbers file")
def numbers(path):
    x = np.loadtxt(path, "float32")[:, np.newaxis]
    y = (x[:, 0] > x.mean()).astype(int)
    return zoo.make_dataset(str(path), ("low", "high"), zoo.Split(x, y))

zoo.register_task(dataclasses.replace(tasks.get("classification"), name="sorting"))

@keras.saving.register_keras_serializable("halves")
class Doubled(Dense):
    def call(self, x):
        return 2 * super().call(x)

@zoo.register("halver", recipe=zoo.Recipe(dataset="halves", epochs=1), input="features")
def halver(input_shape=(1,), num_classes=2):
    '''Builds one layer.'''
    x = keras.Input(input_shape, name="features")
    return keras.Model(x, Doubled(num_classes, name="logits")(x))
"""


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """A folder for modules; what they register is forgotten after the test."""
    for each in REGISTRIES:
        list(each)  # imports its package
        monkeypatch.setattr(each, "_entries", {**each._entries})
        monkeypatch.setattr(each, "_sources", {**each._sources})
    monkeypatch.setattr(discovery, "_modules", {*discovery._modules})
    monkeypatch.setattr(plugins, "_imported", {*plugins._imported})
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield tmp_path
    for name, module in [*sys.modules.items()]:
        if str(getattr(module, "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def models(scratch):
    """A file that registers one of each, imported."""
    path = scratch / "my_halves.py"
    path.write_text(MODELS)
    plugins.import_plugin(str(path))
    return path


def test_a_file_adds_to_every_list(models, tmp_path):
    assert zoo.list_models("halver") == ["halver"]
    assert zoo.create_model("halver").output_shape == (None, 2)
    assert zoo.load_dataset("halves").labels == ("low", "high")
    assert "sorting" in zoo.list_tasks()
    np.savetxt(tmp_path / "a.numbers", np.arange(60))
    assert len(zoo.load_dataset(tmp_path / "a.numbers").test.y) == 12
    assert zoo.load_dataset("a", data_dir=tmp_path).name == "a"
    assert discovery.imports() == [str(models)]
    # A second time, nothing happens.
    plugins.import_plugin(str(models))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("absent.py", None, "there is no such file"),
        ("my-models.py", "", "letters, digits and underscores"),
        ("json.py", "", "another module is called json"),
        ("wrong.py", "x = 1\nx.y\n", r"AttributeError: .*'y' \(line 2\)"),
        ("wrong.py", "def (", "SyntaxError"),
        ("wrong.py", "raise SystemExit(0)", "SystemExit"),
        (
            "wrong.py",
            "import zoo\n@zoo.register('mlp', recipe=zoo.Recipe(dataset='iris'))\n"
            "def mlp(): pass\n",
            r"Model 'mlp' is registered twice \(zoo.models.mlp and wrong\).*line 2",
        ),
        (
            "wrong.py",
            "import zoo\n@zoo.register_dataset('iris')\ndef iris(): pass\n",
            "Dataset 'iris' is registered twice",
        ),
        (
            "wrong.py",
            "import zoo\nfrom zoo import tasks\n"
            "zoo.register_task(tasks.get('tagging'))\n",
            "Task 'tagging' is registered twice",
        ),
        (
            "wrong.py",
            "import zoo\n@zoo.register_file_type('csv', '.csv', help='x')\n"
            "def read(path): pass\n",
            "Dataset type 'csv' is registered twice",
        ),
    ],
)
def test_a_file_that_cannot_be_imported(scratch, name, content, message):
    if content is not None:
        (scratch / name).write_text(content)
    with pytest.raises(PluginError, match=f"Cannot import .*{name}: .*{message}"):
        plugins.import_plugin(str(scratch / name))
    assert discovery.imports() == []


def test_a_module_that_is_not_there():
    with pytest.raises(PluginError, match="Cannot import no_such: ModuleNotFoundError"):
        plugins.import_plugin("no_such")


def test_types_of_one_priority_are_distinguished(scratch):
    (scratch / "greedy.py").write_text(
        "import zoo\n@zoo.register_file_type('greedy', 'csv', help='x')\n"
        "def read(path): pass\n"
    )
    plugins.import_plugin(str(scratch / "greedy.py"))
    with pytest.raises(zoo.ZooError, match="types 'csv' and 'greedy', of one priority"):
        zoo.load_dataset("a.csv")


def test_a_function_that_returns_no_dataset(scratch):
    zoo.register_dataset("nothing")(lambda: None)
    with pytest.raises(zoo.ZooError, match="'nothing' returned NoneType"):
        zoo.load_dataset("nothing")


@pytest.mark.parametrize(
    "split", [zoo.Split([[1.0]] * 20, [0, 1] * 10), (np.ones((20, 1)), np.ones(20))]
)
def test_a_dataset_of_what_is_no_split_of_arrays(split):
    with pytest.raises(zoo.ZooError, match=r"mine \(train\): a split must be a zoo.Sp"):
        zoo.make_dataset("mine", ("a", "b"), split)


@pytest.mark.slow
def test_other_processes_import_what_the_variable_names(models, monkeypatch):
    content = pickle.dumps(zoo.model_spec("halver"))
    script = (
        "import pickle, sys, zoo; zoo.list_models();"
        "print(pickle.load(sys.stdin.buffer) == zoo.model_spec('halver'))"
    )
    monkeypatch.setenv("ZOO_IMPORT", str(models))
    result = subprocess.run(
        [sys.executable, "-c", script], input=content, capture_output=True, check=True
    )
    assert result.stdout == b"True\n"


@pytest.mark.slow
def test_a_run_says_which_import_it_needs(models, tmp_path):
    folder = zoo.train("halver", output=tmp_path / "run").directory
    metrics = zoo.evaluate(folder)
    command = [sys.executable, "-m", "zoo", "evaluate", str(folder)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert f'trained with `zoo --import "{models}"`' in result.stderr
    command[3:3] = ["--import", str(models)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert f"accuracy {metrics['accuracy']:.4f}" in result.stdout, result.stderr


@pytest.mark.slow
def test_data_of_a_run_whose_import_is_missing(models, tmp_path, monkeypatch):
    run = zoo.train("mlp", dataset="halves", epochs=1, output=tmp_path / "run")
    folder = run.directory
    monkeypatch.delitem(named.NAMED._entries, "halves")
    del sys.modules["my_halves"]
    with pytest.raises(RunError, match=f'--import "{models}".*Dataset .halves'):
        zoo.evaluate(folder)
    with pytest.raises(RunError, match=f'--import "{models}".*Dataset .halves'):
        zoo.report(folder)


@pytest.fixture
def installed(scratch, monkeypatch):
    """Installs a distribution of one module, as pip would."""

    def install(distribution, module, content):
        (scratch / f"{module}.py").write_text(content)
        info = scratch / f"{distribution}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: {distribution}\nVersion: 1.0\n")
        entry = f"[keras_serving_zoo]\nmodels = {module}\n"
        (info / "entry_points.txt").write_text(entry)

    monkeypatch.setattr(plugins, "_entry_points", None)
    sys.path.append(str(scratch))
    return install


def test_entry_points_are_found_and_a_broken_one_hides_none(installed, capsys):
    installed("broken-models", "broken_models", "import no_such_module")
    installed("fine-models", "fine_models", MODELS)
    assert "halver" in zoo.list_models()
    assert capsys.readouterr().err == (
        "zoo: skipped plugin 'models' of distribution 'broken-models'. Cannot "
        "import broken_models: ModuleNotFoundError: No module named 'no_such_module'\n"
    )
    assert zoo.list_datasets("halves") == ["halves"]
    assert capsys.readouterr().err == ""


def test_entry_points_are_found_in_an_archive(installed, scratch):
    with zipfile.ZipFile(scratch / "archive.zip", "w") as archive:
        entry = "[keras_serving_zoo]\nmodels = zipped_models\n"
        archive.writestr("zipped-1.0.dist-info/METADATA", "Name: zipped\n")
        archive.writestr("zipped-1.0.dist-info/entry_points.txt", entry)
        archive.writestr("zipped_models.py", MODELS)
    sys.path.append(str(scratch / "archive.zip"))
    plugins.load_plugins()
    assert "zipped_models" in sys.modules


def test_without_entry_points_of_ours_their_module_stays_out():
    code = (
        "import sys, zoo.cli.main, zoo.plugins\n"
        "zoo.plugins.load_plugins()\n"
        "print('importlib.metadata' in sys.modules, zoo.plugins._entry_points)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "False []\n", done.stderr


def test_entry_points_wait_for_a_look_up(installed, capsys):
    from zoo.cli.main import run

    installed("broken-models", "broken_models", "import no_such_module")
    assert run(["--help"]) == 0
    assert plugins._entry_points is None
    assert run(["list", "mlp"]) == 0
    assert "broken-models" in capsys.readouterr().err


def test_the_command_line_imports_for_one_command(scratch, capsys, monkeypatch):
    from zoo.cli.main import run

    (scratch / "my_halves.py").write_text(MODELS)
    monkeypatch.chdir(scratch)
    seen = []
    monkeypatch.setattr(
        launching,
        "launch",
        lambda command, workers, **_: (
            seen.append(plugins.os.environ["ZOO_IMPORT"]) or 0
        ),
    )
    assert run(["--import", "my_halves.py", "list", "halv*"]) == 0
    assert "halver" in capsys.readouterr().out
    assert run(["--import", "my_halves.py", "launch", "train", "halver"]) == 0
    assert seen == [str(scratch / "my_halves.py")]
    assert "ZOO_IMPORT" not in plugins.os.environ
    assert run(["--import", "none.py", "--import", "my_halves.py", "list"]) == 1
    assert capsys.readouterr().err == (
        "zoo: Cannot import none.py: there is no such file.\n"
    )


def test_one_builder_takes_a_name_once(scratch):
    def build():
        raise NotImplementedError

    once = registry.register("twin", recipe=zoo.Recipe(dataset="iris"))
    once(build)
    with pytest.raises(
        ArgumentError, match="registered twice .twice in .*test_plugins"
    ):
        once(build)


def test_a_cell_of_a_notebook_may_run_twice(scratch):
    for epochs in (1, 2):

        @zoo.register("cell", recipe=zoo.Recipe(dataset="iris", epochs=epochs))
        def cell():
            raise NotImplementedError

    assert zoo.model_spec("cell").recipe.epochs == 2


def test_an_unknown_model_may_need_an_import():
    with pytest.raises(UnknownNameError, match="need `zoo --import FILE`"):
        zoo.model_spec("twin")
