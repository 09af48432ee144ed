"""Keeps the newest version of every model loaded."""

import contextlib
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

from serving.engines import find_engines
from serving.errors import Code, StatusError
from serving.models.repository import ModelRepository, find_versions
from serving.models.servable import Servable
from serving.protocol.documents import State, VersionStatus
from serving.protocol.model_spec import ModelSpec

logger = logging.getLogger(__name__)


class ModelManager:
    """Loads the newest version of each model and swaps when a newer one appears.

    `refresh` is the one mechanism, at the start and at each poll: for every
    model it loads the newest version that can be loaded, switches to it, and
    unloads the old version after the last request that uses it. A version that
    fails is tried again only when its folder changes.

    Args:
        repository: Where the models are.
        engine: `auto`, or the name of an engine.
        trust: Load models that touch more than their own files, too.
    """

    def __init__(
        self, repository: ModelRepository, engine: str = "auto", trust: bool = False
    ) -> None:
        find_engines(engine)  # An unknown name is an error now, not at each load.
        self._repository = repository
        self._engine = engine
        self._trust = trust
        self._servables: dict[str, dict[int, Servable]] = {}
        self._current: dict[str, Servable] = {}
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()

    def refresh(self) -> None:
        """Loads and unloads versions to match what is on disk.

        Raises:
            OSError: When the folder cannot be read; what is loaded stays.
        """
        with self._refreshing:
            models = self._repository.find_models()
            failed = [
                servable
                for name, path in models.items()
                for servable in self._refresh_model(name, path)
            ]
            for name in self._current.keys() - models.keys():
                self._switch(name, None)
            # With nothing to serve the caller reports `failures` and gives up.
            for servable in failed if self._current else []:
                logger.error(
                    "%s version %d was not loaded: %s",
                    servable.name,
                    servable.version,
                    servable.status.error_message,
                )

    def acquire(self, spec: ModelSpec) -> Servable:
        """Returns a loaded version, and keeps it loaded until it is released.

        Raises:
            StatusError: NOT_FOUND when it is not loaded.
        """
        with self._lock:
            servable = self._current.get(spec.name)
            if servable is None or spec.version not in (None, servable.version):
                raise StatusError(
                    Code.NOT_FOUND, f"Servable not found for request: {spec}"
                )
            servable.users += 1
        return servable

    def release(self, servable: Servable) -> None:
        """Ends one use of a version."""
        with self._lock:
            servable.users -= 1
        self._unload_if_idle(servable)

    @contextlib.contextmanager
    def use(self, spec: ModelSpec) -> Iterator[Servable]:
        """Acquires a version, and releases it at the end of the block."""
        servable = self.acquire(spec)
        try:
            yield servable
        finally:
            self.release(servable)

    def current(self) -> list[Servable]:
        """Returns the loaded version of each model, by name."""
        with self._lock:
            return [self._current[name] for name in sorted(self._current)]

    def names(self) -> list[str]:
        """Returns the name of each model, whether a version of it is loaded or not."""
        with self._lock:
            return sorted(self._servables)

    def status(self, name: str, version: int | None = None) -> list[VersionStatus]:
        """Returns the state of one or all versions, newest first.

        Raises:
            StatusError: NOT_FOUND for a model or version never seen.
        """
        with self._lock:
            rows = [
                servable.status
                for number, servable in sorted(self._servables.get(name, {}).items())
                if version in (None, number)
            ]
        if rows:
            return rows[::-1]
        what = "any versions" if version is None else f"version {version}"
        raise StatusError(Code.NOT_FOUND, f"Could not find {what} of model {name}")

    def failures(self) -> list[str]:
        """Returns a line for each version that could not be loaded."""
        with self._lock:
            return [
                f"{name} version {version}: {servable.status.error_message}"
                for name, versions in sorted(self._servables.items())
                for version, servable in sorted(versions.items())
                if servable.status.error_message
            ]

    def close(self) -> None:
        """Unloads everything, each version after its last request."""
        with self._refreshing:
            for name in list(self._current):
                self._switch(name, None)

    def _refresh_model(self, name: str, model_path: Path) -> list[Servable]:
        failed = []
        current = self._current.get(name)
        for version, path in sorted(find_versions(model_path).items(), reverse=True):
            if current is not None and version == current.version:
                break
            known = self._servables.get(name, {}).get(version)
            if known is not None and known.failed_unchanged():
                continue
            servable = Servable(name, version, path)
            with self._lock:
                self._servables.setdefault(name, {})[version] = servable
            if servable.load(self._engine, self._trust):
                self._switch(name, servable)
                break
            failed.append(servable)
        return failed

    def _switch(self, name: str, servable: Servable | None) -> None:
        with self._lock:
            old = self._current.pop(name, None)
            if servable is not None:
                self._current[name] = servable
            if old is not None:
                old.state = State.UNLOADING
        if servable is not None:
            logger.info("Loaded %s version %d", name, servable.version)
        if old is not None:
            logger.info("Unloading %s version %d", name, old.version)
            self._unload_if_idle(old)

    def _unload_if_idle(self, servable: Servable) -> None:
        with self._lock:
            # Nobody can join a version that is UNLOADING, so no users is final.
            if servable.state is not State.UNLOADING or servable.users:
                return
            engine = servable.release_engine()
        if engine is not None:
            engine.close()
            servable.state = State.END
