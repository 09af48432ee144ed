"""Suppresses log messages of TensorFlow that do not concern users.

`zoo` loads this file without the rest of the package, which imports Keras.
"""

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import logging
import os
import sys
import types
from collections.abc import Iterator, Sequence

LEVEL = "TF_CPP_MIN_LOG_LEVEL"
_LOADING = "loading TensorFlow ..."


def install() -> None:
    """Makes a later import of TensorFlow silent, unless another log level is set."""
    os.environ.setdefault(LEVEL, "3")
    if "tensorflow" not in sys.modules:
        sys.meta_path.insert(0, QuietTensorFlow())


class QuietTensorFlow(importlib.abc.MetaPathFinder):
    """Silences file descriptor 2 while `tensorflow` is being imported.

    Its libraries log there from C++ before a log level applies, and an error message
    should stand alone. Exceptions still propagate. Afterwards its logger is set to
    errors only: it warns about retracing from the sixth model on.
    """

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """Finds `tensorflow` as usual, with a quiet loader."""
        if fullname != "tensorflow":
            return None
        sys.meta_path.remove(self)
        if os.environ.get(LEVEL) != "3":
            return None
        spec = importlib.util.find_spec(fullname)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def execute_quietly(module: types.ModuleType) -> None:
            with _announced(), _silent_stderr():
                execute(module)
            logging.getLogger("tensorflow").setLevel(logging.ERROR)

        spec.loader.exec_module = execute_quietly
        return spec


@contextlib.contextmanager
def _announced() -> Iterator[None]:
    """Says on a terminal, for as long as it takes, what is waited for."""
    if not sys.stderr.isatty():
        yield
        return
    print(_LOADING, end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        clear = len(_LOADING) * " "
        print(f"\r{clear}\r", end="", file=sys.stderr, flush=True)


@contextlib.contextmanager
def _silent_stderr() -> Iterator[None]:
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
