"""One version of one model, from START to END."""

import logging
from pathlib import Path

from export import inspection, manifest
from serving.engines import choose_engine, load_engine
from serving.engines.base import Engine
from serving.errors import StatusError
from serving.models.load_errors import load_error
from serving.options import ServerOptions
from serving.protocol.documents import State

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
            if not options.trust:
                chosen = choose_engine(self.path, options.engine)
                inspection.check(self.path, chosen.artifact)
            self._engine = load_engine(self.path, options.engine, options)
            self._warm_up(self._engine)
        except Exception as error:
            # Whatever a library raises on a bad artifact: the other models and
            # the previous version go on, and the status says what happened.
            raise load_error(error) from error

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
