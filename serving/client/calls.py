"""What the calls of every client have in common: a flow each."""

import abc
import time
from collections.abc import Generator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from serving.client.casting import cast
from serving.client.errors import RequestError
from serving.client.signatures import numpy_dtype, read_signatures
from serving.errors import Code
from serving.protocol.model_spec import ModelSpec
from serving.protocol.signature_def import DEFAULT_SIGNATURE_NAME, SignatureDef

METADATA_SECONDS = 30.0  # The latest version, or that of a label, may be another then.

T = TypeVar("T")
Flow = Generator[Any, Any, T]
Examples = Sequence[Mapping[str, Any]]
Context = Mapping[str, Any] | None


class Calls(abc.ABC):
    """The calls of a client of one server; an API is a subclass."""

    def __init__(self) -> None:
        self._signatures: dict[ModelSpec, tuple[float, dict[str, SignatureDef]]] = {}

    @abc.abstractmethod
    def predict(
        self, spec: ModelSpec, inputs: Mapping[str, Any], signature_name: str | None
    ) -> Flow[dict[str, np.ndarray]]:
        """Sends arrays; the answer has the types of the metadata."""

    @abc.abstractmethod
    def classify(
        self,
        spec: ModelSpec,
        examples: Examples,
        signature_name: str | None,
        context: Context,
    ) -> Flow[list[list[tuple[str, float]]]]:
        """Sends examples; the answer has a list of labels and scores for each."""

    @abc.abstractmethod
    def regress(
        self,
        spec: ModelSpec,
        examples: Examples,
        signature_name: str | None,
        context: Context,
    ) -> Flow[np.ndarray]:
        """Sends examples; the answer has a number for each."""

    @abc.abstractmethod
    def status(self, spec: ModelSpec) -> Flow[dict[str, Any]]:
        """Asks for the states of versions."""

    @abc.abstractmethod
    def metadata(self, spec: ModelSpec) -> Flow[dict[str, Any]]:
        """Asks for the signatures."""

    def _signature(self, spec: ModelSpec, name: str | None) -> Flow[SignatureDef]:
        """Returns a signature of a version; that of a pinned version is asked once."""
        since, known = self._signatures.get(spec, (-METADATA_SECONDS, {}))
        is_old = time.monotonic() - since > METADATA_SECONDS
        if not known or (spec.version is None and is_old):
            known = read_signatures((yield from self.metadata(spec)))
            self._signatures[spec] = (time.monotonic(), known)
        name = name or DEFAULT_SIGNATURE_NAME
        if name not in known:
            raise RequestError(
                Code.INVALID_ARGUMENT,
                f'{spec.name} has no signature "{name}"; it has {", ".join(known)}.',
            )
        return known[name]

    def _forget(self, spec: ModelSpec) -> None:
        """Drops what is known of a version, which is another by now."""
        self._signatures.pop(spec, None)


def cast_inputs(
    inputs: Mapping[str, Any], signature: SignatureDef
) -> dict[str, np.ndarray]:
    """Returns arrays of the types that a signature takes.

    Raises:
        ServingError: If one does not fit.
    """
    return {
        name: cast(name, value, numpy_dtype(signature.inputs.get(name)))
        for name, value in inputs.items()
    }
