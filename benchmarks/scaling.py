"""How training scales: time of the first step, memory, samples, width.

    python -m benchmarks.scaling

Each result is measured in a process of its own. *First step*: seconds from the start
of the process to the end of the first step. *Memory*: peak memory of the process
against the size of the samples, in arrays or in an `.npz` file. *Samples* and *width*:
seconds per epoch of a dense network on generated samples. Writes `scaling.json` and
`scaling.md` beside this file; takes 4 GB of disk space meanwhile.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).with_name("scaling.json")
FEATURES, CLASSES, BATCH = 64, 10, 256
SAMPLES = (1_000, 10_000, 100_000, 1_000_000)
WIDTHS = (64, 256, 1024)
FILES = (0.5, 1.0, 3.0)  # GB of samples
ROUNDS = 5  # processes, of which the median counts

FIRST_STEP = """
import os, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
start = float(sys.argv[2])
import tensorflow
imported = time.time() - start
import keras, zoo
class First(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        print(imported, time.time() - start)
        sys.stdout.flush()
        os._exit(0)
import tempfile
with tempfile.TemporaryDirectory() as folder:
    zoo.train(sys.argv[1], output=folder, callbacks=[First()])
"""

EPOCH = """
import os, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import resource, tempfile
import numpy as np, keras, tensorflow, zoo
from zoo.datasets import Dataset, Split
samples, width, features, classes, batch = map(int, sys.argv[1:])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rng = np.random.default_rng(0)
x = rng.standard_normal((samples, features), "float32")
y = np.argmax(x[:, :classes], axis=1)
few = Split(x[:1000], y[:1000])
data = Dataset("drawn", Split(x, y), few, few, tuple(map(str, range(classes))))
with tempfile.TemporaryDirectory() as folder:
    run = zoo.train("mlp", dataset=data, epochs=3, batch_size=batch, output=folder,
                    overrides={"hidden_units": (width,)})
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
# The first epoch compiles.
print(min(run.history["seconds"][1:]), (peak - before) / 1024, x.nbytes / 2**20)
"""

WRITE_FILE = """
import sys
import numpy as np
samples = int(sys.argv[2])
rng = np.random.default_rng(0)
x = rng.standard_normal((samples, 64), "float32")
np.savez(sys.argv[1], x_train=x, y_train=np.argmax(x[:, :10], axis=1))
"""

READ_FILE = """
import os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import resource, tempfile
import keras, tensorflow, zoo
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with tempfile.TemporaryDirectory() as folder:
    zoo.train("mlp", dataset=sys.argv[1], epochs=2, batch_size=4096, output=folder)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((peak - before) * 1024)
"""


def _process(code, *arguments):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [float(value) for value in done.stdout.split()[-3:]]


def _epoch(samples, width):
    seconds, peak, size = _process(EPOCH, samples, width, FEATURES, CLASSES, BATCH)
    return {
        "samples": samples,
        "width": width,
        "seconds": seconds,
        "peak_mib": peak,
        "data_mib": size,
    }


def _file(gigabytes):
    samples = round(gigabytes * 1e9 / (4 * FEATURES))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "drawn.npz")
        _process(WRITE_FILE, path, samples)
        (peak,) = _process(READ_FILE, path)
        return {"gigabytes": gigabytes, "peak": peak / path.stat().st_size}


def _first_step(name):
    # The start time that the system records is off by up to a second.
    runs = sorted(_process(FIRST_STEP, name, time.time())[::-1] for _ in range(ROUNDS))
    total, imported = runs[len(runs) // 2]
    return {"model": name, "seconds": total, "of_it_import_of_tensorflow": imported}


def table(results):
    """The results as Markdown tables."""
    lines = ["# How training grows", ""]
    lines += [
        f"`{results['command']}`: {results['machine']}, {results['versions']}; timed "
        f"at {results['commit']}.",
        "",
    ]
    lines += ["| model | seconds to the first step | of it importing TensorFlow |"]
    lines += ["|---|---|---|"]
    lines += [
        f"| {r['model']} | {r['seconds']:.1f} | {r['of_it_import_of_tensorflow']:.1f} |"
        for r in results["first_step"]
    ]
    lines += ["", f"Dense network, {FEATURES} features, batches of {BATCH}:", ""]
    lines += ["| samples | width | seconds an epoch | samples a second "]
    lines[-1] += "| MiB of samples | MiB more at the peak |"
    lines += ["|---|---|---|---|---|---|"]
    lines += [
        f"| {r['samples']:,} | {r['width']} | {r['seconds']:.3f} "
        f"| {r['samples'] / r['seconds']:,.0f} | {r['data_mib']:.1f} "
        f"| {r['peak_mib']:.0f} |"
        for r in results["growth"]
    ]
    lines += ["", "Two epochs of `mlp` on an `.npz` file, in memory:", ""]
    lines += ["| GB of samples | peak, over the size of the file |", "|---|---|"]
    lines += [f"| {r['gigabytes']:.1f} | {r['peak']:.2f} |" for r in results["files"]]
    return "\n".join(lines) + "\n"


def main():
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True
    )
    results = {
        "command": "python -m benchmarks.scaling",
        "machine": f"{platform.machine()}, {os.cpu_count()} CPU cores",
        "versions": f"tensorflow {version('tensorflow')}, keras {version('keras')}",
        "commit": commit.stdout.strip(),
        "files": [_file(gigabytes) for gigabytes in FILES],
        "first_step": [_first_step(n) for n in ("mlp.iris", "lenet5.digits")],
        "growth": [_epoch(n, WIDTHS[0]) for n in SAMPLES]
        + [_epoch(SAMPLES[1], width) for width in WIDTHS[1:]],
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    RESULTS.with_suffix(".md").write_text(table(results))


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
