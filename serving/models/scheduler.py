"""Decides when and where an inference runs."""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from serving.errors import Code, StatusError
from serving.models.servable import Servable

logger = logging.getLogger(__name__)

Outputs = dict[str, np.ndarray]
Done = Callable[[Outputs | None, StatusError | None], None]


class Inference:
    """One call of a signature.

    Args:
        servable: The loaded version, acquired; the scheduler does not release it.
        signature_name: One of its signatures.
        inputs: Arrays that fit the signature, by input name.
        done: Called once with the outputs and None, or with None and the error, in the
            thread of the event loop.
        deadline: Time of the event loop's clock after which nobody waits; or None.
    """

    __slots__ = (
        "cancelled",
        "deadline",
        "done",
        "inputs",
        "servable",
        "signature_name",
    )

    def __init__(
        self,
        servable: Servable,
        signature_name: str,
        inputs: Mapping[str, np.ndarray],
        done: Done,
        deadline: float | None = None,
    ) -> None:
        self.servable = servable
        self.signature_name = signature_name
        self.inputs = inputs
        self.done = done
        self.deadline = deadline
        self.cancelled = False


class Scheduler:
    """Runs inferences beside the event loop.

    Args:
        loop: The event loop of the transports.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._executor = ThreadPoolExecutor(os.cpu_count(), "predict")

    def submit(self, inference: Inference) -> None:
        """Runs it now or soon; called in the thread of the event loop."""
        self._executor.submit(self._run, inference)

    async def run(
        self,
        servable: Servable,
        signature_name: str,
        inputs: Mapping[str, np.ndarray],
        deadline: float | None = None,
    ) -> Outputs:
        """Returns the outputs of one call.

        Raises:
            StatusError: What the model answers, or DEADLINE_EXCEEDED.
        """
        future: asyncio.Future[Outputs] = self._loop.create_future()

        def done(outputs: Outputs | None, error: StatusError | None) -> None:
            if future.cancelled():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(outputs or {})

        inference = Inference(servable, signature_name, inputs, done, deadline)
        self.submit(inference)
        try:
            return await future
        except asyncio.CancelledError:
            inference.cancelled = True
            raise

    def close(self) -> None:
        """Runs nothing that has not begun."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _run(self, inference: Inference) -> None:
        outputs = error = None
        try:
            if not inference.cancelled:
                outputs = inference.servable.engine.predict(
                    inference.signature_name, inference.inputs
                )
        except StatusError as raised:
            error = raised
        except Exception:
            logger.exception("%s failed", inference.servable.name)
            error = StatusError(
                Code.INTERNAL, "Internal error. The server's log says more."
            )
        self._loop.call_soon_threadsafe(inference.done, outputs, error)
