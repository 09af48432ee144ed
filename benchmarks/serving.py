"""Times `zoo serve` beside other model servers, with the same ONNX file and equal work.

    make serving-peers
    python -m benchmarks.serving [--rounds N] [--seconds S] [--only PATTERN]
    python -m benchmarks.serving --minutes 10

LeNet-5 answers images of 28x28x1. In each round every server is started alone, answers
once, is checked against ONNX Runtime, warmed, and loaded from another process: `wrk`
over HTTP, a closed loop of `grpc.aio` over gRPC. A figure is the median over the
rounds. Each peer runs in an environment of its own with the number of workers that
answered more requests a second in a trial before the rounds; their applications are in
`benchmarks/servers/peers/`.

`--minutes` loads our server with 64 connections for so long and samples its memory.
Writes `serving.json` and `serving.md` beside this file; `--only` measures the matching
servers and keeps the figures of the others.
"""

import argparse
import fnmatch
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks.servers import page
from benchmarks.servers.load import over_http, require_wrk
from benchmarks.servers.peers.model import SHAPE, Model
from benchmarks.servers.process import NotThereError, Server
from benchmarks.servers.sides import MODEL, OURS, ours, peers

RESULTS = Path(__file__).with_suffix(".json")
ROUNDS = 5
SECONDS = 5
WARM_SECONDS = 1
COLD_STARTS = 7
TOLERANCE = 1e-4
SAMPLE_SECONDS = 5  # between two samples of memory


class Work(NamedTuple):
    """What a server is loaded with.

    Args:
        transport: Key of a side's `protocols`.
        images: Of a request.
        connections: Concurrent callers.
    """

    transport: str
    images: int
    connections: int

    def __str__(self):
        images = "1 image" if self.images == 1 else f"{self.images} images"
        return f"{self.transport}, {images}, {self.connections} callers"


WORKS = [
    *(Work("json", 1, connections) for connections in (1, 16, 64)),
    *(Work("json", images, 16) for images in (32, 256)),
    *(Work("binary", 1, connections) for connections in (1, 16, 64)),
    *(Work("grpc", 1, connections) for connections in (1, 16)),
    *(Work("grpc v2", 1, connections) for connections in (1, 16)),
]


class Benchmark:
    """Measures sides in rounds.

    Args:
        model: Path of the ONNX file.
        seconds: Of a measurement.
    """

    def __init__(self, model, seconds):
        self.seconds = seconds
        draw = np.random.default_rng(0)
        self.images, self.expected = {}, {}
        run = Model(model)
        for size in sorted({work.images for work in WORKS}):
            pixels = draw.integers(0, 256, (size, *SHAPE))
            self.images[size] = pixels.astype("float32")
            self.expected[size] = run(self.images[size])

    def start(self, side, form):
        """Starts a server and waits for its first right answer."""
        command = side.forms[form]
        return Server(command, lambda port: self._check(side, "json", port, 1))

    def choose(self, side):
        """Returns the fastest form and the requests a second of each."""
        trials = {}
        for form in side.forms:
            with self.start(side, form) as server:
                figures = self.measure(side, server, Work("json", 1, 16))
            trials[form] = figures["requests_per_second"]
        return max(trials, key=trials.get), trials

    def round(self, side, form):
        """Returns the figures of each work, and memory and seconds to the start."""
        figures = {}
        with self.start(side, form) as server:
            for work in works_of(side):
                try:
                    figures[str(work)] = self.measure(side, server, work)
                except NotThereError as error:
                    figures[str(work)] = {"not_there": str(error)}
            memory = server.memory()
            start = server.seconds_to_first_answer
        return {"works": figures, "memory": memory, "seconds_to_first_answer": start}

    def measure(self, side, server, work):
        """Checks an answer, then loads the server."""
        protocol = side.protocols[work.transport]
        http = protocol.load is over_http
        port = server.http_port if http else server.grpc_port
        try:
            self._check(side, work.transport, port, work.images)
        except (OSError, ValueError) as error:
            raise NotThereError(str(error)) from error
        request = protocol.request(self.images[work.images])
        protocol.load(port, request, work.connections, WARM_SECONDS)
        figures = protocol.load(port, request, work.connections, self.seconds)
        if not figures["requests_per_second"]:
            raise NotThereError(f"No answer within {self.seconds} s.")
        return figures

    def _check(self, side, transport, port, images):
        found = side.protocols[transport].ask(port, self.images[images])
        expected = self.expected[images]
        if np.shape(found) != expected.shape or not np.allclose(
            found, expected, atol=TOLERANCE
        ):
            raise ValueError(f"Wrong probabilities over {transport}.")


def works_of(side):
    """The works that a side has a protocol for."""
    works = [work for work in WORKS if work.transport in side.protocols]
    if side.brief:
        works = [work for work in works if work.images == 1 and work.connections > 1]
    return works


def run_rounds(benchmark, sides, rounds):
    """Returns the results of each side by name, or why it did not start."""
    forms, results = {}, {}
    for side in sides:
        try:
            forms[side.name] = benchmark.choose(side)
            print(side.name, forms[side.name], flush=True)
        except (NotThereError, FileNotFoundError) as error:
            results[side.name] = {"not_there": str(error)}
            print(f"{side.name}: {error}", flush=True)
    started = [side for side in sides if side.name in forms]
    done = {side.name: [] for side in started}
    for number in range(rounds):
        turn = number % max(len(started), 1)
        for side in started[turn:] + started[:turn]:
            try:
                done[side.name].append(benchmark.round(side, forms[side.name][0]))
            except NotThereError as error:
                results[side.name] = {"not_there": f"round {number + 1}: {error}"}
            print(f"round {number + 1} of {rounds}: {side.name}", flush=True)
        started = [side for side in started if side.name not in results]
    for side in started:
        form, trials = forms[side.name]
        about = {"form": form, "trials": trials, "versions": versions(side)}
        results[side.name] = {**about, **medians(done[side.name])}
    return results


def medians(rounds):
    """The median of each figure over the rounds; memory is that of the last round."""
    works = {}
    for work in rounds[0]["works"]:
        figures = [each["works"][work] for each in rounds]
        absent = [each for each in figures if "not_there" in each]
        works[work] = absent[0] if absent else _median_figures(figures)
    starts = [each["seconds_to_first_answer"] for each in rounds]
    return {
        "works": works,
        "memory": rounds[-1]["memory"],
        "seconds_to_first_answer": statistics.median(starts),
    }


def _median_figures(figures):
    found = {
        key: statistics.median(each[key] for each in figures)
        for key in ("requests_per_second", "p50_ms", "p99_ms")
    }
    found["errors"] = sum(each["errors"] for each in figures)
    found["rounds"] = [each["requests_per_second"] for each in figures]
    return found


def versions(side):
    """The versions of a side's packages in its own environment."""
    code = "import sys; from importlib.metadata import version\n"
    code += "for name in sys.argv[1:]: print(name, version(name))"
    command = [side.python, "-c", code, *side.packages]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def cold_starts(benchmark, side):
    """Seconds from our command to its first right answer, one for each start."""
    seconds = []
    for _ in range(COLD_STARTS):
        with benchmark.start(side, next(iter(side.forms))) as server:
            seconds.append(server.seconds_to_first_answer)
    return seconds


def floor(model, seconds):
    """Runs a second of the engine alone, by images of a batch."""
    module = [sys.executable, "-m", "benchmarks.servers.floor"]
    command = [*module, str(model), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def soak(benchmark, side, minutes):
    """Loads a server with 64 connections and samples the PSS of all its processes."""
    work = Work("json", 1, 64)
    request = side.protocols["json"].request(benchmark.images[1])
    samples, ended = [], threading.Event()
    with benchmark.start(side, next(iter(side.forms))) as server:
        benchmark.measure(side, server, work)
        start = time.perf_counter()

        def sample():
            while not ended.wait(SAMPLE_SECONDS):
                total = sum(each["pss_mb"] for each in server.memory())
                samples.append([time.perf_counter() - start, total])

        thread = threading.Thread(target=sample)
        thread.start()
        try:
            figures = over_http(
                server.http_port, request, work.connections, round(60 * minutes)
            )
        finally:
            ended.set()
            thread.join()
    return {"minutes": minutes, **figures, "pss_mb": samples}


def artifact(folder):
    """Exports the model; returns the path of its ONNX file."""
    command = [sys.executable, "-m", "zoo", "export", MODEL, "--base-path", folder]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder / MODEL / "1" / "model.onnx"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=int, default=SECONDS, help="of a measurement")
    parser.add_argument("--only", default="*", help="name pattern, such as ours*")
    parser.add_argument("--minutes", type=float, help="load ours for so long instead")
    given = parser.parse_args()
    require_wrk()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # no server outlives it
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"sides": {}}
    with tempfile.TemporaryDirectory() as folder:
        model = artifact(Path(folder))
        benchmark = Benchmark(model, given.seconds)
        sides = [*ours(folder), *peers(model)]
        if given.minutes:
            results["soak"] = soak(benchmark, sides[0], given.minutes)
        else:
            chosen = [each for each in sides if fnmatch.fnmatch(each.name, given.only)]
            found = run_rounds(benchmark, chosen, given.rounds)
            results["sides"] = {**results["sides"], **found}
            if OURS in found:
                results["cold_starts"] = cold_starts(benchmark, sides[0])
            results["floor"] = floor(model, given.seconds)
            results.update(about(given.rounds, given.seconds))
    order = [side.name for side in sides if side.name in results["sides"]]
    results["sides"] = {name: results["sides"][name] for name in order}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    works = list(map(str, WORKS))
    RESULTS.with_suffix(".md").write_text(page.page(results, works))


def about(rounds, seconds):
    """What the figures depend on."""
    describe = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(describe, capture_output=True, text=True).stdout.strip()
    return {
        "command": "python -m benchmarks.serving",
        "machine": f"{platform.machine()}, {os.cpu_count()} CPU cores, "
        f"Python {platform.python_version()}",
        "commit": commit,
        "rounds": rounds,
        "seconds": seconds,
    }


if __name__ == "__main__":
    main()
