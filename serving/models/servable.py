"""One version of one model, from START to END."""

import logging
from pathlib import Path

from export import inspection, manifest
from serving.engines import choose_engine, load_engine
from serving.engines.base import Engine
from serving.errors import StatusError
from serving.models.repository import fingerprint
from serving.options import ServerOptions
from serving.protocol.documents import State, VersionStatus
from zoo.errors import ZooError

logger = logging.getLogger(__name__)


class Servable:
    """A version with its state and the number of requests in flight.

    The manager's lock guards `users` and the changes of `state` after loading.
    """

    def __init__(self, name: str, version: int, path: Path) -> None:
        self.name = name
        self.version = version
        self.path = path
        self.state = State.START
        self.users = 0
        self._engine: Engine | None = None
        self._error_message = ""
        self._fingerprint: tuple = ()

    @property
    def engine(self) -> Engine:
        """The loaded engine, there from AVAILABLE until `release_engine`."""
        assert self._engine is not None
        return self._engine

    @property
    def status(self) -> VersionStatus:
        """What the status document says of this version."""
        return VersionStatus(self.version, self.state, self._error_message)

    def load(self, options: ServerOptions) -> bool:
        """Verifies, inspects, loads and warms up; on failure `status` says why."""
        self.state = State.LOADING
        try:
            self._fingerprint = fingerprint(self.path)
            if (self.path / manifest.FILE).exists():
                manifest.check_files(self.path, manifest.read(self.path))
            if not options.trust:
                chosen = choose_engine(self.path, options.engine)
                inspection.check(self.path, chosen.artifact)
            self._engine = load_engine(self.path, options.engine, options)
            self._warm_up(self._engine)
        except Exception as error:
            # Whatever a library raises on a bad artifact: the other models and
            # the previous version go on, and the status says what happened.
            self._error_message = one_line(error)
            self.state = State.END
            return False
        self.state = State.AVAILABLE
        return True

    def failed_unchanged(self) -> bool:
        """Whether loading failed and nothing in the folder has changed since."""
        return bool(self._error_message) and self._fingerprint == fingerprint(self.path)

    def release_engine(self) -> Engine | None:
        """Returns the engine for the caller to close, and None to all later callers."""
        engine, self._engine = self._engine, None
        return engine

    def _warm_up(self, engine: Engine) -> None:
        """Runs each signature once on zeros, where all sizes are known.

        So the first request does not pay for tracing and allocation. A model that
        refuses zeros is served all the same; a line in the log says so.
        """
        for name, signature in engine.signatures.items():
            zeros = {key: info.zeros() for key, info in signature.inputs.items()}
            inputs = {key: array for key, array in zeros.items() if array is not None}
            if len(inputs) < len(zeros):
                continue
            try:
                engine.predict(name, inputs)
            except StatusError as error:
                logger.warning(
                    "%s version %d is served without warm-up of %s: %s",
                    self.name,
                    self.version,
                    name,
                    error,
                )


def one_line(error: Exception) -> str:
    """Formats an error for the log and the status, with its class unless it is ours."""
    text = " ".join(str(error).split())
    return text if isinstance(error, ZooError) else f"{type(error).__name__}: {text}"
