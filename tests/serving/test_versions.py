"""New versions appear, fail, and disappear while requests are running."""

import errno
import logging
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

import serving
from export import manifest
from serving.engines.onnx import OnnxEngine
from serving.errors import Code, ServingError, StatusError
from serving.models.repository import ModelFolder
from serving.protocol.model_spec import ModelSpec

from .plane import Plane

X = {"x": np.float32([1.0])}


@pytest.fixture
def base(tmp_path, write_scale_model):
    """A folder of models with `scale`, whose version 1 multiplies by one."""
    write_scale_model(tmp_path / "scale" / "1", 1)
    return tmp_path


@pytest.fixture
def served(base):
    """A control plane that has loaded what is there."""
    served = Plane(base)
    served.start()
    yield served
    served.close()


def answer(served, name="scale", version=None):
    with served.manager.use(ModelSpec(name, version)) as servable:
        return servable.engine.predict("serving_default", X)["y"].item()


def states(served, name="scale"):
    return {row.version: row.state.name for row in served.manager.status(name)}


def not_loaded(caplog):
    return [each for each in caplog.records if "was not loaded" in each.getMessage()]


def test_newest_version_is_loaded(base, write_scale_model):
    write_scale_model(base / "scale" / "10", 10)
    write_scale_model(base / "scale" / "9", 9)
    served = Plane(base)
    served.refresh()
    assert answer(served) == 10
    assert states(served) == {10: "AVAILABLE"}
    with pytest.raises(StatusError, match=r"Specific\(scale, 9\)"):
        answer(served, version=9)
    served.close()


def test_a_version_is_warm_before_it_is_served(base, monkeypatch):
    calls = []
    predict = OnnxEngine.predict

    def remember(engine, signature_name, inputs):
        calls.append(inputs["x"].tolist())
        return predict(engine, signature_name, inputs)

    monkeypatch.setattr(OnnxEngine, "predict", remember)
    served = Plane(base)
    served.refresh()
    assert calls[0] == [0.0]
    served.close()


def test_a_model_that_refuses_zeros_is_served(base, monkeypatch, caplog):
    def refuse(engine, signature_name, inputs):
        raise StatusError(Code.INVALID_ARGUMENT, "zeros")

    monkeypatch.setattr(OnnxEngine, "predict", refuse)
    served = Plane(base)
    served.refresh()
    assert states(served) == {1: "AVAILABLE"}
    assert "served without warm-up of serving_default: zeros" in caplog.text
    served.close()


def test_new_version_replaces_the_old(served, base, write_scale_model):
    write_scale_model(base / "scale" / "2", 2)
    served.refresh()
    assert answer(served) == 2
    assert states(served) == {1: "END", 2: "AVAILABLE"}


def test_old_version_lives_until_its_last_request(served, base, write_scale_model):
    write_scale_model(base / "scale" / "2", 2)
    with served.manager.use(ModelSpec("scale")) as old:
        served.refresh()
        assert answer(served) == 2
        assert states(served) == {1: "UNLOADING", 2: "AVAILABLE"}
        assert old.engine.predict("serving_default", X)["y"].item() == 1
        with pytest.raises(StatusError, match=r"Specific\(scale, 1\)"):
            answer(served, version=1)
    served.refresh()
    assert states(served) == {1: "END", 2: "AVAILABLE"}


def test_corrupt_version_keeps_the_old(served, base, write_scale_model, caplog):
    write_scale_model(base / "scale" / "2", 2)
    broken = base / "scale" / "2" / "model.onnx"
    intact = broken.read_bytes()
    broken.write_bytes(intact[: len(intact) // 2])
    served.refresh()
    assert answer(served) == 1
    (failed, available) = served.manager.status("scale")
    assert (failed.version, failed.state.name) == (2, "END")
    assert failed.error_message
    assert (available.version, available.state.name) == (1, "AVAILABLE")
    (record,) = not_loaded(caplog)
    assert record.levelno == logging.ERROR
    assert "scale version 2 was not loaded" in record.getMessage()
    assert "\n" not in record.getMessage()

    served.refresh()
    assert len(not_loaded(caplog)) == 1, "a failed version was tried again unchanged"

    broken.write_bytes(intact)
    served.refresh()
    assert answer(served) == 2
    assert states(served) == {1: "END", 2: "AVAILABLE"}


def test_manifest_that_does_not_fit(served, base, write_scale_model):
    write_scale_model(base / "scale" / "2", 2)
    entry = {"sha256": "0" * 64, "bytes": 1}
    content = {"name": "scale", "version": 2, "formats": ["onnx"], "signatures": {}}
    content |= {"files": {"model.onnx": entry}, "parity": {}}
    manifest.write(base / "scale" / "2", content)
    served.refresh()
    assert answer(served) == 1
    assert "is corrupted" in served.manager.status("scale", 2)[0].error_message


def test_at_the_start_an_older_version_stands_in(base, write_scale_model):
    (base / "scale" / "2").mkdir()
    served = Plane(base)
    served.refresh()
    assert answer(served) == 1
    assert states(served) == {2: "END", 1: "AVAILABLE"}
    served.close()


def test_withdrawn_version_and_model(served, base, write_scale_model):
    write_scale_model(base / "scale" / "2", 2)
    write_scale_model(base / "other" / "1", 5)
    served.refresh()
    assert (answer(served), answer(served, "other")) == (2, 5)
    shutil.rmtree(base / "scale" / "2")
    shutil.rmtree(base / "other")
    served.refresh()
    assert answer(served) == 1
    with pytest.raises(StatusError, match=r"Latest\(other\)"):
        answer(served, "other")


def test_folders_without_a_version_number_are_ignored(served, base, write_scale_model):
    write_scale_model(base / "scale" / ".publishing-3", 3)
    write_scale_model(base / "scale" / "3-backup", 3)
    (base / "scale" / "4").write_text("a file")
    served.refresh()
    assert states(served) == {1: "AVAILABLE"}


def names(folder):
    return [model.name for model in folder.models()]


def test_base_path_may_be_one_model(base):
    for name, expected in ((None, "scale"), ("renamed", "renamed")):
        assert names(ModelFolder(base / "scale", name)) == [expected]


def test_one_of_several_models(base, write_scale_model):
    write_scale_model(base / "other" / "1", 5)
    assert names(ModelFolder(base)) == ["other", "scale"]
    assert names(ModelFolder(base, "other")) == ["other"]


def test_server_without_a_loadable_model(tmp_path):
    (tmp_path / "broken" / "1").mkdir(parents=True)
    server = serving.Server(tmp_path, rest_api_port=0)
    with pytest.raises(ServingError, match=r"loaded\. broken version 1: .*holds no"):
        server.start()


def test_a_running_server_picks_up_a_version(
    base, write_scale_model, wait_until, monkeypatch
):
    """A request that started with version 1 ends with version 1."""
    entered, release = threading.Event(), threading.Event()
    predict = OnnxEngine.predict

    def gated(engine, signature_name, inputs):
        if inputs["x"][0] == 7:
            entered.set()
            assert release.wait(60)
        return predict(engine, signature_name, inputs)

    monkeypatch.setattr(OnnxEngine, "predict", gated)
    answers = []

    def ask(url):
        with serving.Client(url) as client:
            answers.append(client.predict("scale", {"x": [7.0]})["y"].item())

    with (
        # Without measured durations, the call that waits is not in the event loop.
        serving.Server(
            base,
            rest_api_port=0,
            file_system_poll_wait_seconds=0.02,
            enable_model_warmup=False,
        ) as server,
        serving.Client(server.url) as client,
    ):
        slow = threading.Thread(target=ask, args=[server.url])
        slow.start()
        assert entered.wait(60)
        write_scale_model(base / "scale" / "2", 2)
        wait_until(
            lambda: client.predict("scale", X)["y"].item() == 2, "version 2 answers"
        )
        rows = client.status("scale")["model_version_status"]
        assert [row["state"] for row in rows] == ["AVAILABLE", "UNLOADING"]
        release.set()
        slow.join(60)
        assert answers == [7.0]


def test_a_vanished_folder_is_reported_once(served, base, caplog):
    base.rename(base.with_name("elsewhere"))
    for _ in range(3):
        served.refresh()
    assert answer(served) == 1
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert f"Cannot read {base}: No such file or directory." in record.getMessage()


@pytest.fixture
def deny(monkeypatch):
    """Makes folders of a name unreadable, also to root."""
    denied, iterdir = set(), Path.iterdir

    def tried(path):
        if path.name in denied:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return iterdir(path)

    monkeypatch.setattr(Path, "iterdir", tried)
    return denied.add


def test_a_folder_that_cannot_be_read_costs_no_other_model(
    served, base, write_scale_model, caplog, deny
):
    """As `lost+found` of a volume, which is root's."""
    (base / "lost+found").mkdir()
    deny("lost+found")
    write_scale_model(base / "scale" / "2", 2)
    for _ in range(3):
        served.refresh()
    assert answer(served) == 2
    (record,) = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert record.message == f"Cannot read {base / 'lost+found'}: Permission denied."


def test_a_model_whose_folder_cannot_be_read_any_more_goes_on(
    served, base, write_scale_model, deny
):
    write_scale_model(base / "other" / "1", 5)
    served.refresh()
    deny("scale")
    write_scale_model(base / "other" / "2", 6)
    served.refresh()
    assert answer(served, "other") == 6
    assert answer(served) == 1
