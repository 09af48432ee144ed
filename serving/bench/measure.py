"""Sends a load from as many processes as it takes."""

import asyncio
import dataclasses
import multiprocessing
from collections import Counter

import numpy as np

from serving.bench import load as loads
from serving.bench.load import Load, Record
from serving.bench.measurement import Measurement
from serving.bench.requests import Target


def measure(target: Target, load: Load, processes: int = 1) -> Measurement:
    """Measures a load, which processes share evenly.

    Args:
        target: What is measured.
        load: When requests are sent.
        processes: One saturates one core; more are for servers that are faster.
    """
    shares = _shares(load, processes)
    if len(shares) == 1:
        parts = [_run((target, load, 0))]
    else:
        context = multiprocessing.get_context("spawn")
        jobs = [(target, share, seed) for seed, share in enumerate(shares)]
        with context.Pool(len(jobs)) as pool:
            parts = pool.map(_run, jobs, chunksize=1)
    errors: Counter[str] = Counter()
    words: dict[str, str] = {}
    for record in parts:
        errors.update(record.errors)
        words |= record.words
    latencies = np.concatenate([record.latencies for record in parts])
    in_time = sum(each.in_time for each in parts)
    return Measurement(load, latencies, errors, in_time, words)


def _shares(load: Load, processes: int) -> list[Load]:
    count = min(processes, load.concurrency)
    each, more = divmod(load.concurrency, count)
    return [
        dataclasses.replace(
            load,
            concurrency=each + (index < more),
            rate=None if load.rate is None else load.rate / count,
        )
        for index in range(count)
    ]


def _run(job: tuple[Target, Load, int]) -> Record:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(loads.run(*job))
