"""Decides when and where an inference runs."""

import asyncio
import collections
import contextlib
import functools
import logging
import os
import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from serving.engines.base import Engine
from serving.errors import Code, StatusError, invalid_argument
from serving.models.batching import (
    Batch,
    BatchingParameters,
    batch_key,
    count_rows,
    cut,
    join,
    merge,
    read_batching_parameters,
    split,
)
from serving.models.fingerprint import fingerprint
from serving.models.profile import INLINE_SECONDS, Profile, count_elements
from serving.models.servable import Servable
from serving.models.shared_state import REFUSED_SECONDS, SharedState, Verdict
from serving.models.threads import DaemonThreads
from serving.options import ServerOptions

logger = logging.getLogger(__name__)

Outputs = dict[str, np.ndarray]
Done = Callable[[Outputs | None, StatusError | None], None]
Result = tuple[Outputs | None, StatusError | None]

ITERATION_SECONDS = 0.005  # of inferences, until the event loop looks at its sockets
MAX_QUEUED = 1000  # inferences of a model
MAX_ROWS = 128  # of a batch that nobody asked for
_NOT_YET = object()


class Inference:
    """One call of a signature.

    Args:
        servable: The loaded version, acquired; the scheduler does not release it.
        signature_name: One of its signatures.
        inputs: Arrays of its inputs, by name.
        done: Called once with the outputs and None, or with None and the error, in the
            thread of the event loop.
        deadline: Time of the event loop's clock after which nobody waits; or None.

    Attributes:
        cancelled: Whether nobody waits for it any longer.
        elements: Size of the inputs, None for strings.
        key: What inferences share that may run as one batch; set by the scheduler.
        queue: Where it waits for a thread; set by the scheduler.
    """

    __slots__ = (
        "_expiry",
        "_is_done",
        "cancelled",
        "deadline",
        "done",
        "elements",
        "inputs",
        "key",
        "queue",
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
        self.elements = count_elements(inputs)
        self.key: Hashable | None = _NOT_YET
        self.queue: collections.deque[Inference] | None = None
        self._is_done = False
        self._expiry: asyncio.TimerHandle | None = None

    @property
    def profile(self) -> Profile:
        """The profile of its signature."""
        return self.servable.profiles[self.signature_name]

    @property
    def fingerprint(self) -> int:
        """What it has in common with all others that compute the same."""
        servable = self.servable
        model = servable.name, servable.version, self.signature_name
        return fingerprint(model, self.inputs)

    @property
    def rows(self) -> int:
        """Size of the leading axis, 1 where there is none."""
        for array in self.inputs.values():
            return array.shape[0] if array.shape else 1
        return 1

    @property
    def is_done(self) -> bool:
        """Whether it was answered."""
        return self._is_done

    def finish(self, outputs: Outputs | None, error: StatusError | None) -> None:
        """Calls `done`, unless it was called before."""
        if self._is_done:
            return
        self._is_done = True
        if self._expiry is not None:
            self._expiry.cancel()
        try:
            self.done(outputs, error)
        except Exception:  # of a transport; the other inferences go on
            logger.exception("An answer of %s was lost", self.servable.name)

    def compute(self, engine: Engine) -> Any:
        """Returns the outputs."""
        return engine.predict(self.signature_name, self.inputs)

    def cancel(self) -> None:
        """Ends it with CANCELLED, now or when its turn comes, unless it has begun."""
        self.cancelled = True
        if self.queue is not None and self in self.queue:
            self.queue.remove(self)
            self.finish(None, StatusError(Code.CANCELLED, "Cancelled"))

    def expire_at_deadline(
        self, loop: asyncio.AbstractEventLoop, expire: Callable[["Inference"], None]
    ) -> None:
        """Has `expire` called at the deadline, if it is not done by then."""
        if self.deadline is not None:
            self._expiry = loop.call_at(self.deadline, expire, self)


class JointInference(Inference):
    """One call of several signatures that read the same inputs; it runs in no batch.

    Its outputs are those of each signature, by name.

    Args:
        servable: As for an `Inference`.
        signature_names: Of the signatures.
        inputs: As for an `Inference`, like `done` and `deadline`.
    """

    __slots__ = ("signature_names",)

    def __init__(
        self,
        servable: Servable,
        signature_names: Sequence[str],
        inputs: Mapping[str, np.ndarray],
        done: Callable[[Any, StatusError | None], None],
        deadline: float | None = None,
    ) -> None:
        super().__init__(servable, signature_names[0], inputs, done, deadline)
        self.signature_names = signature_names
        self.key = None
        self.elements = None  # How long it takes is known of single signatures only.

    @property
    def fingerprint(self) -> int:
        """See `Inference.fingerprint`."""
        servable = self.servable
        model = servable.name, servable.version, tuple(self.signature_names)
        return fingerprint(model, self.inputs)

    def compute(self, engine: Engine) -> Any:
        """See `Inference.compute`."""
        return engine.predict_jointly(self.signature_names, self.inputs)


class Lane:
    """What a model does in threads, and what it has done.

    Attributes:
        queue: Inferences that wait for a thread, oldest first.
        running: Threads that compute.
        batch_sizes: How often a batch of so many rows has run, inline or not.
        rejected: Inferences that found the queue full.
        expired: Inferences whose deadline passed.
    """

    def __init__(self) -> None:
        self.queue: collections.deque[Inference] = collections.deque()
        self.running = 0
        self.batch_sizes: collections.Counter[int] = collections.Counter()
        self.rejected = 0
        self.expired = 0


class Scheduler:
    """Runs inferences in the thread of the event loop, or beside it.

    What arrives in one iteration of the loop is looked at together at its end. Calls of
    a signature that are expected to be short run at once in the loop's thread, merged
    into batches where rows are known to be independent and a batch takes less time than
    its calls. All others wait in the queue of their model for one of its threads.

    Args:
        loop: The event loop of the transports; all methods are called in its thread.
        options: Those of batching.
        shared: What all workers know of each other.
        slot: Which of them this one is.

    Attributes:
        lanes: Queue, threads and counters of each model, by name.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        options: ServerOptions | None = None,
        shared: SharedState | None = None,
        slot: int = 0,
    ) -> None:
        self._loop = loop
        self._shared = shared or SharedState(workers=1)
        self._slot = slot
        asked = read_batching_parameters(options or ServerOptions())
        self._is_asked = asked is not None
        self._parameters = asked or BatchingParameters(max_batch_size=MAX_ROWS)
        self._max_queued = MAX_QUEUED
        if asked is not None:
            self._max_queued = asked.max_enqueued_batches * asked.max_batch_size
        self._max_running = self._parameters.num_batch_threads or os.cpu_count() or 1
        self._ready: collections.deque[Inference] = collections.deque()
        self._is_scheduled = False
        self._held: dict[Hashable, list[Inference]] = {}
        self._threads = DaemonThreads()
        self._is_closed = False
        self._progress = asyncio.Event()
        self.lanes: collections.defaultdict[str, Lane] = collections.defaultdict(Lane)

    def submit(self, inference: Inference, *, is_sample: bool = False) -> None:
        """Runs it at the end of this iteration of the loop, or in a thread.

        Args:
            inference: The call.
            is_sample: Whether its inputs are made up, and no user's.
        """
        if self._is_closed:
            inference.finish(
                None, StatusError(Code.UNAVAILABLE, "The server is shutting down")
            )
            return
        if not is_sample:
            inference.servable.input_watch.look(inference.inputs)
        if self._shared.cases:
            self._judge(inference)
        if not inference.is_done:
            self._ready.append(inference)
            self._schedule()

    def _judge(self, inference: Inference) -> None:
        """Refuses what a worker died of; what may be its cause runs in no batch."""
        verdict = self._shared.verdict(inference.fingerprint)
        if verdict is Verdict.REFUSED:
            inference.finish(
                None,
                invalid_argument(
                    "A process of the server died while it computed this request. It "
                    f"is not computed again for {REFUSED_SECONDS // 60} minutes."
                ),
            )
        elif verdict is Verdict.SUSPECTED:
            inference.key = None

    async def run(
        self,
        servable: Servable,
        signature_name: str,
        inputs: Mapping[str, np.ndarray],
        deadline: float | None = None,
    ) -> Outputs:
        """Returns the outputs of one call.

        Raises:
            StatusError: What the model answers, or DEADLINE_EXCEEDED, or UNAVAILABLE.
        """
        future, done = self._future()
        return await self._answer(
            Inference(servable, signature_name, inputs, done, deadline), future
        )

    async def run_jointly(
        self,
        servable: Servable,
        signature_names: Sequence[str],
        inputs: Mapping[str, np.ndarray],
        deadline: float | None = None,
    ) -> dict[str, Outputs]:
        """Returns the outputs of each signature, of one call for all of them.

        Raises:
            StatusError: As `run` does.
        """
        future, done = self._future()
        return await self._answer(
            JointInference(servable, signature_names, inputs, done, deadline), future
        )

    def _future(self) -> tuple[asyncio.Future[Any], Done]:
        """Returns what to wait for, and what an inference calls when it is done."""
        future: asyncio.Future[Any] = self._loop.create_future()

        def done(outputs: Outputs | None, error: StatusError | None) -> None:
            if future.cancelled():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(outputs or {})

        return future, done

    async def _answer(self, inference: Inference, future: asyncio.Future[Any]) -> Any:
        self.submit(inference)
        try:
            return await future
        except asyncio.CancelledError:
            inference.cancel()
            raise

    async def drain(self) -> None:
        """Returns when every inference that was submitted is answered."""
        while self._is_busy():
            self._progress.clear()
            await self._progress.wait()

    def close(self) -> None:
        """Refuses new inferences; those that were submitted are answered."""
        self._is_closed = True
        self._note_progress()

    def _is_busy(self) -> bool:
        lanes = self.lanes.values()
        return bool(
            self._ready
            or self._held
            or any(lane.queue or lane.running for lane in lanes)
        )

    def _note_progress(self) -> None:
        self._progress.set()
        if self._is_closed and not self._is_busy():
            self._threads.close()

    def _schedule(self) -> None:
        if not self._is_scheduled:
            self._is_scheduled = True
            self._loop.call_soon(self._run_ready)

    def _run_ready(self) -> None:
        """Starts what is ready, and lets the loop look at its sockets in between."""
        self._is_scheduled = False
        end = self._loop.time() + ITERATION_SECONDS
        ready = self._ready
        while ready:
            group = [ready.popleft()] if len(ready) == 1 else self._next_group()
            if self._holds(group[0]):
                self._hold(group)
            else:
                self._start(group)
            if ready and self._loop.time() > end:
                self._schedule()
                return
        self._note_progress()

    def _next_group(self) -> list[Inference]:
        """Takes the first ready inference and those that could be merged with it."""
        ready = self._ready
        first = ready.popleft()
        key = self._key(first)
        if key is None:
            return [first]
        group, others = [first], []
        for each in ready:
            (group if self._key(each) == key else others).append(each)
        ready.clear()
        ready.extend(others)
        return group

    def _key(self, inference: Inference) -> Hashable | None:
        """Returns what inferences share that may run as one batch, or None."""
        if inference.key is _NOT_YET:
            inference.key = self._compute_key(inference)
        return inference.key

    def _compute_key(self, inference: Inference) -> Hashable | None:
        if not (self._is_asked or inference.profile.has_independent_rows):
            return None
        pads = self._parameters.pad_variable_length_inputs
        key = batch_key(inference.inputs, pads)
        if key is None:
            return None
        return id(inference.servable), inference.signature_name, key

    def _holds(self, inference: Inference) -> bool:
        has_timeout = self._parameters.batch_timeout_micros > 0
        return has_timeout and self._key(inference) is not None

    def _hold(self, group: list[Inference]) -> None:
        """Lets a batch wait for more, until it is full or its time is over."""
        key = self._key(group[0])
        held = self._held.setdefault(key, [])
        if not held:
            seconds = self._parameters.batch_timeout_micros / 1e6
            self._loop.call_later(seconds, self._release, key, held)
        held += group
        if sum(each.rows for each in held) >= self._parameters.computed_rows:
            self._release(key, held)

    def _release(self, key: Hashable, held: list[Inference]) -> None:
        if self._held.get(key) is held:
            del self._held[key]
            self._start(held)
            self._note_progress()

    def _start(self, group: Sequence[Inference]) -> None:
        group = [each for each in group if self._is_wanted(each)]
        if not group:
            return
        seconds = group[0].profile.inline_seconds(group[0].elements)
        if seconds is None:
            for each in group:
                self._enqueue(each)
            return
        longest = max(1, int(INLINE_SECONDS / seconds))
        while group:
            batch = self._take(group, longest)
            started = time.perf_counter()
            results = self._compute(batch[0].servable.engine, batch)
            self._record(batch, time.perf_counter() - started)
            for inference, result in zip(batch, results, strict=True):
                inference.finish(*result)
            if group and self._loop.time() > started + ITERATION_SECONDS:
                # The next iteration merges them with what has arrived by then.
                self._ready.extendleft(reversed(group))
                self._schedule()
                return

    def _is_wanted(self, inference: Inference) -> bool:
        """Answers one that need not run any more."""
        if inference.cancelled:
            inference.finish(None, StatusError(Code.CANCELLED, "Cancelled"))
        elif inference.deadline is not None and inference.deadline <= self._loop.time():
            self._expire(inference)
        elif self._is_asked and self._is_too_large(inference):
            inference.finish(
                None,
                invalid_argument(
                    f"Task size {inference.rows} is larger than maximum input batch "
                    f"size {self._parameters.max_batch_size}"
                ),
            )
        return not inference.is_done

    def _is_too_large(self, inference: Inference) -> bool:
        return (
            self._key(inference) is not None
            and inference.rows > self._parameters.max_batch_size
        )

    def _take(
        self, group: list[Inference], longest: int = MAX_QUEUED
    ) -> list[Inference]:
        """Removes the batch that runs next from a group of one key."""
        if len(group) == 1:
            return [group.pop()]
        rows = group[0].rows
        count = 1
        while count < min(len(group), longest):
            rows += group[count].rows
            if rows > self._parameters.computed_rows:
                break
            count += 1
        if count > 1 and not self._merges(group[0], count):
            count = 1
        batch = group[:count]
        del group[:count]
        return batch

    def _merges(self, inference: Inference, count: int) -> bool:
        elements = inference.elements
        if self._is_asked or elements is None:
            return True
        return inference.profile.is_faster_together(elements, count)

    def _enqueue(self, inference: Inference) -> None:
        lane = self.lanes[inference.servable.name]
        if len(lane.queue) >= self._max_queued:
            lane.rejected += 1
            inference.finish(
                None,
                StatusError(
                    Code.UNAVAILABLE,
                    "The batch scheduling queue to which this task was submitted is "
                    f"full; {len(lane.queue)} tasks are waiting",
                ),
            )
            return
        inference.expire_at_deadline(self._loop, self._expire)
        inference.queue = lane.queue
        lane.queue.append(inference)
        self._run_in_threads(lane)

    def _run_in_threads(self, lane: Lane) -> None:
        while lane.queue and lane.running < self._max_running:
            batch = [each for each in self._next_batch(lane) if self._is_wanted(each)]
            if batch:
                lane.running += 1
                engine = batch[0].servable.engine
                self._threads.start(functools.partial(self._work, lane, engine, batch))

    def _next_batch(self, lane: Lane) -> list[Inference]:
        first = lane.queue.popleft()
        key = self._key(first)
        if key is None:
            return [first]
        group = [first, *(each for each in lane.queue if self._key(each) == key)]
        batch = self._take(list(group))
        taken = set(map(id, batch))
        waiting = [each for each in lane.queue if id(each) not in taken]
        lane.queue.clear()
        lane.queue.extend(waiting)
        return batch

    def _work(self, lane: Lane, engine: Engine, batch: list[Inference]) -> None:
        """Computes a batch; what it calls is all that runs in another thread."""
        # Of a thread that waits for Python's lock, only its own time says something.
        clock = time.thread_time if engine.is_single_threaded else time.perf_counter
        started = clock()
        results = self._compute(engine, batch)
        seconds = clock() - started
        with contextlib.suppress(RuntimeError):  # The loop is closed: nobody waits.
            self._loop.call_soon_threadsafe(self._finish, lane, batch, results, seconds)

    def _finish(
        self,
        lane: Lane,
        batch: Sequence[Inference],
        results: Iterable[Result],
        seconds: float,
    ) -> None:
        lane.running -= 1
        self._threads.finish()
        self._record(batch, seconds)
        for inference, result in zip(batch, results, strict=True):
            inference.finish(*result)
        self._run_in_threads(lane)
        self._note_progress()

    def _expire(self, inference: Inference) -> None:
        lane = self.lanes[inference.servable.name]
        lane.expired += 1
        with contextlib.suppress(ValueError):  # It is not waiting, but running.
            lane.queue.remove(inference)
        inference.finish(None, StatusError(Code.DEADLINE_EXCEEDED, "Deadline exceeded"))

    def _record(self, batch: Sequence[Inference], seconds: float) -> None:
        first = batch[0]
        if first.elements is not None:
            elements = sum([each.elements or 0 for each in batch])
            first.profile.record(elements, seconds)
        rows = sum([each.rows for each in batch])
        self.lanes[first.servable.name].batch_sizes[rows] += 1

    def _compute(self, engine: Engine, batch: Sequence[Inference]) -> list[Result]:
        """Computes a batch, or each of its calls if the batch fails."""
        keys = [each.fingerprint for each in batch]
        places = self._shared.begin(self._slot, keys)
        try:
            asked = self._parameters
            if len(batch) > 1 or asked.allowed_batch_sizes or self._is_cut(batch[0]):
                results = self._compute_merged(engine, batch)
                if results is not None:
                    return results
            return [_predict(engine, each) for each in batch]
        finally:
            self._shared.end(self._slot, places)

    def _compute_merged(
        self, engine: Engine, batch: Sequence[Inference]
    ) -> list[Result] | None:
        if batch[0].key is None:
            return None
        name, calls = batch[0].signature_name, [each.inputs for each in batch]
        try:
            if self._is_cut(batch[0]):
                calls = cut(calls[0], self._parameters.computed_rows)
                pieces = [self._compute_padded(engine, name, [each]) for each in calls]
                if None in pieces:
                    return None
                return [(join([piece[0] for piece in pieces if piece]), None)]
            parts = self._compute_padded(engine, name, calls)
        except Exception:  # One bad row fails alone, with its own error.
            return None
        return None if parts is None else [(part, None) for part in parts]

    def _is_cut(self, inference: Inference) -> bool:
        """Whether it has more rows than are computed at a time."""
        limit = self._parameters.max_execution_batch_size
        return None not in (limit, inference.key) and inference.rows > (limit or 0)

    def _compute_padded(
        self, engine: Engine, name: str, calls: Sequence[Batch]
    ) -> list[dict[str, np.ndarray]] | None:
        """Computes calls as one batch of an allowed size; None if rows do not match."""
        sizes = [count_rows(each) for each in calls]
        rows = self._parameters.padded_size(sum(sizes))
        return split(engine.predict(name, merge(calls, rows)), sizes, rows)


def _predict(engine: Engine, inference: Inference) -> Result:
    try:
        return inference.compute(engine), None
    except StatusError as error:
        return None, error
    except Exception:
        logger.exception("%s failed", inference.servable.name)
        message = "Internal error. The server's log says more."
        return None, StatusError(Code.INTERNAL, message)
