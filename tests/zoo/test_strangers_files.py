"""Files, names and folders of strangers: nothing of them runs or is overwritten."""

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

import zoo
from zoo.cli import display
from zoo.components import find
from zoo.datasets.tfds_classes import check_classes
from zoo.discovery import natural
from zoo.errors import (
    ArgumentError,
    DatasetError,
    RunError,
    StudyError,
    UnknownNameError,
    WeightsError,
)
from zoo.machines.launching import launch
from zoo.messages import printable, warn
from zoo.tuning.storages.sqlite import SQLiteFile, _connect
from zoo.weights.model_file import read_model
from zoo.weights.size import check_size

HOSTILE = "\x1b]0;owned\x07\x1b[2J\r\u202egnp.exe\x9b31m\udcff"


def test_control_characters_reach_no_terminal(capsys):
    display.say(HOSTILE)
    display.echo_table([{"name": HOSTILE}], title=HOSTILE)
    display.echo_facts({"name": HOSTILE})
    display.echo(HOSTILE)
    warn(HOSTILE)
    printed = "".join(capsys.readouterr())
    assert not set(HOSTILE) & set(printed) - set("owned]02J[gnp.exe31m;")
    assert printed.count(r"\x1b]0;owned\x07") == 6


@pytest.mark.parametrize("text", ["Zoë's 数字", "a\tb\nc", "👩‍🔬", ""])
def test_other_text_stays(text):
    assert printable(text) == text


@pytest.mark.parametrize("path", sorted(Path(display.__file__).parent.glob("*.py")))
def test_commands_print_through_one_place(path):
    if path.name != "display.py":
        assert not re.search(r"click\.(echo|secho)\(", path.read_text())


@pytest.mark.parametrize("name", ["$(touch x).csv", "a b", "`id`", "it's", "; rm -r ~"])
def test_printed_commands_are_quoted(capsys, name):
    display.say_next("zoo", "export", name)
    said = capsys.readouterr().out.removeprefix("Next: ")
    assert shlex.split(said) == ["zoo", "export", name]


def test_processes_do_not_import_what_lies_in_the_folder(tmp_path, monkeypatch):
    (tmp_path / "click.py").write_text("open('owned', 'w')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(zoo.__file__).parents[1]))
    assert launch(["--version"], 1, insecure_network=True) == 0
    assert not (tmp_path / "owned").exists()


def test_a_lock_overwrites_no_other_file(tmp_path):
    victim = tmp_path / "victim.txt"
    victim.write_text("precious")
    (tmp_path / "study.db.lock").symlink_to(victim)
    with (
        pytest.raises(StudyError, match="is a link to another file; remove it"),
        SQLiteFile(tmp_path / "study.db").lock(),
    ):
        pass
    assert victim.read_text() == "precious"


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A study of one trial, with its folder beside it."""
    folder = tmp_path_factory.mktemp("searched")
    zoo.tune("mlp", dataset="iris", trials=1, epochs=1, storage=folder / "study.db")
    return folder


@pytest.mark.parametrize(
    "name", ["study", "study/trials", "study/trials/0000", "study/trials/0001.log"]
)
def test_a_search_writes_and_deletes_nothing_behind_a_link(tmp_path, searched, name):
    victim = tmp_path / "victim"
    (victim / "logs").mkdir(parents=True)
    (victim / "metrics.json").write_text("precious")
    place = shutil.copytree(searched, tmp_path / "searched")
    shutil.rmtree(place / name, ignore_errors=True)
    target = victim / "metrics.json" if name.endswith(".log") else victim
    (place / name).symlink_to(target)
    with pytest.raises(StudyError, match="is a link to another place; remove it"):
        zoo.tune("mlp", dataset="iris", trials=1, epochs=1, storage=place / "study.db")
    assert sorted(victim.iterdir()) == [victim / "logs", victim / "metrics.json"]
    assert (victim / "metrics.json").read_text() == "precious"


INTEGERS = (
    '{"name": "IntDistribution", "attributes": '
    '{"low": 0, "high": 9, "step": 1, "log": false}}'
)


@pytest.mark.parametrize(
    "statement",
    [
        "update trial_params set param_value = 9e999",
        f"update trial_params set distribution_json = '{INTEGERS}'",
        "delete from trial_values",
        "update trials set number = 'x'",
        "update trial_values set value = 'x'",
        "delete from study_directions",
        "update study_directions set direction = 'MAXIMIZE'",
        "insert into study_directions (direction, study_id, objective) "
        "select 'MINIMIZE', study_id, 1 from studies",
        "insert into trial_values (trial_id, objective, value, value_type) "
        "select trial_id, 1, 0.5, 'FINITE' from trials",
        "insert into trial_user_attributes (trial_id, key, value_json) "
        "select trial_id, 'retries', '[]' from trials",
        "insert into trial_user_attributes (trial_id, key, value_json) "
        "select trial_id, 'reason', '{}' from trials",
    ],
)
def test_a_search_relies_on_no_entry_of_another_kind(tmp_path, searched, statement):
    place = shutil.copytree(searched, tmp_path / "searched")
    with contextlib.closing(sqlite3.connect(place / "study.db")) as file:
        file.execute(statement)
        file.commit()
    with pytest.raises(StudyError, match=r"mlp\.iris' in .* is damaged"):
        zoo.tune("mlp", dataset="iris", trials=1, epochs=1, storage=place / "study.db")


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    """The journal of a study of one trial."""
    path = tmp_path_factory.mktemp("journal") / "study.log"
    zoo.tune("mlp", dataset="iris", trials=1, epochs=1, storage=path)
    return path.read_text()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"datetime_start":"', '"datetime_start":"x'),
        ("FloatDistribution", "Unknown"),
        ('"values":[', '"values":["x",'),
    ],
)
def test_a_search_relies_on_no_line_of_another_kind(tmp_path, journal, old, new):
    assert old in journal
    path = tmp_path / "study.log"
    path.write_text(journal.replace(old, new))
    with pytest.raises(StudyError, match="damaged|cannot be used as a journal"):
        zoo.tune("mlp", dataset="iris", trials=1, epochs=1, storage=path)


def test_a_search_waits_for_no_pipe(tmp_path, searched):
    place = shutil.copytree(searched, tmp_path / "searched")
    os.mkfifo(place / "study/trials/0001.log")
    zoo.tune("mlp", dataset="iris", trials=1, epochs=1, storage=place / "study.db")
    assert (place / "study/trials/0001.log").is_file()


@pytest.mark.parametrize("name", ["checkpoints", "logs", "logs/train"])
def test_a_resumed_run_writes_nothing_behind_a_link(tmp_path, name):
    asked = {"dataset": "iris", "epochs": 1, "jit": "off", "output": tmp_path / "run"}
    zoo.train("mlp", **asked)
    moved = (tmp_path / "run" / name).rename(tmp_path / "elsewhere")
    (tmp_path / "run" / name).symlink_to(moved)
    with pytest.raises(RunError, match="leads out of the run folder"):
        zoo.train("mlp", **asked | {"epochs": 2, "resume": True})


# As a file may have it, whose SQLite has more modules than ours.
VIRTUAL = """
pragma writable_schema = on;
insert into sqlite_master
    values ('table', 'v', 'v', 0, 'create virtual table v using fts5(x)');
"""


@pytest.mark.parametrize(
    ("kind", "statement"),
    [
        ("trigger", "create trigger t after insert on trials begin select 1; end"),
        ("view", "create view v as select * from trials"),
        ("virtual table", VIRTUAL),
        ("computed column", "create table v (x, y as (hex(zeroblob(10000000))))"),
        ("computed index", "create index v on trials (hex(zeroblob(id)))"),
    ],
)
def test_a_study_that_runs_statements_of_its_own_is_refused(tmp_path, kind, statement):
    path = tables(tmp_path / "study.db")
    with sqlite3.connect(path) as file:
        file.executescript(statement)
    with pytest.raises(StudyError, match=f"it has the {kind}"):
        SQLiteFile(path)._check(path)


def test_conditions_of_a_study_are_not_computed(tmp_path):
    path = tables(tmp_path / "study.db")
    with sqlite3.connect(path) as file:
        file.execute("create table v (x check (length(hex(zeroblob(x))) > 0))")
        file.executemany("insert into v values (?)", [(1,)] * 9)
        file.execute("pragma ignore_check_constraints = on")
        file.execute("update v set x = 900000000")  # bytes
    SQLiteFile(path)._check(path)
    with (
        contextlib.closing(_connect(path, "ro")) as file,
        pytest.raises(sqlite3.DataError, match="too big"),
    ):
        file.execute("select zeroblob(x) from v").fetchone()


WRITER = """
import os, signal, sqlite3, sys
file = sqlite3.connect(sys.argv[1], isolation_level=None)
file.execute("pragma cache_size = 2")  # so that a part is written before the end
file.execute("begin exclusive")
file.execute("create table t as select randomblob(200000) as x")
for _ in range(9):
    file.execute("update t set x = randomblob(200000)")
os.kill(os.getpid(), signal.SIGKILL)
"""
SECOND = bytes.fromhex("d9d505f920a163d7")


def test_a_study_is_mended_whose_process_was_killed_while_it_wrote(tmp_path):
    path = tables(tmp_path / "study.db")
    before = path.read_bytes()
    journal = kill_while_writing(path)
    assert path.read_bytes() != before
    SQLiteFile(path)._check(path)
    assert path.read_bytes() == before
    assert not journal.exists()


def test_sqlite_deletes_nothing_that_a_journal_names(tmp_path):
    path, victim = tables(tmp_path / "study.db"), tmp_path / "victim.txt"
    victim.write_text("precious")
    journal = kill_while_writing(path)
    # As SQLite writes it: a page that no file has, the name, its length and sum.
    name = str(victim).encode()
    page = (2**30 // 4096 + 1).to_bytes(4)
    sizes = len(name).to_bytes(4) + sum(name).to_bytes(4)
    journal.write_bytes(journal.read_bytes() + page + name + sizes + SECOND)
    with pytest.raises(StudyError, match="study.db-journal leads to another file"):
        SQLiteFile(path)._check(path)
    assert victim.exists()
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.execute("select * from sqlite_master")
    assert not victim.exists()  # What SQLite itself would have done.


def test_a_journal_may_be_no_link(tmp_path):
    path = tables(tmp_path / "study.db")
    (tmp_path / "study.db-journal").symlink_to(tmp_path / "other")
    with pytest.raises(StudyError, match="leads to another file"):
        SQLiteFile(path)._check(path)


def tables(path):
    with contextlib.closing(sqlite3.connect(path)) as file:
        for table in ("studies", "trials", "version_info"):
            file.execute(f"create table {table} (id integer)")
        file.commit()
    return path


def kill_while_writing(path):
    """Returns the journal that a killed writer leaves."""
    killed = subprocess.run([sys.executable, "-c", WRITER, path])
    assert killed.returncode == -signal.SIGKILL
    return path.with_name("study.db-journal")


def features(name):
    content = {"pythonClassName": name, "json": {"json": "{}"}}
    nested = {"type": name, "content": "{}"}
    return [
        content,
        {"featuresDict": {"features": {"image": content}}},
        {"sequence": {"feature": content}},
        {"json": {"json": json.dumps(nested)}},
    ]


@pytest.mark.parametrize("place", range(4))
def test_only_the_features_of_tfds_are_read(tmp_path, place):
    folder = tmp_path / "mine" / "1.0.0"
    folder.mkdir(parents=True)
    path = folder / "features.json"
    own = "tensorflow_datasets.core.features.image_feature.Image"
    path.write_text(json.dumps(features(own)[place]))
    check_classes(tmp_path / "mine")
    path.write_text(json.dumps(features("antigravity.Image")[place]))
    with pytest.raises(DatasetError, match=r"names the class 'antigravity\.Image'"):
        zoo.load_dataset("mine", data_dir=tmp_path)
    assert "antigravity" not in sys.modules


@pytest.mark.parametrize("text", ["", "[" * 100_000, "{"])
def test_damaged_features_are_one_line(tmp_path, text):
    (tmp_path / "features.json").write_text(text)
    with pytest.raises(DatasetError, match="is damaged; prepare the set again"):
        check_classes(tmp_path)


@pytest.mark.parametrize(
    "name",
    ["__class__", "__getattr__", "keras.losses.__class__", "get", "serialize"],
)
def test_recipes_name_losses_alone(name):
    with pytest.raises(UnknownNameError):
        find("loss", name)


def test_losses_may_be_functions_of_two():
    assert find("loss", "keras.losses.mean_squared_error")


@pytest.mark.parametrize(
    "name", ["../owned", "/tmp/owned", "assets/../../owned", "C:\\owned", "link"]
)
def test_members_of_a_model_file_stay_in_it(tmp_path, name):
    path = tmp_path / "x.keras"
    zoo.create_model("mlp", hidden_units=[2]).save(path)
    member = zipfile.ZipInfo(name)
    if name == "link":
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(member, "/etc")
    with pytest.raises(WeightsError, match="leads to another place") as error:
        read_model(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("module", "name", "config"),
    [
        ("keras.layers", "ReLU", {}),
        ("keras.layers", "Dense", {"units": 3}),
    ],
)
def test_a_file_of_something_else_than_a_model(tmp_path, module, name, config):
    zoo.create_model("mlp", hidden_units=[2]).save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as file:
        held = {each: file.read(each) for each in file.namelist()}
    made = {"module": module, "class_name": name, "config": config}
    held["config.json"] = json.dumps(made).encode()
    with zipfile.ZipFile(tmp_path / "x.keras", "w") as file:
        for member, content in held.items():
            file.writestr(member, content)
    with pytest.raises(WeightsError, match=f"holds a {name}, which is no model"):
        read_model(tmp_path / "x.keras")


def test_a_model_whose_outputs_no_memory_holds(tmp_path):
    layers = [
        keras.Input((4,)),
        keras.layers.Dense(4),
        keras.layers.RepeatVector(10**12, name="again"),
    ]
    keras.Sequential(layers).save(tmp_path / "x.keras")
    with pytest.raises(WeightsError, match="'again' makes 4,000,000,000,000 values"):
        read_model(tmp_path / "x.keras")


def test_a_layer_that_runs_another_model_is_not_trusted(tmp_path):
    """It is no Lambda layer, and the error does not say so."""
    layers = [
        {"module": "keras.layers", "class_name": name, "config": config}
        for name, config in (
            ("InputLayer", {"batch_shape": [None, 4]}),
            ("TFSMLayer", {"filepath": "/srv/model", "name": "t"}),
        )
    ]
    config = {"module": "keras", "class_name": "Sequential"}
    config |= {"config": {"name": "s", "layers": layers}}
    with zipfile.ZipFile(tmp_path / "x.keras", "w") as file:
        file.writestr("config.json", json.dumps(config))
        file.writestr("metadata.json", "{}")
    with pytest.raises(WeightsError, match="may run code or read other files"):
        read_model(tmp_path / "x.keras")


def test_a_model_that_no_memory_holds_is_not_begun():
    with pytest.raises(ArgumentError, match="its weights need more than"):
        zoo.create_model("mlp", hidden_units=[10**9, 10**6])


def test_counting_the_weights_of_a_model_changes_nothing():
    keras.utils.set_random_seed(0)
    first = zoo.create_model("mlp", hidden_units=[1_001])
    keras.utils.set_random_seed(0)
    check_size(lambda: zoo.create_model("mlp", hidden_units=[1_001]), 2**30)
    second = zoo.create_model("mlp", hidden_units=[1_001])
    for one, other in zip(first.weights, second.weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_names_of_odd_digits_are_sorted():
    assert sorted(["a²", "a10", "a9"], key=natural) == ["a9", "a10", "a²"]
