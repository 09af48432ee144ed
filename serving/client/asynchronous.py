"""What clients for asyncio have in common: the calls, and how a flow runs."""

import abc
import asyncio
from collections.abc import Generator, Mapping, Sequence
from typing import Any, Self, TypeVar

import numpy as np

from serving.client.calls import Calls
from serving.client.errors import TransportError
from serving.client.retries import Pause
from serving.protocol.model_spec import ModelSpec

T = TypeVar("T")


class AsynchronousClient(abc.ABC):
    """Runs the flows of `calls` in the event loop of the caller.

    Args:
        calls: What each method sends.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def predict(
        self,
        name: str,
        inputs: Mapping[str, Any],
        *,
        version: int | None = None,
        label: str | None = None,
        signature_name: str | None = None,
    ) -> dict[str, np.ndarray]:
        """See `BlockingClient.predict`."""
        spec = ModelSpec(name, version, label)
        return await self._run(self._calls.predict(spec, inputs, signature_name))

    async def classify(
        self,
        name: str,
        examples: Sequence[Mapping[str, Any]],
        *,
        version: int | None = None,
        label: str | None = None,
        signature_name: str | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> list[list[tuple[str, float]]]:
        """See `BlockingClient.classify`."""
        spec = ModelSpec(name, version, label)
        return await self._run(
            self._calls.classify(spec, examples, signature_name, context)
        )

    async def regress(
        self,
        name: str,
        examples: Sequence[Mapping[str, Any]],
        *,
        version: int | None = None,
        label: str | None = None,
        signature_name: str | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> np.ndarray:
        """See `BlockingClient.regress`."""
        spec = ModelSpec(name, version, label)
        return await self._run(
            self._calls.regress(spec, examples, signature_name, context)
        )

    async def status(
        self, name: str, version: int | None = None, *, label: str | None = None
    ) -> dict[str, Any]:
        """See `BlockingClient.status`."""
        return await self._run(self._calls.status(ModelSpec(name, version, label)))

    async def metadata(
        self, name: str, version: int | None = None, *, label: str | None = None
    ) -> dict[str, Any]:
        """See `BlockingClient.metadata`."""
        return await self._run(self._calls.metadata(ModelSpec(name, version, label)))

    @abc.abstractmethod
    async def close(self) -> None:
        """Closes the connections."""

    @abc.abstractmethod
    async def _perform(self, request: Any) -> Any:
        """Sends a request of a flow and returns its answer.

        Raises:
            TransportError: If none comes.
        """

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def _run(self, flow: Generator[Any, Any, T]) -> T:
        try:
            step = next(flow)
            while True:
                try:
                    answer = await self._step(step)
                except TransportError as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(answer)
        except StopIteration as end:
            return end.value

    async def _step(self, step: Any) -> Any:
        if isinstance(step, Pause):
            return await asyncio.sleep(step.seconds)
        return await self._perform(step)
