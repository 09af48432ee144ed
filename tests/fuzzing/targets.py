"""The parsers that we wrote, each as a function of any bytes.

A target returns, or raises what its callers expect; everything else is a finding.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from export.errors import ExportError
from serving.errors import ServingError, StatusError
from zoo.errors import ZooError
from zoo.messages import quiet

Target = Callable[[bytes], object]
EXPECTED = (ZooError, ExportError, ServingError)
_FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-"))


def of_file(suffix: str, read: Callable[[Path], object]) -> Target:
    """A parser of files, given one of the bytes."""
    path = _FOLDER / f"input{suffix}"
    path.parent.mkdir(exist_ok=True)

    def target(data: bytes) -> None:
        path.write_bytes(data)
        with quiet():
            read(path)

    return target


def _arrays(path: Path) -> object:
    from zoo.array_file import DAMAGES, load_array

    try:
        return load_array(path)
    except DAMAGES:
        return None


def _dataset(path: Path) -> object:
    import zoo

    return zoo.load_dataset(path)


def _manifest(data: bytes) -> object:
    from export import manifest

    (_FOLDER / manifest.FILE).write_bytes(data)
    return manifest.read(_FOLDER)


def _run(path: Path) -> object:
    from zoo.runs.reading import read_config

    return read_config(path.parent)


def _history(path: Path) -> object:
    from zoo.runs.reading import read_history

    return read_history(path.parent)


def _records(path: Path) -> object:
    from serving.models.tf_record import read_records

    return list(read_records(path))


def _calls(path: Path) -> object:
    from serving.bench.replay import read_calls

    return read_calls(path, "m")


def _signatures() -> dict:
    from serving.protocol.signature_def import SignatureDef, TensorInfo

    inputs = {
        "x": TensorInfo("x", "DT_FLOAT", (None, 2), "x:0"),
        "n": TensorInfo("n", "DT_INT32", (None,), "n:0"),
        "s": TensorInfo("s", "DT_STRING", (None,), "s:0"),
    }
    return {
        "serving_default": SignatureDef("serving_default", {"x": inputs["x"]}, {}),
        "all": SignatureDef("all", inputs, {}),
    }


def _predict(data: bytes) -> object:
    from serving.protocol.predict import decode_predict_request

    return decode_predict_request(data, _signatures())


def _flat(data: bytes) -> object:
    from serving.protocol.flat_json import parse_array

    return parse_array(data, _signatures()["serving_default"].inputs["x"])


def _infer(data: bytes) -> object:
    from serving.protocol.open_inference.infer_request import decode_infer_request

    head = data[0] if data else 0
    return decode_infer_request(data[1:], head or None, _signatures())


def _message(data: bytes) -> object:
    from serving.protocol.large_messages import detach_tensors

    return detach_tensors(data, 2**24)


def _vocabulary(data: bytes) -> object:
    from zoo.datasets.vocabulary import Vocabulary, words

    texts = [words(line) for line in data.decode("utf-8", "replace").split("\n")]
    found = Vocabulary.of(texts, 50, suffix=2)
    return [found.decode(found.encode(text)) for text in texts]


def _inspection(path: Path) -> object:
    from export import inspection

    return inspection.inspect(path)


def _route(data: bytes) -> object:
    from serving.protocol.routes import parse_route

    method, _, path = data.decode("latin-1").partition(" ")
    is_line = method.isprintable() and path.isprintable()  # as httptools leaves it
    return parse_route(method, path) if is_line else None


TARGETS: dict[str, Target] = {
    "npz": of_file(".npz", _dataset),
    "arrays": of_file(".npy", _arrays),
    "csv": of_file(".csv", _dataset),
    "tsv": of_file(".tsv", _dataset),
    "txt": of_file(".txt", _dataset),
    "json": of_file(".json", _dataset),
    "manifest": _manifest,
    "config": of_file("/config.json", _run),
    "history": of_file("/history.csv", _history),
    "records": of_file(".tfrecord", _records),
    "calls": of_file(".log", _calls),
    "predict": _predict,
    "flat": _flat,
    "infer": _infer,
    "message": _message,
    "vocabulary": _vocabulary,
    "onnx": of_file(".onnx", _inspection),
    "route": _route,
}
# What a fuzzer starts from: it finds out little of a form that it never saw.
SEEDS: dict[str, list[bytes]] = {
    "csv": [b"a,b,label\n1,2,x\n3,4,y\n", b'"a";b\n1,5;x\n', b"2024-01-01,1\n"],
    "tsv": [b"pos\tgood film\nneg\tbad\n", b"the\tDET\nend\tN\n\na\tDET\nb\tN\n"],
    "txt": [b"one two three\nfour five\n" * 9, b"1 2\n3 4\n"],
    "json": [b'[{"text": "a b", "label": "x"}]', b'{"text": "a", "label": 1}\n' * 3],
    "manifest": [b'{"name": "m", "version": 1, "formats": [], "signatures": {}}'],
    "config": [b'{"name": "m", "recipe": {"encoding": {}, "epochs": 1}}'],
    "history": [b"epoch,loss\n1,0.5\n2,0.25\n"],
    "predict": [b'{"instances": [[1, 2]]}', b'{"inputs": {"x": [[1, 2]], "s": ["a"]}}'],
    "flat": [b'{"instances": [[1.5, 2], [3e-2, -4]]}', b'{"inputs": [[1, 2]]}'],
    "infer": [
        b'\0{"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", '
        b'"data": [1, 2]}]}'
    ],
    "route": [b"POST /v1/models/m/versions/1:predict", b"GET /v1/models/m/metadata"],
}
# What it found: each was a traceback, or an error of several lines.
FOUND: dict[str, list[bytes]] = {
    "csv": [b'"x.\n"x\n59'],
    "predict": [b'{"inputs":{"x":"x","": []}}', b'{"inputs":{"x":1,"": []}}'],
}


def check(target: Target, data: bytes) -> None:
    """Runs a target; what is not expected is raised."""
    try:
        target(data)
    except StatusError:
        pass  # A client may read what it sent; the log escapes it.
    except EXPECTED as error:
        assert "\n" not in str(error).strip(), error
