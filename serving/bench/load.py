"""When requests are sent: after an answer, or at times of their own."""

import asyncio
import dataclasses
import itertools
import random
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator

from serving.bench.requests import Target
from serving.bench.senders import Sender, make_sender

_DRAIN_SECONDS = 10.0
_TIMER_SECONDS = 0.002  # Timers of an event loop are no finer than a millisecond.


@dataclasses.dataclass(frozen=True)
class Load:
    """A load on a server.

    Args:
        concurrency: Closed loop: so many clients, each sends when it has its answer. In
            an open loop, the connections that may be in use at once.
        rate: Open loop: requests a second, whatever the answers do; None is a closed
            loop. A latency counts from the time at which the request should have been
            sent, so a server that stalls cannot hide it.
        arrivals: Of an open loop: `poisson` draws the times between two requests from
            an exponential distribution, `constant` makes them equal.
        seconds: How long it is measured.
        warmup_seconds: How long it lasts before.
        timeout: Seconds for a request.
    """

    concurrency: int = 1
    rate: float | None = None
    arrivals: str = "poisson"
    seconds: float = 5.0
    warmup_seconds: float = 1.0
    timeout: float = 30.0


class Record:
    """What came of the requests that were sent, or due, in the measured time.

    Attributes:
        latencies: Seconds of each that was answered.
        errors: How many others, by kind.
        words: What the server said with the first error of each kind.
        in_time: Answers that came in the measured time, whenever they were asked for.
    """

    def __init__(self, begin: float, end: float) -> None:
        self.latencies = array("d")
        self.errors: Counter[str] = Counter()
        self.words: dict[str, str] = {}
        self.in_time = 0
        self._begin, self._end = begin, end

    def add(self, since: float, error: str) -> None:
        """Records the end of a request that was sent, or due, at a time."""
        now = time.perf_counter()
        if not error and self._begin <= now <= self._end:
            self.in_time += 1
        if since < self._begin:
            return
        if error:
            self.errors[error] += 1
        else:
            self.latencies.append(now - since)


async def run(target: Target, load: Load, seed: int = 0) -> Record:
    """Sends a load from this event loop and records what came of it."""
    senders = [make_sender(target, load.timeout) for _ in range(load.concurrency)]
    begin = time.perf_counter() + load.warmup_seconds
    end = begin + load.seconds
    record = Record(begin, end)
    payloads = itertools.cycle(target.payloads)
    try:
        if load.rate is None:
            await asyncio.gather(
                *(_keep_sending(each, payloads, end, record) for each in senders)
            )
        else:
            times = arrival_times(load.rate, load.arrivals, random.Random(seed))
            await _send_at(times, senders, payloads, end, record)
    finally:
        await asyncio.gather(*(each.close() for each in senders))
    for sender in senders:
        record.words |= sender.words
    return record


def arrival_times(
    rate: float, arrivals: str, generator: random.Random
) -> Iterator[float]:
    """Yields the seconds from the start at which requests are due.

    Example:

    >>> times = arrival_times(4, "constant", random.Random(0))
    >>> [next(times) for _ in range(3)]
    [0.0, 0.25, 0.5]
    """
    draw: Callable[[], float] = {
        "constant": lambda: 1 / rate,
        "poisson": lambda: generator.expovariate(rate),
    }[arrivals]
    seconds = 0.0
    while True:
        yield seconds
        seconds += draw()


async def _keep_sending(
    sender: Sender, payloads: Iterator[bytes], end: float, record: Record
) -> None:
    while (since := time.perf_counter()) < end:
        error = await sender.send(next(payloads))
        record.add(since, error)
        if error == "connection":
            await asyncio.sleep(0.01)  # Nobody listens; do not spin.


async def _send_at(
    times: Iterator[float],
    senders: list[Sender],
    payloads: Iterator[bytes],
    end: float,
    record: Record,
) -> None:
    due: asyncio.Queue[float] = asyncio.Queue()

    async def send_what_is_due(sender: Sender) -> None:
        while True:
            since = await due.get()
            record.add(since, await sender.send(next(payloads)))
            due.task_done()

    tasks = [asyncio.create_task(send_what_is_due(each)) for each in senders]
    start = time.perf_counter()
    for seconds in times:
        moment = start + seconds
        if moment >= end:
            break
        await _sleep_until(moment)
        due.put_nowait(moment)
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            await due.join()
    except TimeoutError:
        while not due.empty():
            record.add(due.get_nowait(), "never sent")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _sleep_until(moment: float) -> None:
    while (left := moment - time.perf_counter()) > 0:
        await asyncio.sleep(max(0.0, left - _TIMER_SECONDS))
