"""One version of one model, from START to END."""

from collections.abc import Mapping
from pathlib import Path

from export import manifest
from serving.engines.base import Engine
from serving.models.input_watch import InputWatch, watch_of
from serving.models.load_errors import load_error
from serving.models.loading import load_version
from serving.models.memory import release_free_memory
from serving.models.profile import Profile
from serving.models.warmup import new_profiles, warm_up
from serving.options import ServerOptions
from serving.protocol.documents import State


class Servable:
    """A version with its state and the number of requests in flight.

    The manager's lock guards `users` and the changes of `state` after loading;
    `profiles`, by signature, are the scheduler's.
    """

    def __init__(self, name: str, version: int, path: Path) -> None:
        self.name = name
        self.version = version
        self.path = path
        self.state = State.START
        self.users = 0
        self.profiles: Mapping[str, Profile] = {}
        self.input_watch = InputWatch(name, {})
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        """The loaded engine, there from AVAILABLE until `release_engine`."""
        assert self._engine is not None
        return self._engine

    def load(self, options: ServerOptions) -> None:
        """Verifies, inspects, loads and warms up.

        Raises:
            StatusError: When it cannot be loaded.
        """
        self.state = State.LOADING
        try:
            if (self.path / manifest.FILE).exists():
                manifest.check_files(self.path, manifest.read(self.path))
            self._engine = load_version(self.path, options)
            self.input_watch = watch_of(self.name, self.path, options.worker_count)
            if options.enable_model_warmup:
                self.profiles = warm_up(self._engine, self.path)
            else:
                self.profiles = new_profiles(self._engine)
            release_free_memory()
        except Exception as error:
            # Whatever a library raises on a bad artifact: the other models and
            # the previous version go on, and the status says what happened.
            raise load_error(error) from error

    def release_engine(self) -> Engine | None:
        """Returns the engine for the caller to close, and None to all later callers."""
        engine, self._engine = self._engine, None
        return engine
