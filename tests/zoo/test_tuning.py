import dataclasses
import importlib.util
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Literal

import numpy as np
import optuna
import pytest
from optuna.trial import FixedTrial, TrialState, create_trial

import zoo
from zoo.datasets import Split
from zoo.errors import ArgumentError, DatasetError, StudyError, UnknownNameError
from zoo.training.recipe_file import SavedRecipe, read_recipe, write_recipe
from zoo.tuning import search
from zoo.tuning.dimensions import Choice, Number, Widths
from zoo.tuning.space import Candidate, Space, dimension
from zoo.tuning.study import make_sampler
from zoo.tuning.trial import InfeasibleError, PruningCallback, run_trial

GIVEN = {"input_shape", "num_classes"}


@pytest.fixture(scope="module")
def data(digits):
    """Few samples, and a test split that no training accepts."""
    train = Split(digits.train.x[:96], digits.train.y[:96])
    validation = Split(digits.validation.x[:64], digits.validation.y[:64])
    test = Split(np.full_like(digits.test.x, np.nan, "float32"), digits.test.y)
    # Of another name, so that `mlp` keeps its own recipe, and not that of `mlp.digits`.
    splits = {"train": train, "validation": validation, "test": test}
    return dataclasses.replace(digits, name="scans", **splits)


def tune(data, storage, trials=3, **options):
    asked = {"dataset": data, "epochs": 2, "sampler": "random"} | options
    return zoo.tune("mlp", storage=storage, trials=trials, **asked)


@pytest.fixture(scope="module")
def found(tmp_path_factory, data):
    """A finished search of six trials."""
    return tune(data, tmp_path_factory.mktemp("tune") / "a ?#{study}.db", trials=6)


def load(path):
    return optuna.load_study(study_name=None, storage=f"sqlite:///{path}")


def parameters(result):
    return [row.parameters for row in result.trials]


@pytest.mark.parametrize(
    ("name", "kind", "now", "wanted"),
    [
        ("hidden_units", tuple[int, ...], (32,), Widths),
        ("filters", tuple[int, int], (6, 16), Widths),
        ("activation", str, "tanh", Choice),
        ("hidden_activation", str, "relu", Choice),
        ("kernel_size", int, 5, Choice((3, 5, 7))),
        ("kernel_size", int, 9, Choice((3, 5, 7, 9))),
        ("units", int, 16, Number(4, 64, log=True)),
        ("dropout", float, 0.2, Number(0.0, 0.5)),
        ("dropout", float, 0.7, Number(0.0, 0.7)),
        ("depth", int, 3, Number(1, 6)),
        ("bidirectional", bool, False, Choice((False, True))),
        ("cell", Literal["lstm", "gru"], "gru", Choice(("lstm", "gru"))),
        ("hidden_units", tuple[int, ...], (), None),
        ("hidden_units", tuple[str, ...], ("8",), None),
        ("kernel_size", str, "5", None),
        ("kernel_size", int, None, None),
        ("vocabulary_size", int, 5000, None),
    ],
)
def test_an_argument_is_searched_by_its_name_and_type(name, kind, now, wanted):
    got = dimension(name, kind, now)
    assert isinstance(got, wanted) if isinstance(wanted, type) else got == wanted


def test_a_fixed_number_of_layers_stays():
    filters = dimension("filters", tuple[int, int], (6, 16))
    assert filters.suggest(FixedTrial({"filters.width": 3}), "filters") == (3, 8)
    assert [name for name, _ in filters.describe("filters")] == ["filters.width"]


@pytest.mark.parametrize("name", zoo.list_models())
def test_the_model_as_it_stands_is_a_point_of_its_space(name):
    spec = zoo.model_spec(name)
    space = Space(spec, spec.recipe, GIVEN)
    candidate = space.suggest(FixedTrial(space.baseline()))
    assert candidate.recipe == spec.recipe
    assert candidate.overrides.items() <= spec.parameters.items()
    assert space.baseline().keys() == space.describe().keys()
    assert not {"input_shape", "num_classes"} & {*space.describe(), *space.fixed}


def test_a_point_becomes_overrides_and_a_recipe():
    spec = zoo.model_spec("mlp")
    space = Space(spec, spec.recipe, GIVEN)
    chosen = {
        "hidden_units.depth": 3,
        "hidden_units.width": 20,
        "activation": "gelu",
        "batch_norm": False,
        "input_dropout": 0.1,
        "dropout": 0.25,
        "optimizer": "SGD",
        "learning_rate": 0.05,
        "batch_size": 64,
    }
    overrides, recipe = space.suggest(FixedTrial(chosen))
    assert overrides == {
        "hidden_units": (20, 20, 20),
        "activation": "gelu",
        "batch_norm": False,
        "input_dropout": 0.1,
        "dropout": 0.25,
    }
    momentum = {"momentum": 0.9, "nesterov": True}
    assert recipe == dataclasses.replace(
        spec.recipe,
        optimizer=("SGD", momentum | {"learning_rate": 0.05}),
        batch_size=64,
    )


def test_what_a_search_leaves_behind(found, data):
    assert [row.number for row in found.trials] == list(range(6))
    assert {row.state for row in found.trials} <= {"complete", "pruned"}
    done = [row.value for row in found.trials if row.value is not None]
    assert found.best.value == min(done)
    spec = zoo.model_spec("mlp")
    recipe = dataclasses.replace(spec.recipe, dataset="scans", epochs=2)
    assert found.trials[0].parameters == Space(spec, recipe, GIVEN).baseline()
    assert len({str(row.parameters) for row in found.trials}) == 6
    names = {path.name for path in found.directory.iterdir()}
    assert names == {
        *("best.json", "report.md", "report.json"),
        *("history.png", "importance.png", "trials"),
    }
    assert read_recipe(found.recipe_file) == found.recipe
    kept = list(found.directory.rglob("model.keras"))
    assert [int(path.parent.name) for path in kept] == [found.best.number]
    held = {path.name for path in found.directory.glob("trials/*/*")}
    assert held == {"config.json", "history.csv", "timings.json", "model.keras"}
    log = (found.directory / "trials/0000.log").read_text()
    assert "epoch 2/2" in log


def test_the_report(found):
    page = (found.directory / "report.md").read_text()
    assert f"Best: trial {found.best.number}, `val_loss` {found.best.value:.4f}" in page
    assert found.command in page
    assert "hidden_units.depth | 1 to 4" in page
    report = json.loads((found.directory / "report.json").read_text())
    assert report["best"]["value"] == found.best.value
    assert len(report["trials"]) == 6
    assert report["importance"].keys() == found.best.parameters.keys()
    assert sum(report["importance"].values()) == pytest.approx(1)


@pytest.mark.slow
def test_the_winner_reaches_the_value_of_the_study(found, data, tmp_path):
    usable = dataclasses.replace(data, test=data.validation)
    run = zoo.train(
        "mlp",
        dataset=usable,
        recipe=found.recipe_file,
        output=tmp_path / "r",
        jit=found.jit,
    )
    assert min(run.history["val_loss"]) == found.best.value
    assert run.config["recipe"] == dataclasses.asdict(found.recipe.recipe)
    overrides = found.recipe.overrides
    assert run.config["arguments"]["dropout"] == overrides["dropout"]
    again = zoo.train(
        "mlp",
        dataset=usable,
        recipe=found.recipe_file,
        epochs=1,
        overrides={"dropout": 0.125},
        output=tmp_path / "s",
    )
    assert again.config["recipe"]["epochs"] == 1
    assert again.config["arguments"]["dropout"] == 0.125
    assert again.config["arguments"]["activation"] == overrides["activation"]


@pytest.mark.slow
def test_resume_adds_the_trials_that_would_have_come(found, data, tmp_path):
    first = tune(data, tmp_path / "s.db", trials=2)
    second = tune(data, tmp_path / "s.db", trials=2)
    assert (len(first.trials), len(second.trials)) == (2, 4)
    for got, wanted in zip(second.trials, found.trials, strict=False):
        assert (got.parameters, got.value) == (wanted.parameters, wanted.value)


@pytest.mark.slow
def test_another_seed_makes_other_trials(found, data, tmp_path):
    other = tune(data, tmp_path / "s.db", trials=2, seed=1)
    assert parameters(other)[0] == parameters(found)[0]
    assert parameters(other)[1] != parameters(found)[1]
    assert other.recipe.recipe.seed == 1


def test_tpe_learns_from_the_trials_so_far():
    def objective(trial):
        return abs(trial.suggest_float("x", 0, 1) - 0.25)

    late = {}
    for kind in ("tpe", "random"):
        study = optuna.create_study()
        for number in range(40):
            study.sampler = make_sampler(kind, 0, number, {"x": 0.5})
            study.optimize(objective, n_trials=1)
        late[kind] = np.mean([trial.value for trial in study.trials[20:]])
    assert late["tpe"] < late["random"] / 2


@pytest.mark.slow
def test_processes_share_a_study(tmp_path):
    command = [sys.executable, "-m", "zoo", "tune", "mlp", "--dataset", "iris"]
    command += ["--trials", "2", "--epochs", "1", "--storage", "shared.db", "--json"]
    both = [
        subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    for process in both:
        out, err = process.communicate()
        assert process.returncode == 0, err.decode()
        assert json.loads(out)["recipe"] == "shared/best.json"
    trials = load(tmp_path / "shared.db").trials
    assert [trial.number for trial in trials] == [0, 1, 2, 3]
    assert len({str(trial.params) for trial in trials}) == 4
    assert len({str(trial.user_attrs["process"]) for trial in trials}) == 2
    assert all(trial.state.is_finished() for trial in trials)


@pytest.mark.slow
def test_a_trial_below_the_median_ends_early(data, tmp_path):
    tune(data, tmp_path / "s.db", trials=1)
    study = load(tmp_path / "s.db")
    for _ in range(6):
        study.add_trial(
            create_trial(
                value=0.0,
                intermediate_values={0: 0.0, 1: 0.0},
                params=study.trials[0].params,
                distributions=study.trials[0].distributions,
                user_attrs=study.trials[0].user_attrs,
            )
        )
    result = tune(data, tmp_path / "s.db", trials=1)
    last = result.trials[-1]
    assert (last.state, last.value, last.epochs) == ("pruned", None, 1)
    assert not (result.directory / f"trials/{last.number:04d}/model.keras").exists()


def test_every_epoch_is_reported():
    reported = []

    class Trial:
        def report(self, value, step):
            reported.append((value, step))

        def should_prune(self):
            return len(reported) == 2

    callback = PruningCallback(Trial(), "val_loss")
    callback.on_epoch_end(0, {"val_loss": 0.5})
    with pytest.raises(optuna.TrialPruned):
        callback.on_epoch_end(1, {"val_loss": 0.7})
    assert reported == [(0.5, 0), (0.7, 1)]


@pytest.mark.parametrize(
    ("overrides", "rate", "message"),
    [
        ({"hidden_units": (0,)}, 0.1, "it cannot be built: .*units"),
        ({"activation": "relu"}, 1e30, "loss is not finite"),
    ],
)
def test_an_unfit_candidate(data, tmp_path, overrides, rate, message):
    recipe = dataclasses.replace(
        zoo.model_spec("mlp").recipe,
        dataset="scans",
        epochs=2,
        optimizer=("SGD", {"learning_rate": rate}),
    )
    with pytest.raises(InfeasibleError, match=message):
        run_trial(
            optuna.create_study().ask(),
            "mlp",
            Candidate(overrides, recipe),
            dataclasses.replace(data, test=data.validation),
            tmp_path / "0000",
            monitor="val_loss",
            mode="min",
            jit="off",
        )


@pytest.mark.slow
def test_a_trial_is_scored_with_averaged_weights(data, tmp_path):
    """An average that hardly moves has the same figure at each epoch."""
    averaged = {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.999999}
    recipe = dataclasses.replace(
        zoo.model_spec("mlp").recipe,
        dataset="scans",
        epochs=3,
        optimizer=("SGD", averaged),
    )
    study = optuna.create_study()
    value = run_trial(
        study.ask(),
        "mlp",
        Candidate({}, recipe),
        dataclasses.replace(data, test=data.validation),
        tmp_path / "0000",
        monitor="val_loss",
        mode="min",
        jit="off",
    )
    reported = [*study.trials[0].intermediate_values.values()]
    assert reported == pytest.approx([value] * 3, rel=1e-4)
    losses = np.genfromtxt(tmp_path / "0000/history.csv", delimiter=",", names=True)
    assert losses["loss"][-1] < 0.95 * losses["loss"][0]


def fail_at(monkeypatch, number, error):
    """Lets a trial end with an error, and the others as they do."""
    train = search.run_trial

    def run(trial, *arguments, **options):
        if number in (trial.number, "all"):
            raise error
        return train(trial, *arguments, **options)

    monkeypatch.setattr(search, "run_trial", run)


@pytest.mark.slow
def test_an_unfit_trial_does_not_end_the_search(data, tmp_path, monkeypatch, capsys):
    fail_at(monkeypatch, 1, InfeasibleError("too large"))
    result = tune(data, tmp_path / "s.db", trials=3)
    states = [(row.state, row.reason) for row in result.trials]
    assert states == [("complete", None), ("failed", "too large"), ("complete", None)]
    assert "trial 1 failed: too large" in capsys.readouterr().err


def test_no_trial_that_trained(data, tmp_path, monkeypatch):
    fail_at(monkeypatch, "all", InfeasibleError("too large"))
    with pytest.raises(StudyError, match=r"No trial .*too large\); add --trials"):
        tune(data, tmp_path / "s.db", trials=1)


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_finished(data, tmp_path, monkeypatch):
    with monkeypatch.context() as context:
        fail_at(context, 1, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            tune(data, tmp_path / "s.db")
    states = [trial.state for trial in load(tmp_path / "s.db").trials]
    assert states == [TrialState.COMPLETE, TrialState.FAIL, TrialState.WAITING]
    assert (tmp_path / "s/best.json").exists()
    page = (tmp_path / "s/report.md").read_text()
    assert "1 complete, 1 interrupted" in page
    assert "That is the baseline: nothing better than the recipe was found." in page
    result = tune(data, tmp_path / "s.db", trials=1)
    states = [row.state for row in result.trials]
    assert states == ["complete", "interrupted", "complete"]
    assert result.trials[2].parameters == result.trials[1].parameters


@pytest.mark.slow
def test_a_killed_trial_is_ended_and_a_running_one_is_not(data, tmp_path):
    tune(data, tmp_path / "s.db", trials=1)
    study = load(tmp_path / "s.db")
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    own = study.trials[0].user_attrs["process"]
    assert own["id"] == os.getpid()
    for changes in ({"id": process.pid}, {}, {"host": "elsewhere", "id": process.pid}):
        study.ask().set_user_attr("process", own | changes)
    result = tune(data, tmp_path / "s.db", trials=1)
    states = [row.state for row in result.trials]
    assert states == ["complete", "interrupted", "running", "running", "complete"]


def foreign(path):
    with sqlite3.connect(path) as file:
        file.execute("create table notes (text)")
    file.close()


def others(path):
    optuna.create_study(study_name="mine", storage=f"sqlite:///{path}")


def namesake(path):
    optuna.create_study(study_name="mlp.scans", storage=f"sqlite:///{path}")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.write_bytes(b"x" * 5000), "cannot be used .*not a database"),
        (lambda path: path.write_bytes(b""), "is no study"),
        (lambda path: path.mkdir(), "is no file"),
        (foreign, "is no study"),
        (others, "no study 'mlp.scans' .it holds 'mine'.; give another --storage"),
        (namesake, "'mlp.scans' in .* is not of `zoo tune`"),
    ],
)
def test_a_file_that_is_no_study(data, tmp_path, spoil, message):
    path = tmp_path / "s.db"
    spoil(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StudyError, match=message) as caught:
        tune(data, path)
    assert "\n" not in str(caught.value)
    assert before == (path.read_bytes() if path.is_file() else None)
    assert not (tmp_path / "s").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("text_cnn", {"length": 9}),
        *(
            pytest.param(name, encoding, marks=pytest.mark.slow)
            for name, encoding in (
                ("forecaster", {"window": 30, "horizon": 3}),
                ("conv_autoencoder", {}),
            )
        ),
    ],
)
def test_every_kind_of_data_is_searched(tmp_path, name, encoding):
    options = {"trials": 2, "epochs": 1, "sampler": "random", "encoding": encoding}
    found = zoo.tune(name, storage=tmp_path / "a.db", **options)
    assert [row.state for row in found.trials].count("failed") == 0
    assert encoding.items() <= found.recipe.recipe.encoding.items()
    assert (
        not {"input_shape", "vocabulary_size", "window"} & found.best.parameters.keys()
    )


@pytest.mark.slow
def test_a_damaged_study(data, tmp_path):
    path = tmp_path / "s.db"
    tune(data, path, trials=1)
    content = bytearray(path.read_bytes())
    content[4096 : len(content) // 2] = bytes(len(content) // 2 - 4096)
    path.write_bytes(content)
    with pytest.raises(StudyError, match=r"s\.db"):
        tune(data, path, trials=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 3}, "'mlp.scans' in .* has epochs 2, not 3"),
        ({"seed": 1}, "has seed 0, not 1"),
        (
            {"name": "mlp.iris", "dataset": "iris"},
            "no study 'mlp.iris' .it holds",
        ),
        (
            {"name": "mlp.iris", "dataset": "iris", "study_name": "mlp.scans"},
            "name 'mlp', not 'mlp.iris'",
        ),
    ],
)
def test_another_search_is_not_continued(found, data, options, message):
    asked = {"name": "mlp", "dataset": data, "epochs": 2, "trials": 1} | options
    with pytest.raises(StudyError, match=message):
        zoo.tune(storage=found.storage, **asked)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"name": "lenet"}, UnknownNameError, "Did you mean lenet5"),
        ({"dataset": "iris"}, DatasetError, "takes images"),
        ({"trials": 0}, ArgumentError, "`trials` must be 1 or more"),
        ({"epochs": 0}, ArgumentError, "`epochs` must be 1 or more"),
        ({"seed": -1}, ArgumentError, "`seed` must be 0 or more"),
        ({"sampler": "grid"}, ArgumentError, "one of tpe, random"),
        ({"storage": "notes"}, ArgumentError, "a file with a suffix"),
    ],
)
def test_bad_arguments_leave_nothing(tmp_path, monkeypatch, arguments, error, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=message):
        zoo.tune(**{"name": "lenet5", "dataset": "digits", **arguments})
    assert list(tmp_path.iterdir()) == []


def test_without_optuna(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ArgumentError, match=r'pip install "keras-serving-zoo\[tune\]"'):
        zoo.tune("mlp", storage=tmp_path / "s.db")


@pytest.mark.slow
def test_the_package_is_imported_without_optuna():
    script = (
        "import sys; sys.modules['optuna'] = None; import zoo; zoo.tune; "
        "print(zoo.list_models('lenet5'))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True)
    assert result.stdout.split() == [b"['lenet5']"], result.stderr.decode()


@pytest.fixture
def saved(tmp_path):
    """Writes a recipe file, spoilt by a function, and returns its path."""

    def write(spoil=lambda held: None) -> Path:
        path = tmp_path / "recipe.json"
        recipe = zoo.model_spec("mlp").recipe
        overrides = {"dropout": 0.1}
        saved = SavedRecipe(name="mlp", overrides=overrides, recipe=recipe)
        write_recipe(path, saved)
        held = json.loads(path.read_text())
        spoil(held)
        path.write_text(json.dumps(held))
        return path

    return write


def test_a_recipe_file_comes_back(saved):
    held = read_recipe(saved())
    assert held.recipe == zoo.model_spec("mlp").recipe
    assert held.overrides == {"dropout": 0.1}


def change(**fields):
    return lambda held: held["recipe"].update(fields)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda held: held.clear(), "`name` is missing; `overrides` is missing"),
        (lambda held: held.update(wings=2), "there is no `wings`. Known: name"),
        (lambda held: held.update(recipe=[]), "`recipe` must be an object"),
        (lambda held: held.update(name="mpl"), "Did you mean mlp"),
        (lambda held: held["overrides"].update(wings=2), "takes no argument wings"),
        (lambda held: held["recipe"].pop("dataset"), "`recipe.dataset` is missing"),
        (change(epoch=3), "there is no `recipe.epoch`. Did you mean epochs"),
        (change(epochs="3"), "`recipe.epochs` must be a whole number. Received: '3'"),
        (change(epochs=True), "`recipe.epochs` must be a whole number"),
        (change(epochs=0), "`recipe.epochs` must be 1 or more. Received: 0"),
        (change(optimizer=3), "`recipe.optimizer` must be a name, or a name and its"),
        (change(optimizer=["Adam", {"learning_rate": -1}]), "`learning_rate` of 0 or"),
        (change(optimizer=["Adm", {"learning_rate": 1}]), "Unknown optimizer 'Adm'"),
        (
            change(optimizer=["Adam", {"learning_rate": 1, "wings": 2}]),
            "`optimizer`: Adam cannot be made: .*wings",
        ),
        (change(loss=["Hing", {}]), "Unknown loss 'Hing'. Did you mean Hinge"),
        (change(schedule=["Cosine", {}]), "Unknown schedule 'Cosine'"),
        (change(monitor="val_acc"), "no epoch has a metric 'val_acc'. Did you mean"),
        (change(encoding={"window": 3}), "no `encoding.window`"),
    ],
)
def test_a_wrong_recipe_file(saved, spoil, message):
    with pytest.raises(zoo.ZooError, match=message) as caught:
        read_recipe(saved(spoil))
    assert "\n" not in str(caught.value)


def test_a_recipe_file_that_is_missing_damaged_or_for_another_model(saved, tmp_path):
    with pytest.raises(ArgumentError, match="check the path"):
        read_recipe(tmp_path / "nothing.json")
    with pytest.raises(ArgumentError, match="recipe for 'mlp', not for 'lenet5'"):
        zoo.train("lenet5", recipe=saved(), output=tmp_path / "r")
    path = saved()
    path.write_text(path.read_text()[:-20])
    with pytest.raises(ArgumentError, match="is wrong: Invalid JSON"):
        read_recipe(path)


def test_a_recipe_file_in_which_a_name_stands_twice(saved):
    path = saved()
    path.write_text(
        path.read_text().replace('"recipe": {', '"recipe": {"epochs": 9,', 1)
    )
    with pytest.raises(ArgumentError, match="is wrong: 'epochs' stands twice in one"):
        read_recipe(path)


def test_a_worker_of_several_does_not_search(monkeypatch):
    cluster = {"worker": ["127.0.0.1:1", "127.0.0.1:2"]}
    task = {"type": "worker", "index": 0}
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": cluster, "task": task}))
    with pytest.raises(ArgumentError, match="unset TF_CONFIG"):
        zoo.tune("mlp", trials=1)
