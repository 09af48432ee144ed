"""The loaded versions of a worker, and which of them answer requests."""

import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from serving.engines import find_engines
from serving.errors import Code, StatusError, invalid_argument
from serving.models.servable import Servable
from serving.options import ServerOptions
from serving.protocol.documents import State, VersionStatus
from serving.protocol.model_spec import ModelSpec

logger = logging.getLogger(__name__)

Key = tuple[str, int]


class ModelManager:
    """Loads versions, and answers with those that have been published.

    The control plane decides: it lets every worker load a version, publishes a table
    in which the version is available, and then one in which the old one is not; that
    is unloaded here after the last request that uses it.

    Args:
        options: Of the server: what is loaded, and with which engine.
        on_unloaded: Called with name and version when a version has been unloaded, in
            the thread of its last request.
    """

    def __init__(
        self,
        options: ServerOptions,
        on_unloaded: Callable[[str, int], object] = lambda name, version: None,
    ) -> None:
        find_engines(options.engine)  # An unknown name is an error now.
        self._options = options
        self._on_unloaded = on_unloaded
        self._servables: dict[Key, Servable] = {}
        self._available: dict[str, dict[int, Servable]] = {}
        self._statuses: dict[str, list[VersionStatus]] = {}
        self._labels: dict[str, dict[str, int]] = {}
        self._wanted: set[str] = set()
        self._lock = threading.Lock()

    def load(self, name: str, version: int, path: Path) -> Servable:
        """Loads a version, which answers once it is published.

        Raises:
            StatusError: When it cannot be loaded.
        """
        servable = Servable(name, version, path)
        servable.load(self._options)
        with self._lock:
            self._servables[name, version] = servable
        return servable

    def publish(self, table: Mapping[str, Any]) -> None:
        """Takes over which versions are available, and unloads those that are not.

        Args:
            table: By model, `labels` (numbers by label), `versions` (rows of version,
                state, code and message, the newest first), and whether it `is_wanted`.
        """
        statuses = {
            name: [
                VersionStatus(version, State[state], message, Code(code))
                for version, state, code, message in model["versions"]
            ]
            for name, model in table.items()
        }
        available = {
            (name, row.version)
            for name, rows in statuses.items()
            for row in rows
            if row.state is State.AVAILABLE
        }
        with self._lock:
            by_name: dict[str, dict[int, Servable]] = {}
            for name, version in sorted(available & self._servables.keys()):
                servable = self._servables[name, version]
                servable.state = State.AVAILABLE
                by_name.setdefault(name, {})[version] = servable
            kept = available | {
                (name, row.version)
                for name, rows in statuses.items()
                for row in rows
                if row.state is State.LOADING
            }
            withdrawn = [
                servable for key, servable in self._servables.items() if key not in kept
            ]
            for servable in withdrawn:
                servable.state = State.UNLOADING
            self._available, self._statuses = by_name, statuses
            self._labels = {name: model["labels"] for name, model in table.items()}
            self._wanted = {name for name, model in table.items() if model["is_wanted"]}
        for servable in withdrawn:
            self._unload_if_idle(servable)

    def acquire(self, spec: ModelSpec) -> Servable:
        """Returns an available version, and keeps it loaded until it is released.

        Without version and label it is the one with the greatest number.

        Raises:
            StatusError: NOT_FOUND when it is not available, INVALID_ARGUMENT for a
                label that the model has not.
        """
        with self._lock:
            version = self._version(spec)
            versions = self._available.get(spec.name, {})
            servable = versions.get(
                max(versions, default=0) if version is None else version
            )
            if servable is None:
                found = ModelSpec(spec.name, version)
                raise StatusError(
                    Code.NOT_FOUND, f"Servable not found for request: {found}"
                )
            servable.users += 1
        return servable

    def release(self, servable: Servable) -> None:
        """Ends one use of a version."""
        with self._lock:
            servable.users -= 1
        self._unload_if_idle(servable)

    def use(self, spec: ModelSpec) -> "Use":
        """Acquires a version, and releases it at the end of the block."""
        return Use(self, spec)

    def current(self) -> list[Servable]:
        """Returns the newest available version of each model, by name."""
        with self._lock:
            return [
                versions[max(versions)]
                for _, versions in sorted(self._available.items())
            ]

    def status(
        self, name: str, version: int | None = None, label: str | None = None
    ) -> list[VersionStatus]:
        """Returns the state of one or all versions, newest first.

        Raises:
            StatusError: NOT_FOUND for a model or version never seen, INVALID_ARGUMENT
                for a label that the model has not.
        """
        with self._lock:
            version = self._version(ModelSpec(name, version, label))
            rows = [
                row
                for row in self._statuses.get(name, [])
                if version in (None, row.version)
            ]
        if rows:
            return rows
        what = "any versions" if version is None else f"version {version}"
        raise StatusError(Code.NOT_FOUND, f"Could not find {what} of model {name}")

    def names(self) -> list[str]:
        """Returns the models that are asked for and have a version, loaded or not."""
        with self._lock:
            return sorted(name for name in self._wanted if self._statuses[name])

    def waited_for(self) -> list[str]:
        """Returns the models that are asked for and have no version yet."""
        with self._lock:
            return sorted(name for name in self._wanted if not self._statuses[name])

    def close(self) -> None:
        """Unloads everything, each version after its last request."""
        self.publish({})

    def _version(self, spec: ModelSpec) -> int | None:
        if spec.version is not None or spec.label is None:
            return spec.version
        version = self._labels.get(spec.name, {}).get(spec.label)
        if version is None:
            raise invalid_argument(f"Unrecognized servable version label: {spec.label}")
        return version

    def _unload_if_idle(self, servable: Servable) -> None:
        with self._lock:
            # Nobody can join a version that is UNLOADING, so no users is final.
            if servable.state is not State.UNLOADING or servable.users:
                return
            engine = servable.release_engine()
            if engine is None:
                return
            del self._servables[servable.name, servable.version]
        engine.close()
        servable.state = State.END
        self._on_unloaded(servable.name, servable.version)


class Use:
    """A version that is kept loaded during a block.

    Args:
        manager: Of the version.
        spec: Which one.
    """

    __slots__ = ("_manager", "_servable", "_spec")

    def __init__(self, manager: ModelManager, spec: ModelSpec) -> None:
        self._manager = manager
        self._spec = spec

    def __enter__(self) -> Servable:
        self._servable = self._manager.acquire(self._spec)
        return self._servable

    def __exit__(self, *exc_info: object) -> None:
        self._manager.release(self._servable)
