"""Alternating timed runs of two sides, each in a plain graph and under XLA."""

import statistics
import time
from dataclasses import dataclass

import tensorflow as tf

BUILDS = 3  # of each side, since the alignment of arrays in memory affects the time
ROUNDS = 3  # pairs of runs per build; the result is the median over all
SECONDS = 0.03  # minimum duration of a run
FORMS = {"graph": False, "xla": True}


@dataclass(frozen=True)
class Ratio:
    """Our time divided by the peer's; `best` takes the faster mode of each side.

    `milliseconds` has the medians of `ours graph`, `peer xla` and so on; a mode for
    which a side has no kernel is missing.
    """

    graph: float
    best: float
    milliseconds: dict[str, float]


def ratio(builds, rounds=ROUNDS):
    """Times two steps alternately and returns the median ratio of the pairs.

    Args:
        builds: Pairs of our step and the peer's, the same in each pair.
        rounds: Pairs to time of each build.
    """
    times = {}
    for ours, theirs in builds:
        turns = {}
        for side, step in (("ours", ours), ("peer", theirs)):
            for form, jit in FORMS.items():
                turn = _turn(step, jit)
                if turn is not None:
                    turns[side, form] = turn
        for _ in range(rounds):
            for key, turn in turns.items():
                times.setdefault(key, []).append(turn())

    def quotient(our_form, their_form):
        pairs = zip(times["ours", our_form], times["peer", their_form], strict=True)
        return statistics.median(a / b for a, b in pairs)

    medians = {key: statistics.median(values) for key, values in times.items()}
    best = {
        side: min((key for key in medians if key[0] == side), key=medians.get)[1]
        for side in ("ours", "peer")
    }
    return Ratio(
        graph=quotient("graph", "graph"),
        best=quotient(best["ours"], best["peer"]),
        milliseconds={f"{s} {f}": 1000 * v for (s, f), v in medians.items()},
    )


def _turn(step, jit):
    """Returns a function that runs the compiled step and returns seconds per call."""
    compiled = tf.function(step.function, jit_compile=jit, autograph=False)
    try:
        compiled(*step.arguments)
    except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError):
        if not jit:
            raise
        return None  # XLA has no kernel for it
    run = compiled.get_concrete_function(*step.arguments)

    def seconds(calls):
        start = time.perf_counter()
        for _ in range(calls):
            result = run(*step.arguments)
        tf.nest.map_structure(lambda y: y.numpy(), _last(result))
        return time.perf_counter() - start

    calls = 1
    while (spent := seconds(calls)) < SECONDS:
        calls = max(2 * calls, int(1.2 * calls * SECONDS / max(spent, 1e-6)))
    return lambda: seconds(calls) / calls


def _last(result):
    return tf.nest.flatten(result, expand_composites=True)[-1:]
