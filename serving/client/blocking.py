"""What blocking clients have in common: the calls, and how a flow runs."""

import abc
import time
from collections.abc import Generator, Mapping, Sequence
from typing import Any, Self, TypeVar

import numpy as np

from serving.client.calls import Calls
from serving.client.errors import TransportError
from serving.client.retries import Pause
from serving.protocol.model_spec import ModelSpec

T = TypeVar("T")


class BlockingClient(abc.ABC):
    """Runs the flows of `calls` in the thread of the caller.

    Args:
        calls: What each method sends.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def predict(
        self,
        name: str,
        inputs: Mapping[str, Any],
        *,
        version: int | None = None,
        label: str | None = None,
        signature_name: str | None = None,
    ) -> dict[str, np.ndarray]:
        """Sends arrays and returns the outputs by name.

        Args:
            name: The model.
            inputs: Arrays, or what `numpy.asarray` takes, by input name. Each gets the
                type of the model's input, without silent loss: see `casting.cast`.
            version: A version; the latest if None.
            label: A version label, in place of a version.
            signature_name: A signature; `serving_default` if None.

        Returns:
            Arrays of the types that the model's metadata says; object for str or bytes.

        Raises:
            ServingError: When an input does not fit its type.
            RequestError: When the server cannot be reached, refuses the request, or
                answers with something else.
        """
        spec = ModelSpec(name, version, label)
        return self._run(self._calls.predict(spec, inputs, signature_name))

    def classify(
        self,
        name: str,
        examples: Sequence[Mapping[str, Any]],
        *,
        version: int | None = None,
        label: str | None = None,
        signature_name: str | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> list[list[tuple[str, float]]]:
        """Sends examples and returns labels with scores, a list for each example.

        Args:
            name: The model.
            examples: Values by feature name.
            version: A version; the latest if None.
            label: A version label, in place of a version.
            signature_name: A signature; `serving_default` if None.
            context: Values by feature name that all examples share.

        Raises:
            RequestError: As `predict`.
        """
        spec = ModelSpec(name, version, label)
        return self._run(self._calls.classify(spec, examples, signature_name, context))

    def regress(
        self,
        name: str,
        examples: Sequence[Mapping[str, Any]],
        *,
        version: int | None = None,
        label: str | None = None,
        signature_name: str | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> np.ndarray:
        """As `classify`, but returns a float32 for each example."""
        spec = ModelSpec(name, version, label)
        return self._run(self._calls.regress(spec, examples, signature_name, context))

    def status(
        self, name: str, version: int | None = None, *, label: str | None = None
    ) -> dict[str, Any]:
        """Returns the status document of one or all versions of a model."""
        return self._run(self._calls.status(ModelSpec(name, version, label)))

    def metadata(
        self, name: str, version: int | None = None, *, label: str | None = None
    ) -> dict[str, Any]:
        """Returns the metadata document of a model: its signatures."""
        return self._run(self._calls.metadata(ModelSpec(name, version, label)))

    @abc.abstractmethod
    def close(self) -> None:
        """Closes the connections."""

    @abc.abstractmethod
    def _perform(self, request: Any) -> Any:
        """Sends a request of a flow and returns its answer.

        Raises:
            TransportError: If none comes.
        """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _run(self, flow: Generator[Any, Any, T]) -> T:
        try:
            step = next(flow)
            while True:
                try:
                    answer = self._step(step)
                except TransportError as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(answer)
        except StopIteration as end:
            return end.value

    def _step(self, step: Any) -> Any:
        if isinstance(step, Pause):
            return time.sleep(step.seconds)
        return self._perform(step)
