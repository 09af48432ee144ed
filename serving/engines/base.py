"""The interface of an engine."""

import abc
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from serving.protocol.signature_def import SignatureDef


class Engine(abc.ABC):
    """Loads one version of a model and runs its signatures.

    A subclass sets `name` and `artifact`, defines the constructor and the methods, and
    is decorated with `@serving.register_engine`. Its module imports the library that
    computes inside these functions, so that the other engines do not load it.

    Args:
        version_path: The version folder; `artifact` is in it.

    Attributes:
        name: What `engine=` and `--engine` call it.
        artifact: The file that it runs, relative to the version folder.
        library: The module that computes. Workers import it before they are forked, so
            one that died is replaced without waiting for it.
        priority: `auto` takes the engine with the highest one whose artifact is there.
        signatures: The signatures of the loaded model, by name.
    """

    name: ClassVar[str]
    artifact: ClassVar[str]
    library: ClassVar[str] = ""
    priority: ClassVar[int] = 0
    signatures: Mapping[str, SignatureDef]

    @abc.abstractmethod
    def __init__(self, version_path: Path) -> None: ...

    @abc.abstractmethod
    def predict(
        self, signature_name: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """Runs one signature on arrays that fit its inputs, thread-safe.

        Strings are `bytes` in object arrays, in inputs and outputs.

        Raises:
            StatusError: INVALID_ARGUMENT when the model refuses the values.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """Frees the model; nothing may be called afterwards."""
