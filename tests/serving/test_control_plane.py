"""Several workers switch together, and one that dies costs no version."""

import logging
import re
import time

import numpy as np
import pytest

from serving.errors import Code, StatusError
from serving.models.control_plane import ControlPlane, WorkerGone
from serving.protocol.model_spec import ModelSpec

from .plane import LocalWorker, Plane

X = {"x": np.float32([1.0])}


@pytest.fixture
def base(tmp_path, write_scale_model):
    write_scale_model(tmp_path / "scale" / "1", 1)
    return tmp_path


@pytest.fixture
def served(base):
    served = Plane(base, workers=2, load_retry_interval_micros=60_000_000)
    served.start()
    yield served
    served.close()


def answers(served, name="scale"):
    found = []
    for worker in served.workers:
        with worker.manager.use(ModelSpec(name)) as servable:
            found.append(servable.engine.predict("serving_default", X)["y"].item())
    return found


def status(served, name="scale"):
    return {
        row.version: (row.state.name, row.error_code, row.error_message)
        for row in served.manager.status(name)
    }


def loads(worker):
    return [payload["version"] for kind, payload in worker.requests if kind == "load"]


def test_all_workers_have_a_version_before_one_answers_with_it(
    served, base, write_scale_model
):
    write_scale_model(base / "scale" / "2", 2)
    first, second = served.workers
    available = []

    async def load_and_look(kind, payload=None):
        result = await LocalWorker.request(second, kind, payload)
        if kind == "load":
            rows = first.manager.status("scale")
            available.extend(row.version for row in rows if row.state.value == 30)
        return result

    second.request = load_and_look
    served.refresh()
    assert available == [1]
    assert answers(served) == [2, 2]


def test_a_loaded_version_is_one_line_however_many_workers_have_it(
    served, base, write_scale_model, caplog
):
    caplog.set_level(logging.INFO, "serving")
    write_scale_model(base / "scale" / "2", 2)
    served.refresh()
    loaded = [each for each in caplog.messages if "Unloading" not in each]
    assert loaded == ["Loaded scale version 2 (onnx)"]


@pytest.mark.parametrize(
    ("folder", "name", "text"),
    [
        (".", None, r"There is no \S+/VERSION and no \S+/MODEL/VERSION yet. They are"),
        (".", "scale", r"no \S+/scale/VERSION yet. They are waited for"),
        ("other/1", None, r"other/1 is a version itself: give the folder that holds"),
    ],
)
def test_a_folder_without_models_is_said_once(
    tmp_path, write_scale_model, caplog, folder, name, text
):
    if folder != ".":
        write_scale_model(tmp_path / folder, 1)
    plane = Plane(tmp_path / folder, model_name=name)
    plane.start()
    plane.refresh()
    plane.close()
    (line,) = [each.getMessage() for each in caplog.records if each.levelno >= 30]
    assert re.search(text, line)


def test_a_deadly_version_costs_one_worker(served, base, write_scale_model):
    write_scale_model(base / "deadly" / "1", 1)
    first, second = served.workers
    first.dies_of = second.dies_of = "deadly"
    served.refresh()
    assert [first.is_gone, second.is_gone] == [True, False]
    message = "A worker died of SIGABRT"
    served.workers.remove(first)
    served.plane.dismiss(first)
    served.refresh()  # it may have died of something else, so it is tried once more
    served.workers.remove(second)
    served.plane.dismiss(second)
    third = LocalWorker(served.options, dies_of="deadly")
    served.workers.append(third)
    served.run(served.plane.admit(third))
    served.refresh()  # and not again before the interval is over
    assert not third.is_gone
    assert answers(served) == [1]
    assert status(served, "deadly") == {1: ("END", Code.INTERNAL, message)}


def test_a_new_worker_loads_what_is_available(served, base, write_scale_model):
    write_scale_model(base / "scale" / "2", 2)
    served.refresh()
    worker = LocalWorker(served.options)
    served.run(served.plane.admit(worker))
    served.workers = [worker]
    assert loads(worker) == [2]
    assert answers(served) == [2]


def test_a_new_worker_that_cannot_load_takes_no_part(served, base):
    for path in (base / "scale" / "1").iterdir():
        path.write_bytes(b"")
    worker = LocalWorker(served.options)
    with pytest.raises(StatusError):
        served.run(served.plane.admit(worker))
    assert [kind for kind, _ in worker.requests] == ["load"]


def test_what_no_worker_has_and_none_can_load_costs_no_other_model(
    served, base, write_scale_model
):
    """The only worker dies after the folder of one model was damaged."""
    write_scale_model(base / "other" / "1", 5)
    served.refresh()
    for path in (base / "scale" / "1").iterdir():
        path.write_bytes(b"")
    for worker in served.workers:
        served.plane.dismiss(worker)
    served.workers = [LocalWorker(served.options) for _ in range(2)]
    for worker in served.workers:
        served.run(served.plane.admit(worker))
    assert answers(served, "other") == [5, 5]
    state, code, message = status(served)[1]
    assert (state, code) == ("END", Code.DATA_LOSS)
    assert "model.onnx is damaged" in message
    write_scale_model(base / "scale" / "2", 2)
    served.refresh()
    assert answers(served) == [2, 2]


def test_what_kills_the_only_worker_costs_no_other_model(
    served, base, write_scale_model
):
    write_scale_model(base / "deadly" / "1", 5)
    served.refresh()
    for worker in served.workers:
        served.plane.dismiss(worker)
    dying = LocalWorker(served.options, dies_of="deadly")
    with pytest.raises(WorkerGone):
        served.run(served.plane.admit(dying))
    served.workers = [LocalWorker(served.options)]
    served.run(served.plane.admit(served.workers[0]))
    assert answers(served) == [1]
    assert loads(served.workers[0]) == [1]
    message = "A worker died of SIGABRT"
    assert status(served, "deadly") == {1: ("END", Code.INTERNAL, message)}
    served.refresh()  # It may have died of something else, once.
    assert answers(served, "deadly") == [5]


@pytest.mark.parametrize("change", ["replaced", "grows", "more", "less", "link"])
def test_a_version_that_changes_in_place_is_said_once(
    served, base, write_scale_model, caplog, change
):
    version = base / "scale" / "1"
    if change == "link":
        write_scale_model(base / "elsewhere" / "2", 7)
        version.rename(base / "elsewhere" / "1")
        version.symlink_to(base / "elsewhere" / "1")
        served.refresh()
    caplog.clear()
    served.refresh()
    assert not caplog.records
    if change == "replaced":
        write_scale_model(base / "elsewhere" / "2", 7)
        (base / "elsewhere" / "2" / "model.onnx").replace(version / "model.onnx")
    elif change == "grows":
        with (version / "model.onnx").open("ab") as file:
            file.write(b"1234")
    elif change == "more":
        (version / "saved_model.pb").write_bytes(b"")
    elif change == "less":
        (version / "model.onnx").unlink()
    else:
        version.unlink()
        version.symlink_to(base / "elsewhere" / "2")
    for _ in range(3):
        served.refresh()
    (record,) = [each for each in caplog.records if "has changed" in each.message]
    assert record.message.startswith(
        "The folder of version 1 of servable scale has changed since it was loaded:"
    )
    assert answers(served) == [1, 1]


def test_metrics_of_all_workers(served):
    handler = served.plane.handlers()["metrics"]
    first, second = served.workers
    assert served.run(handler(first, None)) == [
        {"worker": id(first)},
        {"worker": id(second)},
    ]
    second.is_gone = True
    assert served.run(handler(first, None)) == [{"worker": id(first)}]


@pytest.fixture
def clock(monkeypatch):
    """A monotonic clock that is moved by hand, beside a wall clock that jumps."""

    class Clock:
        now = 1000.0

    monkeypatch.setattr(time, "monotonic", lambda: Clock.now)
    monkeypatch.setattr(time, "time", lambda: -1e9)
    return Clock


def test_a_failed_version_is_tried_again(base, clock, caplog):
    (base / "scale" / "2").mkdir()
    served = Plane(base, max_num_load_retries=2, load_retry_interval_micros=10_000_000)
    served.start()
    tries = []
    for seconds in (0, 9, 10, 11, 20, 100, 1000):
        clock.now = 1000.0 + seconds
        served.refresh()
        tries.append(loads(served.workers[0]).count(2))
    assert tries == [1, 1, 2, 2, 3, 3, 3]
    (base / "scale" / "2" / "note").touch()
    served.refresh()
    assert loads(served.workers[0]).count(2) == 4
    assert answers(served) == [1]
    served.close()
    failed = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert len(failed) == 4
    assert all("scale version 2 was not loaded" in each.getMessage() for each in failed)


@pytest.mark.parametrize(
    ("break_it", "code"),
    [
        (lambda path: path.unlink(), Code.NOT_FOUND),
        (lambda path: path.write_bytes(b"\xff" * 50), Code.DATA_LOSS),
        (
            lambda path: path.with_name("manifest.json").write_text("{"),
            Code.DATA_LOSS,
        ),
    ],
)
def test_the_code_of_what_is_wrong(served, base, write_scale_model, break_it, code):
    write_scale_model(base / "scale" / "2", 2)
    break_it(base / "scale" / "2" / "model.onnx")
    served.refresh()
    assert status(served)[2][:2] == ("END", code)
    assert answers(served) == [1, 1]


def test_the_disk_is_full(served, base, write_scale_model, monkeypatch):
    from serving.models import servable

    def full(*args):
        raise OSError(28, "No space left on device")

    write_scale_model(base / "scale" / "2", 2)
    monkeypatch.setattr(servable, "load_version", full)
    served.refresh()
    state, code, message = status(served)[2]
    assert (state, code) == ("END", Code.RESOURCE_EXHAUSTED)
    assert "No space left on device" in message
    assert answers(served) == [1, 1]


def test_a_version_that_vanishes_while_it_is_loaded(served, base, write_scale_model):
    import shutil

    write_scale_model(base / "scale" / "2", 2)
    second = served.workers[1]

    async def vanish(kind, payload=None):
        if kind == "load":
            shutil.rmtree(base / "scale" / "2", ignore_errors=True)
        return await LocalWorker.request(second, kind, payload)

    second.request = vanish
    served.refresh()
    served.refresh()
    assert answers(served) == [1, 1]
    assert status(served)[2][0] == "END"


def test_no_worker_is_left(base):
    served = Plane(base, workers=0)
    with pytest.raises(WorkerGone, match="No worker is left"):
        served.run(served.plane._load_everywhere("scale", 1, base / "scale" / "1"))
    served.runner.close()


def test_nothing_is_polled_where_the_options_say_so(base):
    served = Plane(base, file_system_poll_wait_seconds=-1)
    served.start()
    assert loads(served.workers[0]) == []
    assert ControlPlane.available(served.plane) == []
    served.close()
