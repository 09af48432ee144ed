"""Liveness and readiness: what they ask, how often, and what they say."""

import asyncio
import shutil

import numpy as np
import pytest

import serving
from serving.engines import Traits
from serving.errors import Code, StatusError
from serving.models.profile import Profile
from serving.protocol.documents import State, VersionStatus
from serving.protocol.signature_def import SignatureDef, TensorInfo
from serving.transport import readiness
from serving.transport.readiness import Readiness

X = {"x": TensorInfo("x", "DT_STRING", (None, 2), "x:0")}
HUGE = {"x": TensorInfo("x", "DT_FLOAT", (10**7, 10**6), "x:0")}


class Servable:
    version = 1

    def __init__(self, name):
        self.name, self.engine = name, self
        names = ("changes", "loads", "huge", "serving_default")
        self.signatures = {
            name: SignatureDef(name, HUGE if name == "huge" else X, {})
            for name in names
        }
        self.profiles = {
            name: Profile(Traits(has_side_effects=name == "changes")) for name in names
        }

    def is_ready(self, signature_name):
        return signature_name != "loads"


class Manager:
    """Models by name; None for one of which no version is AVAILABLE."""

    def __init__(self, **models):
        self.models, self.users, self.late = models, 0, []

    def names(self):
        return sorted(self.models)

    def waited_for(self):
        return self.late

    def status(self, name):
        return [VersionStatus(3, State.END, "it is broken")]

    def acquire(self, spec):
        if self.models[spec.name] is None:
            raise StatusError(Code.NOT_FOUND, "no")
        self.users += 1
        return Servable(spec.name)

    def release(self, servable):
        self.users -= 1


class Scheduler:
    """Answers with what the manager has for the model: an error, or outputs."""

    def __init__(self, manager):
        self.manager, self.inferences = manager, []

    def submit(self, inference, *, is_sample):
        assert is_sample  # so that nothing is said of inputs that no user sent
        self.inferences.append(inference)
        answer = self.manager.models[inference.servable.name]
        loop = asyncio.get_running_loop()
        if isinstance(answer, StatusError):
            loop.call_soon(inference.done, None, answer)
        elif answer != "silent":
            loop.call_later(answer, inference.done, {}, None)


def checked(manager, count=1, pause=0.0):
    """The reports of some checks, one after the other, and the scheduler."""

    async def run():
        loop = asyncio.get_running_loop()
        scheduler = Scheduler(manager)
        ready = Readiness(loop, manager, scheduler)
        futures = [loop.create_future() for _ in range(count)]
        for future in futures:
            ready.check(future.set_result)
            await asyncio.sleep(pause)
        return await asyncio.gather(*futures), scheduler

    return asyncio.run(run())


def test_every_model_is_asked_with_its_smallest_input():
    manager = Manager(a=0, b=0)
    (reasons,), scheduler = checked(manager)
    assert reasons == []
    assert [each.servable.name for each in scheduler.inferences] == ["a", "b"]
    assert {each.signature_name for each in scheduler.inferences} == {"serving_default"}
    (x,) = scheduler.inferences[0].inputs.values()
    assert np.array_equal(x, np.array([[b"", b""]], object))
    assert manager.users == 0


def test_a_model_with_nothing_harmless_is_ready_once_it_is_loaded(monkeypatch):
    monkeypatch.setattr(Servable, "is_ready", lambda servable, name: False)
    manager = Manager(a="silent")
    (reasons,), scheduler = checked(manager)
    assert reasons == []
    assert scheduler.inferences == []
    assert manager.users == 0


def test_a_model_without_a_version_is_named_with_its_reason():
    (reasons,), _ = checked(Manager(a=0, b=None))
    assert reasons == [
        "Model b: no version is AVAILABLE; version 3 is END (it is broken)."
    ]


@pytest.mark.parametrize(
    ("code", "is_ready"),
    [
        (Code.INTERNAL, False),
        (Code.UNAVAILABLE, False),
        (Code.INVALID_ARGUMENT, True),  # It does not like zeros, and says so.
    ],
)
def test_a_model_that_fails_is_named(code, is_ready):
    manager = Manager(a=StatusError(code, "out of memory"))
    (reasons,), _ = checked(manager)
    assert reasons == ([] if is_ready else ["Model a version 1 fails: out of memory"])
    assert manager.users == 0


def test_a_model_that_is_waited_for_is_named():
    manager = Manager(a=0)
    manager.late.append("b")
    (reasons,), _ = checked(manager)
    assert reasons == ["Model b: there is no version yet."]


def test_without_models_it_is_not_ready():
    (reasons,), _ = checked(Manager())
    assert reasons == ["No model is loaded."]


def test_checks_at_the_same_time_and_soon_after_are_one():
    reports, scheduler = checked(Manager(a=0.02), count=50, pause=0.001)
    assert reports == [[]] * 50
    assert len(scheduler.inferences) == 1


def test_a_slow_model_is_asked_rarely(monkeypatch):
    monkeypatch.setattr(readiness, "SHORTEST_CACHE_SECONDS", 0.01)
    _, scheduler = checked(Manager(a=0.05), count=20, pause=0.025)
    assert len(scheduler.inferences) == 1  # within the second that follows
    _, scheduler = checked(Manager(a=0), count=20, pause=0.025)
    assert len(scheduler.inferences) > 1


def test_a_model_that_is_silent_is_named(monkeypatch):
    monkeypatch.setattr(readiness, "TIMEOUT_SECONDS", 0.05)
    (reasons,), _ = checked(Manager(a="silent", b=0))
    assert reasons == ["Model a has not answered for 0.05 seconds."]


def test_a_server_is_ready_once_its_broken_model_is_gone(copy_model, http, wait_until):
    folder = copy_model("image")
    broken = folder.with_name("broken") / "1"
    broken.mkdir(parents=True)
    (broken / "model.onnx").write_bytes(b"no model")
    with serving.Server(
        folder.parent, rest_api_port=0, engine="onnx", file_system_poll_wait_seconds=0.1
    ) as server:

        def status(path):
            return http.get(server.url + path).status_code

        assert status("/healthz") == 200
        assert status("/v2/health/live") == 200
        wait_until(lambda: status("/readyz") == 503, "not ready")
        answer = http.get(server.url + "/readyz").json()
        assert answer["status"] == "not ready"
        (reason,) = answer["reasons"]
        assert reason.startswith("Model broken: no version is AVAILABLE; version 1")
        assert http.get(server.url + "/v2/health/ready").json() == {
            "ready": False,
            "error": reason,
        }
        assert http.post(server.url + "/readyz").status_code == 405
        shutil.rmtree(broken)
        shutil.copytree(folder / "1", broken)
        wait_until(lambda: status("/readyz") == 200, "ready")
        assert status("/v2/health/ready") == 200
