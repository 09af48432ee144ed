"""When a request is sent again, and how long to wait before."""

import dataclasses
import random
from collections.abc import Callable, Generator
from typing import Any

from serving.client.errors import TransportError

RESETS = 2


@dataclasses.dataclass(frozen=True)
class Pause:
    """A flow that yields this goes on after so many seconds."""

    seconds: float


@dataclasses.dataclass(frozen=True)
class Retries:
    r"""Exponential backoff with jitter.

    Before try :math:`n + 1` a client waits

    .. math::

        t_n = u_n \min(t_{\max}, t_1 2^{n - 1}), \quad u_n \sim U(1/2, 1)

    seconds, or as long as the server's `Retry-After` says.

    What is sent again: a request that reached no server, one that the server refused as
    busy (503, `UNAVAILABLE`), and one whose connection broke before its answer came.
    The last is sent again once only. A server process that ends takes the requests of
    others with it, so one broken connection says nothing about the request; of two, the
    request is the likely cause, and a third might end a third process: ours refuses
    what a process of it died of, other servers don't. Nothing is sent again after a
    timeout or another refusal.

    Args:
        attempts: Tries in all; 1 never sends again.
        initial_seconds: :math:`t_1`.
        max_seconds: :math:`t_{\max}`.

    Example:

    >>> [2 * t for t in Retries(attempts=4).pauses(uniform=lambda a, b: a)]
    [0.1, 0.2, 0.4]
    """

    attempts: int = 6
    initial_seconds: float = 0.1
    max_seconds: float = 2.0

    def pauses(
        self, uniform: Callable[[float, float], float] = random.uniform
    ) -> list[float]:
        """Draws the seconds before each further try."""
        longest = [
            min(self.max_seconds, self.initial_seconds * 2**n)
            for n in range(self.attempts - 1)
        ]
        return [seconds * uniform(0.5, 1.0) for seconds in longest]


def persist(
    send: Callable[[float], Any],
    busy_seconds: Callable[[Any], float | None],
    retries: Retries,
    timeout: float,
    clock: Callable[[], float],
) -> Generator[Any, Any, Any]:
    """A flow that sends a request until there is an answer, or it is time to give up.

    Args:
        send: Makes what is yielded to be sent, of the seconds that are left.
        busy_seconds: The seconds that an answer asks to wait before the next try; 0
            leaves them to the backoff, None takes the answer.
        retries: How often.
        timeout: Seconds for all tries together.
        clock: Seconds.

    Returns:
        The answer.

    Raises:
        TransportError: That of the last try.
    """
    deadline = clock() + timeout
    broken = 0
    answer: Any = None
    failure: TransportError | None = None
    for pause in [*retries.pauses(), None]:
        failure, asked = None, 0.0
        try:
            answer = yield send(max(0.0, deadline - clock()))
            asked = busy_seconds(answer)
        except TransportError as error:
            failure = error
            broken += error.was_sent
            if not error.is_retriable or broken == RESETS:
                raise
        if asked is None or pause is None:
            break
        wait = max(pause, asked)
        if clock() + wait >= deadline:
            break
        yield Pause(wait)
    if failure is not None:
        raise failure
    return answer
