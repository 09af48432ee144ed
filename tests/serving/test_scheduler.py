"""Where an inference runs, what waits, what is refused, and who is answered."""

import asyncio
import gc
import threading
import time
import tracemalloc

import numpy as np
import pytest

from serving.engines import Traits
from serving.errors import Code, StatusError, invalid_argument
from serving.models.input_watch import InputWatch
from serving.models.profile import INLINE_SECONDS, Profile
from serving.models.scheduler import MAX_QUEUED, Inference, Scheduler
from serving.options import ServerOptions

NAME = "serving_default"
X = {"x": np.float32([[1, 2]])}


class FakeEngine:
    """Doubles `x`; blocks while `gate` is closed, and remembers threads and batches."""

    is_single_threaded = True

    def __init__(self):
        self.gate = threading.Event()
        self.gate.set()
        self.began = threading.Semaphore(0)
        self.threads = []
        self.batches = []

    def predict(self, signature_name, inputs):
        self.threads.append(threading.current_thread())
        self.batches.append(inputs["x"].tolist())
        self.began.release()
        assert self.gate.wait(30)
        if (inputs["x"] < 0).any():
            raise invalid_argument("negative")
        if (inputs["x"] > 1e6).any():
            raise ZeroDivisionError
        return {"y": 2 * inputs["x"]}


class FakeServable:
    def __init__(self, name="model", seconds=None, independent=False, loops=False):
        self.name, self.version = name, 1
        self.input_watch = InputWatch(name, {})
        self.engine = FakeEngine()
        profile = Profile(Traits(loops, False), independent)
        self.profiles = {NAME: profile}
        if seconds is not None:
            for size in (1, 2, 4, 8, 16):
                profile.record(size, seconds)


SHORT, LONG = INLINE_SECONDS / 100, INLINE_SECONDS * 2


def run(coroutine, **options):
    """Runs `coroutine(scheduler)` in a loop, and closes the scheduler."""

    async def body():
        scheduler = Scheduler(asyncio.get_running_loop(), ServerOptions(**options))
        try:
            return await asyncio.wait_for(coroutine(scheduler), 30)
        finally:
            scheduler.close()

    return asyncio.run(body())


async def began(engine, count=1):
    for _ in range(count):
        await asyncio.to_thread(engine.began.acquire)


def code(error):
    return error.code if isinstance(error, StatusError) else error


@pytest.mark.parametrize(
    ("servable", "is_inline"),
    [
        (FakeServable(seconds=SHORT), True),
        (FakeServable(seconds=LONG), False),
        (FakeServable(seconds=None), False),
        (FakeServable(seconds=SHORT, loops=True), False),
    ],
    ids=["short", "long", "unknown", "with loops"],
)
def test_only_what_is_known_to_be_short_runs_in_the_loops_thread(servable, is_inline):
    async def ask(scheduler):
        outputs = await scheduler.run(servable, NAME, X)
        assert outputs["y"].tolist() == [[2, 4]]

    run(ask)
    (thread,) = servable.engine.threads
    assert (thread is threading.current_thread()) == is_inline


def test_an_unknown_duration_is_measured_once_and_then_inline():
    servable = FakeServable()

    async def ask(scheduler):
        for _ in range(2):
            await scheduler.run(servable, NAME, X)

    run(ask)
    here = [each is threading.current_thread() for each in servable.engine.threads]
    assert here == [False, True]


def test_strings_never_run_in_the_loops_thread():
    servable = FakeServable(seconds=SHORT)
    servable.engine.predict = lambda name, inputs: {
        "y": np.array([threading.current_thread().name], object)
    }

    async def ask(scheduler):
        texts = {"x": np.array([b"text"], object)}
        outputs = await scheduler.run(servable, NAME, texts)
        assert outputs["y"][0].startswith("predict-")

    run(ask)


def test_a_long_model_leaves_the_loop_and_other_models_alone():
    slow, fast = FakeServable("slow", LONG), FakeServable("fast", LONG)
    slow.engine.gate.clear()

    async def ask(scheduler):
        waiting = [asyncio.create_task(scheduler.run(slow, NAME, X)) for _ in range(8)]
        await began(slow.engine)
        outputs = await scheduler.run(fast, NAME, X)
        assert outputs["y"].tolist() == [[2, 4]]
        lane = scheduler.lanes["slow"]
        assert lane.running + len(lane.queue) == 8
        assert lane.running == len(slow.engine.threads)
        assert len(lane.queue) > 0
        slow.engine.gate.set()
        await asyncio.gather(*waiting)
        assert (lane.running, len(lane.queue)) == (0, 0)

    run(ask)


def test_the_number_of_threads_of_a_model(tmp_path):
    servable = FakeServable(seconds=LONG)
    servable.engine.gate.clear()
    path = tmp_path / "batching.txt"
    path.write_text("num_batch_threads { value: 3 } max_batch_size { value: 1 }")

    async def ask(scheduler):
        waiting = [
            asyncio.create_task(scheduler.run(servable, NAME, X)) for _ in range(5)
        ]
        await began(servable.engine, 3)
        assert scheduler.lanes["model"].running == 3
        servable.engine.gate.set()
        await asyncio.gather(*waiting)

    run(ask, enable_batching=True, batching_parameters_file=path)


@pytest.mark.slow
def test_a_full_queue_is_unavailable_and_memory_stays_bounded():
    servable = FakeServable(seconds=LONG)
    servable.engine.gate.clear()
    rejected = []

    async def ask(scheduler):
        def submit(x):
            scheduler.submit(
                Inference(servable, NAME, {"x": x}, lambda y, e: rejected.append(e))
            )

        for _ in range(MAX_QUEUED + 64):
            submit(np.zeros((1, 2), np.float32))
        await began(servable.engine)
        while not rejected:
            await asyncio.sleep(0)
        rejected.clear()
        tracemalloc.start()
        for _ in range(100):
            submit(np.zeros((1, 100_000), np.float32))
            await asyncio.sleep(0)
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert kept < 2_000_000
        assert [code(each) for each in rejected] == [Code.UNAVAILABLE] * 100
        assert str(rejected[0]).startswith(
            "The batch scheduling queue to which this task was submitted is full"
        )
        assert scheduler.lanes["model"].rejected > 100
        servable.engine.gate.set()
        await scheduler.drain()

    run(ask)


def test_a_running_inference_is_answered_at_its_deadline_and_still_counts():
    servable = FakeServable(seconds=LONG)
    servable.engine.gate.clear()

    async def ask(scheduler):
        now = asyncio.get_running_loop().time()
        with pytest.raises(StatusError) as caught:
            await scheduler.run(servable, NAME, X, now + 0.05)
        assert caught.value.code is Code.DEADLINE_EXCEEDED
        lane = scheduler.lanes["model"]
        assert (lane.running, lane.expired) == (1, 1)
        servable.engine.gate.set()
        await scheduler.drain()
        assert lane.running == 0

    run(ask)


def test_a_waiting_inference_expires_and_never_runs():
    servable = FakeServable(seconds=LONG)
    servable.engine.gate.clear()

    async def ask(scheduler):
        first = [
            asyncio.create_task(scheduler.run(servable, NAME, X)) for _ in range(9)
        ]
        await began(servable.engine)
        now = asyncio.get_running_loop().time()
        late = {"x": np.float32([[7, 7]])}
        with pytest.raises(StatusError, match="Deadline exceeded"):
            await scheduler.run(servable, NAME, late, now + 0.05)
        servable.engine.gate.set()
        await asyncio.gather(*first)

    run(ask)
    assert [[7, 7]] not in servable.engine.batches


@pytest.mark.parametrize("seconds", [SHORT, LONG])
def test_a_deadline_that_has_passed_runs_nothing(seconds):
    servable = FakeServable(seconds=seconds)

    async def ask(scheduler):
        now = asyncio.get_running_loop().time()
        with pytest.raises(StatusError, match="Deadline exceeded"):
            await scheduler.run(servable, NAME, X, now - 1)

    run(ask)
    assert servable.engine.batches == []


@pytest.mark.parametrize("seconds", [SHORT, LONG])
def test_what_is_cancelled_does_not_run(seconds):
    servable = FakeServable(seconds=seconds)
    answers = []

    async def ask(scheduler):
        inference = Inference(servable, NAME, X, lambda *answer: answers.append(answer))
        scheduler.submit(inference)
        inference.cancelled = True
        await scheduler.drain()

    run(ask)
    assert servable.engine.batches == []
    ((outputs, error),) = answers
    assert (outputs, code(error)) == (None, Code.CANCELLED)


def test_errors_reach_their_own_request(caplog):
    servable = FakeServable(seconds=SHORT)

    async def ask(scheduler):
        return await asyncio.gather(
            scheduler.run(servable, NAME, {"x": np.float32([[-1, 0]])}),
            scheduler.run(servable, NAME, {"x": np.float32([[1e7, 0]])}),
            scheduler.run(servable, NAME, X),
            return_exceptions=True,
        )

    refused, broken, fine = run(ask)
    assert (refused.code, str(refused)) == (Code.INVALID_ARGUMENT, "negative")
    assert broken.code is Code.INTERNAL
    assert fine["y"].tolist() == [[2, 4]]
    assert "ZeroDivisionError" in caplog.text


def test_an_answer_that_cannot_be_given_stops_nobody(caplog):
    servable = FakeServable(seconds=SHORT)
    answers = []

    def break_down(outputs, error):
        raise ConnectionError("the client is gone")

    async def ask(scheduler):
        scheduler.submit(Inference(servable, NAME, X, break_down))
        scheduler.submit(Inference(servable, NAME, X, lambda y, e: answers.append(y)))
        await scheduler.drain()

    run(ask)
    assert len(answers) == 1
    assert "the client is gone" in caplog.text


def test_the_loop_looks_at_its_sockets_between_many_short_inferences():
    servable = FakeServable(seconds=INLINE_SECONDS / 2)

    def sleep(signature_name, inputs):
        servable.slept += 1
        time.sleep(0.001)
        return {"y": inputs["x"]}

    servable.engine.predict = sleep
    between = 0

    async def ask(scheduler):
        nonlocal between
        tasks = [
            asyncio.create_task(scheduler.run(servable, NAME, X)) for _ in range(64)
        ]
        while not all(each.done() for each in tasks):
            await asyncio.sleep(0)
            between += bool(servable.slept)

    servable.slept = 0
    run(ask)
    # They sleep for 64 ms, of which an iteration gets about 5.
    assert between >= 8


def test_closing_refuses_what_is_new_and_answers_the_rest():
    servable = FakeServable(seconds=LONG)
    servable.engine.gate.clear()

    async def ask(scheduler):
        tasks = [
            asyncio.create_task(scheduler.run(servable, NAME, X)) for _ in range(9)
        ]
        await began(servable.engine)
        scheduler.close()
        with pytest.raises(StatusError, match="shutting down") as caught:
            await scheduler.run(servable, NAME, X)
        assert caught.value.code is Code.UNAVAILABLE
        servable.engine.gate.set()
        await scheduler.drain()
        await asyncio.gather(*tasks)

    run(ask)
    assert len(servable.engine.batches) == 9


def test_threads_of_long_inferences_do_not_keep_the_process():
    servable = FakeServable(seconds=LONG)

    async def ask(scheduler):
        await scheduler.run(servable, NAME, X)

    run(ask)
    assert all(thread.daemon for thread in servable.engine.threads)
