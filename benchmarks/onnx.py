"""What the ONNX of each name is like, and how fast it answers.

    python -m benchmarks.onnx [--only PATTERN] [--rounds N]

For each name, with its weights where they ship: the formats that pass the parity check
with their largest difference, and of `model.onnx` the opset, operators, loops, bytes
and seconds to export. *Latency* is the time of ONNX Runtime for a batch of 1 and of 32,
divided by that for what Keras' own `model.export(format="onnx")` writes of the same
model with Keras' layers, in alternating runs on one core; `-` where that fails. Writes
`onnx.json` beside this file, and `docs/parity.md`.
"""

import argparse
import json
import statistics
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np
import onnx
import onnxruntime

import export
import zoo
from custom_layers import convert
from export.formats import find_format
from export.samples import Drawn
from export.signature import NAME, signature_of
from export.signatures.by_task import signatures_of
from zoo.runs.trained import trained

RESULTS = Path(__file__).with_suffix(".json")
PAGE = Path(__file__).parents[1] / "docs" / "parity.md"
BATCHES = (1, 32)
ROUNDS = 7  # pairs of runs, of whose ratios the median counts
SECONDS = 0.05  # minimum duration of a run
LENGTH = 64  # of open axes

HEADER = """# Exported names

What `export.export_model` writes for each name, measured by
`python -m benchmarks.onnx` on {packages}.

*SavedModel* and *ONNX*: the largest difference from the model, over all outputs, in the
sense of `export/parity.py`. *Seconds* are those of the conversion to ONNX. *1* and
*32*: the time of ONNX Runtime on one core for a batch of that size, divided by that for
what Keras' own `model.export(format="onnx")` writes of the same model with Keras'
layers, in alternating runs (below 1, ours is faster; `-` where theirs does not run).
Theirs has the mean and variance of a Normalization layer as inputs; here they are put
back as constants before it is timed.

| name | SavedModel | ONNX | opset | operators | loops | kB | seconds | 1 | 32 |
|---|---|---|---|---|---|---|---|---|---|
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="pattern of names")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="pairs of runs")
    arguments = parser.parse_args()
    found = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in zoo.list_models(arguments.only):
        found[name] = measured(name, arguments.rounds)
        print(_row(name, found[name]), flush=True)
        RESULTS.write_text(json.dumps(found, indent=1) + "\n")
    names = [name for name in zoo.list_models() if name in found]
    rows = "".join(f"{_row(name, found[name])}\n" for name in names)
    packages = ", ".join(
        f"{each} {version(each)}"
        for each in ("keras", "tensorflow", "tf2onnx", "onnxruntime")
    )
    PAGE.write_text(HEADER.format(packages=packages) + rows)


def measured(name: str, rounds: int) -> dict:
    """Exports a name and times its ONNX, where it has one."""
    model = zoo.create_model(name, pretrained=name in zoo.list_models(pretrained=True))
    with tempfile.TemporaryDirectory() as folder:
        manifest = export.export_model(model, folder).manifest
        differences = manifest["parity"]["max_difference"]
        found = {"difference": {k: max(v.values()) for k, v in differences.items()}}
        if "onnx" in differences:
            found |= _measured_onnx(model, name, Path(folder), rounds)
        return found


def _measured_onnx(model: keras.Model, name: str, folder: Path, rounds: int) -> dict:
    start = time.perf_counter()
    signature = signatures_of(trained(model))[NAME]
    find_format("onnx").write({NAME: signature}, folder, {"name": name})
    seconds = time.perf_counter() - start
    path = folder / "model.onnx"
    written = onnx.load(path)
    kinds = [node.op_type for node in _nodes(written.graph)]
    return {
        "opset": next(x.version for x in written.opset_import if not x.domain),
        "operators": len(kinds),
        "loops": sum(kind in ("Loop", "Scan") for kind in kinds),
        "bytes": path.stat().st_size,
        "seconds": seconds,
        "latency": _latencies(model, folder, rounds),
    }


def _latencies(model: keras.Model, folder: Path, rounds: int) -> dict[str, float]:
    """Returns the ratios for what the model itself computes, by size of the batch."""
    ours, theirs = folder / "ours", folder / "theirs.onnx"
    ours.mkdir()
    signature = signature_of(model)
    try:
        find_format("onnx").write({NAME: signature}, ours, {"name": model.name})
    except export.ExportError:
        return {}  # only other signatures can: a generator's own call draws its codes
    draw = Drawn(signature.call, (LENGTH, LENGTH))
    batches = {size: list(draw(size).values()) for size in BATCHES}
    peer = convert(model, to="keras")
    try:
        peer(batches[1] if len(batches[1]) > 1 else batches[1][0])  # Keras asks for it
        peer.export(theirs, format="onnx", verbose=False)
        _restore_constants(theirs, peer)
        sessions = [_session(ours / "model.onnx"), _session(theirs)]
    except Exception:  # whatever Keras, tf2onnx or ONNX Runtime raises
        return {}
    return {
        str(size): _ratio(sessions, arrays, rounds) for size, arrays in batches.items()
    }


def _restore_constants(path: Path, model: keras.Model) -> None:
    """Makes mean and variance of a Normalization layer, which tf2onnx turns into
    inputs of the graph, its initializers again."""
    written = onnx.load(path)
    constants = {}
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.Normalization):
            scope = f"{layer.name}_1"  # of the second call, which `export` makes
            centre = "Add" if layer.invert else "Sub"
            constants[scope, centre] = np.asarray(layer.mean)
            constants[scope, "Sqrt"] = np.asarray(layer.variance)
    for value in list(written.graph.input):
        constant = constants.get(tuple(value.name.split("/")[-3:-1]))
        if constant is not None:
            written.graph.input.remove(value)
            constant = onnx.numpy_helper.from_array(constant, value.name)
            written.graph.initializer.append(constant)
    onnx.save(written, path)


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        path, options, providers=["CPUExecutionProvider"]
    )


def _ratio(sessions: list, arrays: list[np.ndarray], rounds: int) -> float:
    """Returns the median ratio of alternating runs."""
    runs = [_run(session, arrays) for session in sessions]
    ratios = []
    for _ in range(rounds):
        ours, theirs = (run() for run in runs)
        ratios.append(ours / theirs)
    return statistics.median(ratios)


def _run(session: onnxruntime.InferenceSession, arrays: list[np.ndarray]):
    """Returns a function that runs a session and returns seconds per call."""
    feeds = {x.name: a for x, a in zip(session.get_inputs(), arrays, strict=True)}

    def seconds(calls: int) -> float:
        start = time.perf_counter()
        for _ in range(calls):
            session.run(None, feeds)
        return time.perf_counter() - start

    calls = 1
    while seconds(calls) < SECONDS:
        calls *= 2
    return lambda: seconds(calls) / calls


def _nodes(graph: onnx.GraphProto):
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _nodes(attribute.g)


def _row(name: str, found: dict) -> str:
    difference, latency = found["difference"], found.get("latency", {})
    cells = [
        *(_cell(difference.get(each), ".1e") for each in ("saved_model", "onnx")),
        *(_cell(found.get(each), "") for each in ("opset", "operators", "loops")),
        _cell(found["bytes"] / 1000 if "bytes" in found else None, ".0f"),
        _cell(found.get("seconds"), ".1f"),
        *(_cell(latency.get(str(size)), ".2f") for size in BATCHES),
    ]
    return f"| `{name}` | {' | '.join(cells)} |"


def _cell(number: float | None, form: str) -> str:
    return "-" if number is None else format(number, form)


if __name__ == "__main__":
    main()
