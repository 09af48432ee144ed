"""The interface of an engine."""

import abc
import dataclasses
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from serving.options import ServerOptions
from serving.protocol.signature_def import SignatureDef


@dataclasses.dataclass(frozen=True)
class Traits:
    """What has to be known of a signature to decide when and where it runs.

    Args:
        has_loops: Whether its time may depend on values, not on sizes alone.
        has_side_effects: Whether a call may change what later calls answer.
    """

    has_loops: bool = True
    has_side_effects: bool = True


class Engine(abc.ABC):
    """Loads one version of a model and runs its signatures.

    A subclass sets `name` and `artifact`, defines the constructor and the methods, and
    is decorated with `@serving.register_engine`. Its module imports the library that
    computes inside these functions, so that the other engines do not load it.

    Args:
        version_path: The version folder; `artifact` is in it.
        options: Of the server; an engine takes what concerns it.

    Attributes:
        name: What `engine=` and `--engine` call it.
        artifact: The file that it runs, relative to the version folder.
        library: The module that computes. Workers import it before they are forked, so
            one that died is replaced without waiting for it.
        priority: `auto` takes the engine with the highest one whose artifact is there.
        is_single_threaded: Whether a call computes in the thread that makes it alone.
        signatures: The signatures of the loaded model, by name.
    """

    name: str
    artifact: ClassVar[str]
    library: ClassVar[str] = ""
    priority: ClassVar[int] = 0
    is_single_threaded: bool = False
    signatures: Mapping[str, SignatureDef]

    @abc.abstractmethod
    def __init__(self, version_path: Path, options: ServerOptions) -> None: ...

    @abc.abstractmethod
    def predict(
        self, signature_name: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """Runs one signature on arrays of its inputs' types, thread-safe.

        Strings are `bytes` in object arrays, in inputs and outputs.

        Raises:
            StatusError: With the canonical code of what the model refuses.
        """

    def predict_jointly(
        self, signature_names: Collection[str], inputs: Mapping[str, np.ndarray]
    ) -> dict[str, dict[str, np.ndarray]]:
        """Runs signatures that have the same inputs, at once where an engine can.

        Returns:
            The outputs of each signature.

        Raises:
            StatusError: With the canonical code of what the model refuses.
        """
        return {name: self.predict(name, inputs) for name in signature_names}

    def traits(self, signature_name: str) -> Traits:
        """Returns the traits of a signature; without knowledge, the careful ones."""
        return Traits()

    def is_ready(self, signature_name: str) -> bool:
        """Whether a call of a signature has nothing to load first."""
        return True

    @abc.abstractmethod
    def close(self) -> None:
        """Frees the model; nothing may be called afterwards."""
