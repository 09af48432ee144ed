"""Where studies are stored, and trials whose process is killed."""

import contextlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import optuna
import pytest
import sqlalchemy.exc
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

import zoo
from zoo.errors import ArgumentError, StudyError
from zoo.machines.process import identify, is_alive
from zoo.tuning import search, stale
from zoo.tuning.storages import server
from zoo.tuning.storages.choose import choose_storage
from zoo.tuning.storages.journal import JournalFile
from zoo.tuning.storages.sqlite import SQLiteFile
from zoo.tuning.study import open_study
from zoo.tuning.trial import run_trial

FILES = "s.db", "s.log"
URL = "postgresql://ada:s3cret@db:5432/studies"
CONFIG = {"name": "mlp", "epochs": 2, "jit": "off"}


def tune(storage, trials=1, **options):
    asked = {"dataset": "iris", "epochs": 1, "sampler": "random"} | options
    return zoo.tune("mlp", storage=storage, trials=trials, **asked)


@pytest.fixture(autouse=True)
def training(monkeypatch):
    """Replaces the training of a trial by a formula; returns the real one."""

    def value(trial, *arguments, **options):
        trial.report(trial.params["learning_rate"], 0)
        return trial.params["learning_rate"]

    monkeypatch.setattr(search, "run_trial", value)
    return run_trial


@contextlib.contextmanager
def opened(path, name="mlp.iris"):
    """The study, as another process sees it."""
    with choose_storage(path).open(lambda storage: None) as storage:
        yield optuna.load_study(study_name=name, storage=storage)


def states(study_or_result):
    return [
        trial.state if isinstance(trial.state, str) else trial.state.name.lower()
        for trial in study_or_result.trials
    ]


@pytest.fixture
def database(tmp_path, monkeypatch):
    """A database server, played by an SQLite file; yields the URLs that were used."""
    urls = []

    def connect(url, options):
        urls.append(url)
        return RDBStorage(f"sqlite:///{tmp_path}/server.db", options)

    monkeypatch.setattr(server, "RDBStorage", connect)
    return urls


@pytest.mark.parametrize(
    ("storage", "kind", "label", "directory"),
    [
        (Path("a/s.db"), SQLiteFile, "a/s.db", Path("a/s")),
        ("a/s.sqlite3", SQLiteFile, "a/s.sqlite3", Path("a/s")),
        ("sqlite:///a/s.db", SQLiteFile, "a/s.db", Path("a/s")),
        ("sqlite:////a/s.db", SQLiteFile, "/a/s.db", Path("/a/s")),
        ("a/s.log", JournalFile, "a/s.log", Path("a/s")),
        (Path("s.journal"), JournalFile, "s.journal", Path("s")),
        (URL, server.DatabaseServer, "postgresql://ada:***@db:5432/studies", None),
        ("mysql+pymysql://db/x", server.DatabaseServer, "mysql+pymysql://db/x", None),
    ],
)
def test_a_path_or_url_names_a_storage(storage, kind, label, directory):
    found = choose_storage(storage)
    assert type(found) is kind
    assert (found.label, found.directory) == (label, directory)


@pytest.mark.parametrize(
    ("storage", "message"),
    [
        ("study", "a file with a suffix, such as study.db"),
        ("redis://ada:s3cret@db", "begins with postgresql://.* Received: redis://"),
        ("sqlite://", "Received: sqlite://"),
        ("sqlite:///s.db?mode=ro", "Received: sqlite://"),
        ("postgresql://ada:s3c/ret@db:x/y", "cannot be read; it must look like"),
        ("postgresql ://db", "cannot be read; it must look like"),
    ],
)
def test_what_names_no_storage(storage, message):
    with pytest.raises(ArgumentError, match=message) as caught:
        choose_storage(storage)
    assert "s3c" not in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_a_study_is_stored_in_a_file(tmp_path, file):
    first = tune(tmp_path / file)
    second = tune(tmp_path / file, trials=2)
    assert first.trials[0].parameters == second.trials[0].parameters
    assert states(second)[0] == "complete"
    assert [trial.number for trial in second.trials] == [0, 1, 2]
    assert (second.storage, second.study_name) == (str(tmp_path / file), "mlp.iris")
    assert second.directory == tmp_path / "s"
    left = {path.name for path in tmp_path.iterdir()} - {"s.db.lock"}
    assert left == {file, "s"}


@pytest.mark.slow
def test_the_storages_make_the_same_trials(tmp_path):
    first, second = (tune(tmp_path / file[-2:] / file, trials=2) for file in FILES)
    assert [t.parameters for t in first.trials] == [t.parameters for t in second.trials]
    assert first.best.value == second.best.value


def test_results_go_to_the_output(tmp_path):
    result = tune(tmp_path / "s.log", output=tmp_path / "results", study_name="mine")
    assert result.study_name == "mine"
    assert result.recipe_file == tmp_path / "results/best.json"
    assert not (tmp_path / "s").exists()
    (tmp_path / "results/trials").mkdir()
    tune(tmp_path / "s.log", output=tmp_path / "results", study_name="mine")
    with pytest.raises(StudyError, match="results holds the trials of another study"):
        tune(tmp_path / "t.log", output=tmp_path / "results")


@pytest.mark.parametrize("name", ["a/b", "..", "/a", "."])
def test_a_study_name_is_no_path(tmp_path, name):
    with pytest.raises(ArgumentError, match="`study_name`.*no slash"):
        tune(tmp_path / "s.log", study_name=name)


def other_journal(path):
    storage = JournalStorage(JournalFileBackend(str(path)))
    optuna.create_study(study_name="mine", storage=storage)


def damage(path):
    tune(path)
    lines = path.read_text().splitlines()
    lines[2] = lines[2][:-9]
    path.write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.write_bytes(b"x\n" * 9), "is no journal of Optuna"),
        (lambda path: path.write_text('{"a": 1}\n'), "cannot be used as a journal"),
        (lambda path: path.write_text("[1]\n"), "cannot be used as a journal"),
        (lambda path: path.write_bytes(b""), "no study 'mlp.iris' .it holds none"),
        (lambda path: path.mkdir(), "is no file"),
        (other_journal, "no study 'mlp.iris' .it holds 'mine'"),
        (damage, "is no journal of Optuna, or damaged"),
    ],
)
def test_a_journal_that_is_no_study(tmp_path, spoil, message):
    path = tmp_path / "s.log"
    spoil(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StudyError, match=message) as caught:
        tune(path)
    assert "\n" not in str(caught.value)
    assert before == (path.read_bytes() if path.is_file() else None)


def test_the_lock_of_a_killed_process_can_be_released(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a").mkdir()
    with choose_storage("a/s.log").connect(Path("a/s.log"), is_new=True) as storage:
        storage._backend._lock.acquire()
    # Optuna waits until the file that the link points to is old; it must be there.
    assert Path("a/s.log.lock").is_symlink()
    assert Path("a/s.log.lock").exists()


@pytest.mark.slow
def test_a_database_holds_several_studies(tmp_path, monkeypatch, database):
    monkeypatch.chdir(tmp_path)
    first = tune(URL)
    second = tune(URL, study_name="other", seed=1)
    again = tune(URL)
    assert [len(result.trials) for result in (first, second, again)] == [1, 1, 2]
    assert first.directory == Path("runs/tune/mlp.iris")
    assert second.recipe_file == Path("runs/tune/other/best.json")
    assert second.recipe_file.exists()
    with pytest.raises(StudyError, match=r"'other' in .* has seed 1, not 0"):
        tune(URL, study_name="other")


@pytest.mark.slow
def test_a_password_is_shown_nowhere(tmp_path, monkeypatch, database, training, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(search, "run_trial", training)
    monkeypatch.setattr(sys, "orig_argv", ["zoo", "tune", "--storage", URL])
    result = tune(URL)
    with pytest.raises(StudyError) as caught:
        tune(URL, epochs=3)
    assert database == [URL, URL]
    assert "postgresql://ada:***@db:5432/studies" in str(caught.value)
    shown = [repr(result), str(caught.value), *capfd.readouterr()]
    paths = [path for path in Path("runs").rglob("*") if path.is_file()]
    assert {"report.json", "best.json", "config.json"} <= {p.name for p in paths}
    shown += [path.read_bytes().decode(errors="ignore") for path in paths]
    assert not any("s3cret" in text for text in shown)
    config = json.loads(Path("runs/tune/mlp.iris/trials/0000/config.json").read_text())
    assert "ada:***@db" in config["command"]


def test_braces_in_a_password_reach_the_server(tmp_path, monkeypatch, database):
    monkeypatch.chdir(tmp_path)
    with choose_storage("mysql://ada:{x}@db/y").open(lambda storage: None):
        pass
    assert database == ["mysql://ada:%7Bx%7D@db/y"]


def failing(errors, then=None):
    """Stands in for Optuna's storage: raises the errors, one for each call."""
    left = list(errors)

    def connect(url, options):
        if left:
            raise left.pop(0)
        return then

    return connect


def test_a_server_that_cannot_be_reached(monkeypatch):
    cause = Exception("connection to db failed:\n user ada, password s3cret")
    error = sqlalchemy.exc.OperationalError(None, None, cause)
    monkeypatch.setattr(server, "RDBStorage", failing([error]))
    with pytest.raises(StudyError) as caught:
        tune(URL)
    assert str(caught.value) == (
        "postgresql://ada:***@db:5432/studies cannot be used (connection to db failed: "
        "user ada, password ***); check the address, the user and the password, and "
        "that the server runs."
    )


@pytest.mark.parametrize(
    ("scheme", "module", "package"),
    [
        ("postgresql+psycopg", "psycopg", r"psycopg\[binary\]"),
        ("mysql", "MySQLdb", "mysqlclient"),
        ("mysql+pymysql", "pymysql", "pymysql"),
    ],
)
def test_a_driver_that_is_missing(monkeypatch, scheme, module, package):
    monkeypatch.setitem(sys.modules, module, None)
    message = f'the driver {module}, which is not installed: pip install "{package}"'
    with pytest.raises(ArgumentError, match=message):
        tune(f"{scheme}://ada:s3cret@db/studies")


def test_processes_may_create_the_tables_at_once(tmp_path, monkeypatch):
    error = sqlalchemy.exc.ProgrammingError("create table", {}, Exception("it exists"))
    storage = RDBStorage("sqlite://")
    monkeypatch.setattr(server, "RDBStorage", failing([error] * 4, then=storage))
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    with choose_storage(URL).open(lambda opened: None) as opened:
        assert opened is storage
    monkeypatch.setattr(server, "RDBStorage", failing([error] * 5))
    with (
        pytest.raises(StudyError, match="it exists"),
        choose_storage(URL).open(lambda opened: None),
    ):
        pass


def test_a_study_of_somebody_else_in_a_database(database):
    def create(storage):
        study = optuna.create_study(study_name="x", storage=storage)
        study.add_trial(optuna.trial.create_trial(value=1.0))

    storage = choose_storage(URL)
    with storage.open(create):
        pass
    with (
        pytest.raises(StudyError, match="'x' in .* is not of `zoo tune`"),
        open_study(storage, "x", CONFIG, mode="min", distributions={}),
    ):
        pass


def test_a_study_whose_creation_was_interrupted(database):
    storage = choose_storage(URL)
    with storage.open(lambda o: optuna.create_study(study_name="x", storage=o)):
        pass
    with open_study(storage, "x", CONFIG, mode="min", distributions={}) as study:
        assert study.user_attrs["config"] == CONFIG


def test_the_creator_chooses_whether_to_compile(tmp_path):
    for config in (CONFIG, CONFIG | {"jit": "auto"}):
        path = choose_storage(tmp_path / "s.log")
        with open_study(path, "x", config, mode="min", distributions={}) as study:
            assert study.user_attrs["config"]["jit"] == "off"


# A process that trains: it takes a trial, and chooses one of its parameters.
TRAINING = """
import sys, time
import optuna
from zoo.tuning.stale import heartbeat
from zoo.tuning.storages.choose import choose_storage

with choose_storage(sys.argv[1]).open(None) as storage:
    trial = optuna.load_study(study_name=None, storage=storage).ask()
    with heartbeat(trial):
        trial.suggest_float("dropout", 0.0, 0.5)
        print("ready", flush=True)
        time.sleep(600)
"""


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_a_trial_whose_process_is_killed_is_tried_again(tmp_path, file):
    path = tmp_path / file
    tune(path)
    process = subprocess.Popen(
        [sys.executable, "-c", TRAINING, str(path)], stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"ready\n"
    alive = tune(path)
    assert states(alive) == ["complete", "running", "complete"]
    process.kill()  # and is a zombie until the next line but one
    result = tune(path)
    process.communicate()
    assert states(result) == ["complete", "interrupted", "complete", "complete"]
    dropped = [trial.parameters["dropout"] for trial in result.trials]
    assert dropped[3] == dropped[1] != dropped[2]


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_a_search_takes_over_the_trial_of_a_killed_one(tmp_path, file):
    command = [sys.executable, "-m", "zoo", "tune", "mlp", "--dataset", "iris"]
    command += ["--trials", "3", "--epochs", "30", "--storage", file, "--json"]
    options = {"cwd": tmp_path, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    killed = subprocess.Popen(command, **options)
    while not running(tmp_path / file):
        time.sleep(0.05)
        assert killed.poll() is None
    survivor = subprocess.Popen(command, **options)
    while len(running(tmp_path / file)) < 2:
        time.sleep(0.05)
        assert survivor.poll() is None
    victims = [t for t in running(tmp_path / file) if is_of(t, killed)]
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    out, err = survivor.communicate()
    assert survivor.returncode == 0, err.decode()
    with opened(tmp_path / file) as study:
        trials = study.trials
    own = [trial for trial in trials if is_of(trial, survivor)]
    assert [trial.state.is_finished() for trial in own] == [True] * 3
    assert all(trial.state != TrialState.FAIL for trial in own)
    lost = [trial for trial in trials if trial.state == TrialState.FAIL]
    assert [trial.number for trial in lost] == [trial.number for trial in victims]
    (retried,) = [t for t in trials if t.user_attrs.get("origin") == lost[0].number]
    assert is_of(retried, survivor)
    assert retried.params.items() >= lost[0].params.items()
    assert json.loads(out)["trials"] == len(trials)


def running(path):
    """The trials that processes train."""
    if not path.exists():
        return []
    with opened(path) as study:
        trials = study.get_trials(states=(TrialState.RUNNING,))
    return [trial for trial in trials if "process" in trial.user_attrs and trial.params]


def is_of(trial, process):
    return trial.user_attrs["process"]["id"] == process.pid


@pytest.mark.parametrize("file", FILES)
def test_a_trial_without_a_heartbeat_is_tried_again(tmp_path, file):
    tune(tmp_path / file)
    now = time.time()
    elsewhere = {
        "silent": {"host": "elsewhere", "heartbeat": now - 121},
        "alive": {"host": "elsewhere", "heartbeat": now - 60},
        "same name": {"boot": 0.0, "heartbeat": now - 60},
        "same name, silent": {"boot": 0.0, "heartbeat": now - 121},
        "container": {"namespace": "pid:[1]", "heartbeat": now - 60},
    }
    with opened(tmp_path / file) as study:
        own = study.trials[0].user_attrs["process"]
        for changes in elsewhere.values():
            trial = study.ask()
            trial.set_user_attr("process", own | {"id": 0} | changes)
            trial.set_user_attr("heartbeat", changes["heartbeat"])
        stale.retry_stale(study)
        found = dict(zip(elsewhere, states(study)[1:6], strict=True))
        queued = [t.user_attrs["origin"] for t in study.trials[6:]]
    assert found == {
        "silent": "fail",
        "alive": "running",
        "same name": "running",
        "same name, silent": "fail",
        "container": "running",
    }
    assert queued == [1, 4]


def test_a_trial_that_never_wrote_its_process(tmp_path, monkeypatch):
    tune(tmp_path / "s.log")
    with opened(tmp_path / "s.log") as study:
        study.ask()
        stale.retry_stale(study)
        assert states(study)[1:] == ["running"]
        monkeypatch.setattr(stale, "GRACE_SECONDS", -1.0)
        stale.retry_stale(study)
        assert states(study)[1:] == ["fail", "waiting"]


def test_the_baseline_is_tried_again_even_without_its_parameters(tmp_path, monkeypatch):
    suggest = search.Space.suggest

    def stop(space, trial):
        if isinstance(trial, optuna.Trial):
            raise KeyboardInterrupt
        return suggest(space, trial)

    with monkeypatch.context() as context:
        context.setattr(search.Space, "suggest", stop)
        with pytest.raises(KeyboardInterrupt):
            tune(tmp_path / "s.log")
    result = tune(tmp_path / "s.log")
    assert states(result) == ["interrupted", "complete"]
    assert result.trials[1].parameters["learning_rate"] == 0.01


def test_a_trial_that_kills_its_processes_is_left_alone():
    study = optuna.create_study()
    study.enqueue_trial({"x": 0.5})
    dead = identify() | {"id": 0, "boot": 0.0, "namespace": ""}
    for _ in range(4):
        trial = study.ask()
        trial.suggest_float("x", 0, 1)
        trial.set_user_attr("process", dead)
        trial.set_user_attr("heartbeat", 0.0)
        stale.retry_stale(study)
    values = [trial.params["x"] for trial in study.trials[:4]]
    assert values[:3] == [0.5] * 3
    assert values[3] != 0.5
    origins = [trial.user_attrs.get("origin") for trial in study.trials]
    assert origins == [None, 0, 0, None, 3]


def test_two_processes_that_find_a_stale_trial(tmp_path, monkeypatch):
    monkeypatch.setattr(stale, "GRACE_SECONDS", -1.0)
    path = tmp_path / "s.log"
    tune(path)
    with opened(path) as first, opened(path) as second:
        first.ask()
        before = second.get_trials(states=(TrialState.RUNNING,))
        stale.retry_stale(first)
        monkeypatch.setattr(second, "get_trials", lambda **options: before)
        stale.retry_stale(second)
    with opened(path) as study:
        assert states(study) == ["complete", "fail", "waiting"]


@pytest.mark.parametrize("file", FILES)
def test_a_waiting_trial_is_taken_by_one(tmp_path, file):
    """Each of two processes sees the trial, and asks."""
    path = tmp_path / file
    tune(path)
    with opened(path) as first, opened(path) as second:
        first.enqueue_trial({"dropout": 0.25})
        waiting = second._storage.get_all_trials(second._study_id)[1]
        taken = first.ask()
        assert taken.number == 1
        assert not second._storage.set_trial_state_values(
            waiting._trial_id, TrialState.RUNNING
        )
        assert second.ask().number == 2


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_a_heartbeat_until_the_trial_ends(tmp_path, monkeypatch, file):
    monkeypatch.setattr(stale, "HEARTBEAT_SECONDS", 0.01)
    tune(tmp_path / file)

    def beats(study):
        return study.trials[-1].user_attrs.get("heartbeat", 0.0)

    with opened(tmp_path / file) as own, opened(tmp_path / file) as other:
        with stale.heartbeat(own.ask()):
            first = wait_for(lambda: beats(other))
            wait_for(lambda: beats(other) > first)
            assert is_alive(other.trials[-1].user_attrs["process"])
            # Another process ends it: the thread continues without an error.
            other.tell(1, state=TrialState.FAIL)
            time.sleep(0.1)
        last = beats(other)
        time.sleep(0.1)
        assert beats(other) == last


def wait_for(condition):
    deadline = time.monotonic() + 30
    while not (value := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return value


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("moment", ["in an epoch", "at the end"])
def test_a_trial_that_another_process_has_ended(
    tmp_path, monkeypatch, capsys, file, moment
):
    tune(tmp_path / file)

    def train(trial, *arguments, **options):
        with opened(tmp_path / file) as other:
            other.tell(trial.number, state=TrialState.FAIL)
        if moment == "in an epoch":
            trial.report(0.5, 0)
        return 0.5

    monkeypatch.setattr(search, "run_trial", train)
    result = tune(tmp_path / file)
    assert states(result) == ["complete", "interrupted"]
    assert "[1/1] trial 1 was silent, and is tried again" in capsys.readouterr().err
