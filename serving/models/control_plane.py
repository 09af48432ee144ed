"""Decides which versions the workers load, and when they switch."""

import asyncio
import base64
import contextlib
import dataclasses
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from serving.errors import Code, ServingError, StatusError
from serving.models.config import Configuration, parse_config, read_config
from serving.models.repository import ModelConfig, find_versions, fingerprint
from serving.options import ServerOptions
from serving.protocol.documents import State

if TYPE_CHECKING:
    from google.protobuf.message import Message

logger = logging.getLogger(__name__)

Key = tuple[str, int]
_NOT_LOADED = "%s version %d was not loaded: %s"


class WorkerGone(Exception):  # noqa: N818 (it is an event as much as an error)
    """A worker has ended before it answered; the message says of what."""


class Worker(Protocol):
    """What the control plane knows of a worker.

    Attributes:
        loaded: What it has loaded, kept by the control plane.
    """

    loaded: set[Key]

    async def request(self, kind: str, payload: Any = None) -> Any:
        """See `serving.transport.channel`.

        Raises:
            StatusError: What it answers.
            WorkerGone: When it has died.
        """


@dataclasses.dataclass
class Version:
    """A version of a model, on all workers."""

    path: Path
    state: State = State.START
    code: Code = Code.OK
    message: str = ""
    engine: str = ""
    failures: int = 0
    retry_at: float = 0.0
    tried: tuple = ()


class ControlPlane:
    """Keeps on every worker the versions that the configuration asks for.

    `refresh` is the one mechanism, at the start and at each poll. A version is loaded
    by every worker before it is published as available on all of them; only then the
    one that it replaces is withdrawn. A version that fails is tried again after
    `load_retry_interval_micros`, `max_num_load_retries` times, and whenever its folder
    changes; until then the older one goes on, and at the start stands in.

    Args:
        options: Of the server.
        configuration: Which models there are.
    """

    def __init__(self, options: ServerOptions, configuration: Configuration) -> None:
        self._options = options
        self._configuration = configuration
        self._workers: list[Worker] = []
        self._versions: dict[str, dict[int, Version]] = {}
        self._refreshing = asyncio.Lock()
        self._admitted = asyncio.Event()
        self._wanted: set[str] = set()
        self._reported: dict[str, str] = {}
        self._is_started = False

    def available(self) -> list[tuple[str, int, Version]]:
        """Returns name, number and version of what answers requests, by name."""
        return [
            (name, number, version)
            for name, versions in sorted(self._versions.items())
            for number, version in sorted(versions.items())
            if version.state is State.AVAILABLE
        ]

    def handlers(self) -> dict[str, Callable[[Any, Any], Awaitable[Any]]]:
        """Returns what answers the requests of a worker, given it and the payload."""
        return {
            "unloaded": self._on_unloaded,
            "metrics": self._metrics,
            "reload_config": self._on_reload_config,
        }

    async def wait_for(self, count: int) -> None:
        """Waits until that many workers take part."""
        while len(self._workers) < count:
            self._admitted.clear()
            await self._admitted.wait()

    async def start(self) -> None:
        """Loads what is there.

        Raises:
            ServingError: When there are versions and none of them can be loaded.
        """
        if self._options.file_system_poll_wait_seconds >= 0:
            await self.refresh()
        self._is_started = True
        failures = [
            (name, number, version.message)
            for name, versions in sorted(self._versions.items())
            for number, version in sorted(versions.items())
            if version.message
        ]
        if failures and not self.available():
            lines = [
                f"{name} version {number}: {why}" for name, number, why in failures
            ]
            raise ServingError("No model could be loaded. " + " ".join(lines))
        for failure in failures:
            logger.error(_NOT_LOADED, *failure)

    async def poll(self) -> None:
        """Follows folders and config file at the intervals of the options, for ever."""
        await asyncio.gather(
            _every(self._options.file_system_poll_wait_seconds, self.refresh),
            _every(
                self._options.model_config_file_poll_wait_seconds,
                self._reload_config_file,
            ),
        )

    async def reload_config(self, config: "Message") -> None:
        """Takes over a `ModelServerConfig`, and loads the models that are new in it.

        Raises:
            StatusError: When it is refused, or a new model does not become available;
                that is then waited for.
        """
        before = self._versions.keys()
        available = {(name, number) for name, number, _ in self.available()}
        old = {model.name for model in self._configuration.models()} & before
        self._configuration.change(config, available)
        await self.refresh()
        served = {name for name, _, _ in self.available()}
        missing = [
            model
            for model in self._configuration.models()
            if model.name not in old | served
        ]
        if missing:
            reasons = ", ".join(self._why_missing(model) for model in missing)
            raise StatusError(
                Code.UNKNOWN,
                f"{len(missing)} model(s) did not become available: {{{reasons}}}",
            )

    async def admit(self, worker: Worker) -> None:
        """Lets a worker load what is available; from then on it takes part.

        What no other worker has and this one cannot load any more has failed: the other
        versions go on without it.

        Raises:
            StatusError: When it cannot load what others have loaded.
            WorkerGone: When it has died.
        """
        while missing := [
            (name, number, version.path)
            for name, number, version in self.available()
            if (name, number) not in worker.loaded
        ]:
            for name, number, path in missing:
                try:
                    await self._load_on(worker, name, number, path)
                except (StatusError, WorkerGone) as error:
                    if any((name, number) in each.loaded for each in self._workers):
                        raise
                    self._lost(name, number, error)
                    if isinstance(error, WorkerGone):
                        raise
        self._workers.append(worker)
        self._admitted.set()
        await worker.request("publish", self._table())

    def dismiss(self, worker: Worker) -> None:
        """Forgets a worker that has died."""
        if worker in self._workers:
            self._workers.remove(worker)
            self._settle()

    async def _on_unloaded(self, worker: Worker, unloaded: Key) -> None:
        name, version = unloaded
        worker.loaded.discard((name, version))
        self._settle()

    async def _metrics(self, worker: Worker, payload: Any) -> list[Any]:
        """Returns the metrics of all workers."""
        answers = await asyncio.gather(
            *(each.request("metrics", payload) for each in self._workers),
            return_exceptions=True,
        )
        return [each for each in answers if not isinstance(each, BaseException)]

    async def _on_reload_config(self, worker: Worker, serialized: str) -> None:
        await self.reload_config(parse_config(base64.b64decode(serialized)))

    async def _reload_config_file(self) -> None:
        assert self._options.model_config_file is not None
        try:
            config = read_config(self._options.model_config_file)
            await self.reload_config(config)
        except ServingError as error:
            line = f"Failed to read ModelServerConfig file: {error}"
            self._report("config file", line)
        except StatusError as error:
            line = f"PollFilesystemAndReloadConfig failed to ReloadConfig: {error}"
            self._report("config file", line)
        else:
            self._reported.pop("config file", None)

    def _why_missing(self, model: ModelConfig) -> str:
        failed = [
            f"{{name: {model.name} version: {number} due to error: {version.message}}}"
            for number, version in self._versions.get(model.name, {}).items()
            if version.message
        ]
        if failed:
            return ", ".join(failed)
        return f"{{name: {model.name}: no version under {model.base_path}}}"

    async def refresh(self) -> None:
        """Loads and unloads versions to match configuration and folders."""
        async with self._refreshing:
            await self.wait_for(1)
            try:
                models = self._configuration.models()
            except OSError as error:
                self._report(
                    "models", f"Cannot read {error.filename}: {error.strerror}."
                )
            else:
                self._report_nothing(models)
                self._wanted = {model.name for model in models}
                limit = asyncio.Semaphore(max(1, self._options.num_load_threads))
                await asyncio.gather(
                    *(self._refresh_model(model, limit) for model in models)
                )
                for name in self._versions.keys() - self._wanted:
                    self._withdraw(name, keep=set())
                self._publish()

    async def _refresh_model(
        self, model: ModelConfig, limit: asyncio.Semaphore
    ) -> None:
        try:
            paths = find_versions(model.base_path)
        except OSError as error:
            # What is loaded goes on.
            self._report(
                model.name,
                f"Could not find base path {model.base_path} for servable "
                f"{model.name}: {error.strerror}. It is waited for.",
            )
            return
        if paths:
            self._reported.pop(model.name, None)
        else:
            self._report(
                model.name,
                f"No versions of servable {model.name} found under base path "
                f"{model.base_path}. Did you forget to name your leaf directory as a "
                "number (eg. '/1/')?",
            )
        known = self._versions.setdefault(model.name, {})
        self._report_versions(model, paths, known)
        candidates = model.policy.candidates(paths)
        count, kept = model.policy.count(candidates), set()
        for number in candidates:
            if len(kept) == count:
                break
            version = known.get(number)
            if version is None or version.state is not State.AVAILABLE:
                async with limit:
                    version = await self._try(model.name, number, paths[number])
            if version.state is State.AVAILABLE:
                kept.add(number)
        self._withdraw(model.name, kept)

    def _report_versions(
        self,
        model: ModelConfig,
        paths: Mapping[int, Path],
        known: Mapping[int, Version],
    ) -> None:
        """Warns of what the configuration asks for and does not get."""
        lines = [
            f"Version {number} of servable {model.name}, which was requested to be "
            "served as one of specific versions in the servable's config, was not "
            f"found under {model.base_path}."
            for number in model.policy.missing(paths)
        ]
        lines += [
            f"Version {number} of servable {model.name} is served from "
            f"{known[number].path}, and not from {path}: a version is loaded once. "
            "Give what is there another number."
            for number, path in sorted(paths.items())
            if number in known
            and known[number].state is State.AVAILABLE
            and known[number].path != path
        ]
        lines += [
            f"The folder of version {number} of servable {model.name} has changed "
            "since it was loaded: workers serve what they have loaded, and those that "
            "start from now on what is there then. Give what is there another number."
            for number, version in sorted(known.items())
            if version.state is State.AVAILABLE
            and paths.get(number) == version.path
            and _has_changed(version)
        ]
        about = f"versions of {model.name}"
        if lines:
            self._report(about, " ".join(lines))
        else:
            self._reported.pop(about, None)

    async def _try(self, name: str, number: int, path: Path) -> Version:
        """Loads a version unless it has failed and it is too early to try again."""
        version = self._versions[name].get(number)
        try:
            content = fingerprint(path)
        except OSError:  # It vanishes while it is looked at.
            content = ()
        is_new = version is None or version.tried != content or not version.message
        if version is not None and version.state is State.UNLOADING:
            return version
        if version is None or is_new:
            version = self._versions[name][number] = Version(path, tried=content)
        elif (
            version.failures > self._options.max_num_load_retries
            or time.monotonic() < version.retry_at
        ):
            return version
        version.state = State.LOADING
        self._publish()
        try:
            version.engine = await self._load_everywhere(name, number, path)
        except (StatusError, WorkerGone) as error:
            self._failed(name, number, version, error)
        else:
            version.state, version.code, version.message = State.AVAILABLE, Code.OK, ""
            logger.info("Loaded %s version %d (%s)", name, number, version.engine)
        self._publish()
        return version

    def _failed(
        self, name: str, number: int, version: Version, error: Exception
    ) -> None:
        version.state = State.END
        version.failures += 1
        interval = self._options.load_retry_interval_micros / 1e6
        if isinstance(error, StatusError):
            version.code = error.code
            version.retry_at = time.monotonic() + interval
        else:
            # It may have died of something else, once.
            version.code = Code.INTERNAL
            if version.failures > 1:
                version.retry_at = time.monotonic() + interval
        version.message = str(error)
        if self._is_started:
            logger.error(_NOT_LOADED, name, number, error)

    def _lost(self, name: str, number: int, error: Exception) -> None:
        """Withdraws a version that no worker has any more and none can load."""
        version = self._versions[name][number]
        if version.state is State.AVAILABLE:
            self._failed(name, number, version, error)
            self._publish()

    async def _load_everywhere(self, name: str, number: int, path: Path) -> str:
        """Returns the engine's name once all workers have loaded a version.

        While models are served, one worker tries it first: a version whose loading is
        deadly costs that one.
        """
        key = (name, number)
        engine = ""
        alone = bool(self.available())
        while missing := [each for each in self._workers if key not in each.loaded]:
            results = await asyncio.gather(
                *(
                    self._load_on(worker, name, number, path)
                    for worker in (missing[:1] if alone else missing)
                ),
                return_exceptions=True,
            )
            failed = [each for each in results if isinstance(each, BaseException)]
            if failed:
                self._unload(key)
                raise failed[0]
            engine, alone = str(results[0]), False
        if not any(key in worker.loaded for worker in self._workers):
            raise WorkerGone("No worker is left to load it.")
        return engine

    async def _load_on(self, worker: Worker, name: str, number: int, path: Path) -> str:
        payload = {"name": name, "version": number, "path": str(path)}
        answer = await worker.request("load", payload)
        worker.loaded.add((name, number))
        return answer["engine"]

    def _unload(self, key: Key) -> None:
        """Lets the workers that have loaded it drop a version that others could not."""
        for worker in self._workers:
            worker.loaded.discard(key)

    def _withdraw(self, name: str, keep: Iterable[int]) -> None:
        for number, version in self._versions.get(name, {}).items():
            if version.state is State.AVAILABLE and number not in keep:
                version.state = State.UNLOADING
                logger.info("Unloading %s version %d", name, number)
        self._publish()

    def _settle(self) -> None:
        """Ends versions that no worker has any more."""
        loaded = {key for worker in self._workers for key in worker.loaded}
        ended = [
            version
            for name, versions in self._versions.items()
            for number, version in versions.items()
            if version.state is State.UNLOADING and (name, number) not in loaded
        ]
        for version in ended:
            version.state = State.END
        if ended:
            self._publish()

    def _table(self) -> dict[str, Any]:
        return {
            name: {
                "is_wanted": name in self._wanted,
                "labels": self._configuration.labels.get(name, {}),
                "logging": base64.b64encode(
                    self._configuration.logging.get(name, b"")
                ).decode(),
                "versions": [
                    (number, version.state.name, int(version.code), version.message)
                    for number, version in sorted(
                        self._versions.get(name, {}).items(), reverse=True
                    )
                ],
            }
            for name in self._versions.keys() | self._wanted
        }

    def _publish(self) -> None:
        table = self._table()
        for worker in self._workers:
            _in_background(worker.request("publish", table))

    def _report_nothing(self, models: Sequence[ModelConfig]) -> None:
        base = self._options.model_base_path
        if models or base is None:
            self._reported.pop("models", None)
            return
        name = self._options.model_name or "MODEL"
        line = f"There is no {base}/VERSION and no {base}/{name}/VERSION yet. "
        if any(
            (Path(base) / each).exists() for each in ("saved_model.pb", "model.onnx")
        ):
            line += f"{base} is a version itself: give the folder that holds it."
        else:
            line += "They are waited for; a VERSION is a folder named by a number."
        self._report("models", line)

    def _report(self, about: str, line: str) -> None:
        """Warns of what each poll finds, once for as long as it stays."""
        if self._reported.get(about) != line:
            self._reported[about] = line
            logger.warning("%s", line)


def _has_changed(version: Version) -> bool:
    try:
        return fingerprint(version.path) != version.tried
    except OSError:  # It vanishes while it is looked at.
        return True


async def _every(seconds: float, act: Callable[[], Awaitable[None]]) -> None:
    while seconds > 0:
        await asyncio.sleep(seconds)
        await act()


_background: set[asyncio.Task] = set()


def _in_background(request: Awaitable[Any]) -> None:
    """Sends a request to a worker that may die before it answers."""

    async def send() -> None:
        with contextlib.suppress(WorkerGone):  # Its successor gets the table of then.
            await request

    task = asyncio.ensure_future(send())
    _background.add(task)
    task.add_done_callback(_background.discard)
