"""Models that are Python functions, behind a gRPC server in a thread."""

import asyncio
import contextlib
import threading
from pathlib import Path
from typing import ClassVar

import numpy as np
import uvloop

from serving.engines.base import Engine
from serving.errors import Code, StatusError, invalid_argument
from serving.metrics import Metrics
from serving.models.input_watch import InputWatch
from serving.models.request_log import RequestLog
from serving.models.scheduler import Scheduler
from serving.models.warmup import new_profiles
from serving.options import ServerOptions
from serving.protocol.documents import State, VersionStatus
from serving.protocol.messages import message
from serving.protocol.signature_def import SignatureDef, TensorInfo
from serving.transport.body_pool import BodyPool
from serving.transport.grpc_server import GrpcServer
from serving.transport.pending_bytes import PendingBytes
from serving.transport.readiness import Readiness
from serving.transport.telemetry import Telemetry


def infos(**dtypes):
    return {
        name: TensorInfo(name, dtype, (None,), f"{name}:0")
        for name, dtype in dtypes.items()
    }


EXAMPLES = {"inputs": TensorInfo("inputs", "DT_STRING", (None,), "tf_example:0")}


def signature(name, inputs, outputs, method="predict"):
    return SignatureDef(name, inputs, outputs, f"tensorflow/serving/{method}")


class HalfPlusTwo(Engine):
    """`y = x / 2 + 2`, as in TensorFlow Serving's tests, and some that behave badly."""

    name = artifact = "python"
    signatures: ClassVar = {
        "serving_default": signature(
            "serving_default", infos(x="DT_FLOAT"), infos(y="DT_FLOAT", z="DT_INT64")
        ),
        "classify_x_to_y": signature(
            "classify_x_to_y", EXAMPLES, infos(scores="DT_FLOAT"), "classify"
        ),
        "regress_x_to_y": signature(
            "regress_x_to_y", EXAMPLES, infos(outputs="DT_FLOAT"), "regress"
        ),
        "other_input": signature(
            "other_input", infos(inputs="DT_STRING"), infos(outputs="DT_FLOAT")
        ),
        "echo": signature("echo", infos(text="DT_STRING"), infos(text="DT_STRING")),
        "slow": signature("slow", infos(x="DT_FLOAT"), infos(y="DT_FLOAT")),
        "broken": signature("broken", infos(x="DT_FLOAT"), infos(y="DT_FLOAT")),
        "picky": signature("picky", infos(x="DT_FLOAT"), infos(y="DT_FLOAT")),
    }

    def __init__(self, offset=2):
        self.offset = offset
        self.release_slow = threading.Event()

    def predict(self, signature_name, inputs):
        return getattr(self, f"_{signature_name}", self._half)(**inputs)

    def close(self):
        pass

    def _half(self, x):
        return {"y": x / 2 + np.float32(self.offset), "z": x.astype(np.int64)}

    def _echo(self, text):
        return {"text": text}

    def _slow(self, x):
        self.release_slow.wait(30)
        return {"y": x}

    def _broken(self, x):
        raise RuntimeError("a secret of the server")

    def _picky(self, x):
        raise invalid_argument("no: " + "x" * 20000)

    def _classify_x_to_y(self, inputs):
        return {"scores": self._values(inputs).reshape(-1, 1)}

    def _regress_x_to_y(self, inputs):
        return {"outputs": self._values(inputs)}

    def _values(self, inputs):
        examples = map(message("tensorflow.Example").FromString, inputs)
        values = [each.features.feature["x"].float_list.value for each in examples]
        if not all(values):
            raise invalid_argument("Feature: x (data type: float) is required")
        return np.float32([value[0] for value in values]) / 2 + self.offset


class FakeServable:
    def __init__(self, name, version, engine):
        self.name, self.version, self.engine = name, version, engine
        self.path, self.users, self.profiles = Path(name), 0, new_profiles(engine)
        self.input_watch = InputWatch(name, {})


class FakeManager:
    """Two versions of one model, and one that is broken."""

    def __init__(self):
        self.servables = {
            1: FakeServable("half_plus_two", 1, HalfPlusTwo(1)),
            123: FakeServable("half_plus_two", 123, HalfPlusTwo()),
        }
        self.labels = {"stable": 1}

    def acquire(self, spec):
        if spec.label not in (None, *self.labels):
            raise invalid_argument(f"Unrecognized servable version label: {spec.label}")
        version = self.labels.get(spec.label, spec.version or 123)
        if spec.name != "half_plus_two" or version not in self.servables:
            raise StatusError(Code.NOT_FOUND, f"Servable not found for request: {spec}")
        self.servables[version].users += 1
        return self.servables[version]

    def release(self, servable):
        servable.users -= 1

    @contextlib.contextmanager
    def use(self, spec):
        servable = self.acquire(spec)
        try:
            yield servable
        finally:
            self.release(servable)

    def status(self, name, version=None, label=None):
        rows = [
            VersionStatus(124, State.END, "it is corrupt", Code.DATA_LOSS),
            VersionStatus(123, State.AVAILABLE),
        ]
        if name != "half_plus_two":
            raise StatusError(
                Code.NOT_FOUND, f"Could not find any versions of model {name}"
            )
        return [row for row in rows if version in (None, row.version)]

    def current(self):
        return [self.servables[123]]

    def names(self):
        return ["half_plus_two"]

    def waited_for(self):
        return []


class RunningServer:
    """A gRPC server with these models in a thread.

    Attributes:
        address: Host and port.
        manager: The models.
        reloaded: The configurations that were taken.
        metrics: Of the requests.
        request_log: Of the requests.
        pending: What the requests hold.
    """

    def __init__(self, socket_path=None, **options):
        self.manager = FakeManager()
        self.reloaded = []
        self.metrics, self.request_log = Metrics(), RequestLog()
        self._options = ServerOptions(**options)
        self.pending = PendingBytes(
            self._options.max_pending_bytes, self._options.body_timeout_seconds
        )
        self._socket_path = socket_path
        self._started = threading.Event()
        self._error = None

    def __enter__(self):
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._started.wait(30)
        if self._error is not None:
            raise self._error
        return self

    def __exit__(self, *exc_info):
        self.stop(0)

    def stop(self, drain_seconds):
        self._drain_seconds = drain_seconds
        self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self):
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve())

    async def _serve(self):
        self.loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        scheduler = Scheduler(self.loop, self._options)
        bodies = BodyPool()
        readiness = Readiness(self.loop, self.manager, scheduler)
        server = GrpcServer(
            self.manager,
            scheduler,
            readiness,
            self._options,
            self._reload,
            Telemetry(self.metrics, self.manager),
            self.request_log,
            self.pending,
            bodies,
        )
        try:
            port = await server.start(self._options.port, self._socket_path)
        except Exception as error:
            self._error = error
            self._started.set()
            return
        self.address = f"127.0.0.1:{port}"
        self._started.set()
        await self._stop.wait()
        await server.stop(self._drain_seconds)
        scheduler.close()
        bodies.close()

    async def _reload(self, config):
        names = [model.name for model in config.model_config_list.config]
        if "refused" in names:
            raise invalid_argument("refused is not a model.")
        self.reloaded.append(names)
