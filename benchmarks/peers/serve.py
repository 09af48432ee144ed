"""Answers the requests of `benchmarks.peers.process`, one line of JSON each."""

import json
import sys
import time

import numpy as np


def serve(training):
    """Makes a `training` as the first line says, then runs what each line asks for.

    The first line is answered with the version of the library, `{"train": epochs}` with
    seconds, `{}` with the test accuracy.
    """
    given = json.loads(sys.stdin.readline())
    with np.load(given.pop("data")) as data:
        trained = training(data=dict(data), **given)
    _answer(training.version)
    for line in sys.stdin:
        request = json.loads(line)
        if "train" in request:
            start = time.perf_counter()
            trained.train(request["train"])
            _answer(time.perf_counter() - start)
        else:
            _answer(trained.accuracy())


def _answer(value):
    print(json.dumps(value), flush=True)
