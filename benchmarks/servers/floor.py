"""The engine without a server: `session.run` in a loop of one process.

python -m benchmarks.servers.floor MODEL SECONDS
"""

import json
import sys
import time

import numpy as np

from benchmarks.servers.peers.model import SHAPE, Model


def runs_per_second(model, images, seconds):
    """Returns how often a second the session answers the same batch."""
    batch = np.zeros((images, *SHAPE), "float32")
    model(batch)
    runs, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        model(batch)
        runs += 1
    return runs / spent


if __name__ == "__main__":
    path, seconds = sys.argv[1:]
    model = Model(path)
    sizes = 1, 32, 256
    print(json.dumps({n: runs_per_second(model, n, float(seconds)) for n in sizes}))
