"""Hostile artifacts: manifests, references, ONNX files, SavedModels, prepared sets."""

import atexit
import functools
import json
import os
import shutil
import struct
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import tensorflow as tf
from onnx import TensorProto, helper, numpy_helper

import export
import zoo
from export import inspection, manifest
from export.errors import ExportError
from serving.errors import StatusError
from serving.models.servable import Servable
from serving.models.tf_record import masked_crc32c, record_bytes
from serving.models.warmup import FILE as WARMUP
from serving.options import ServerOptions
from tests.export.programs import STRINGS, save
from tests.hostile.measuring import Reader
from tests.hostile.model_files import DEEP, VALUES, changed, halved, mutant
from tests.hostile.writing import (
    RANDOM,
    Write,
    array,
    content,
    header,
    npz,
    pipe,
    png,
)

OWNED = Path(tempfile.gettempdir(), f"owned-{os.getpid()}")


@functools.cache
def published() -> Path:
    """An artifact in both formats."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    return Path(export.export_model("mlp.iris", folder).path)


def artifact(edit: Callable[[Path], Any]) -> Write:
    """An artifact that is edited, with a manifest that says so."""

    def write(path: Path) -> Path:
        place = path / "mlp.iris" / "1"
        shutil.copytree(published(), place)
        edit(place)
        held = json.loads((place / manifest.FILE).read_text())
        if isinstance(held, dict):
            manifest.write(place, held | {"files": manifest.file_table(place)})
        return place

    return write


def manifest_of(edit: Callable[[dict], Any]) -> Write:
    """An artifact with another manifest, whose own sha256 is right."""

    def write(path: Path) -> Path:
        place = path / "mlp.iris" / "1"
        shutil.copytree(published(), place)
        held = edit(json.loads((place / manifest.FILE).read_text()))
        if isinstance(held, dict):
            manifest.write(place, held)
        else:
            (place / manifest.FILE).write_text(json.dumps(held))
        return place

    return write


def mutant_of_manifest(number: int) -> Write:
    return manifest_of(lambda held: mutant(held, 7 * number))


def reference(write: Write) -> Write:
    """An artifact with other reference outputs."""

    def edit(folder: Path) -> None:
        place = folder / "assets.extra" / "parity.npz"
        place.unlink()
        made = write(folder / "made")
        if made != place:
            made.rename(place)

    return artifact(edit)


def honest_artifact(path: Path) -> Path:
    def edit(folder: Path) -> None:
        (folder / "assets.extra" / "notes").write_bytes(bytes(4 * 10**6))

    return artifact(edit)(path)


def at_file(name: str, data: bytes) -> Callable[[Path], Any]:
    return lambda folder: (folder / name).write_bytes(data)


def piped(name: str) -> Callable[[Path], Any]:
    def edit(folder: Path) -> None:
        (folder / name).unlink()
        os.mkfifo(folder / name)

    return edit


KEY = "serving_default/0/input/features"
ARTIFACTS = {
    **{f"mutant {number}": mutant_of_manifest(number) for number in range(16)},
    **{
        f"parity of {name}": manifest_of(lambda held, put=put: held | {"parity": put})
        for name, put in VALUES.items()
    },
    "depth": manifest_of(lambda held: held | {"labels": DEEP}),
    "a manifest of many files": manifest_of(
        lambda held: held | {"files": {str(i): {} for i in range(20_000)}}
    ),
    "a file outside": manifest_of(
        lambda held: held | {"files": held["files"] | {"../../../etc/passwd": {}}}
    ),
    "a shape of 10^13": manifest_of(
        lambda held: changed(
            held,
            ("signatures", "serving_default", "inputs", "features", "shape"),
            [None, 10**13],
        )
    ),
    "a reference of zeros": reference(npz(**{KEY: array(np.zeros((10**4, 1000)))})),
    "a reference of 10^13": reference(npz(**{KEY: header("(10000000000000, 4)")})),
    "a reference of objects": reference(npz(**{KEY: array(np.array([{}], object))})),
    "a reference without numbers": reference(npz(**{"a/b/c/d": array(np.zeros(3))})),
    "a reference of no name": reference(npz(**{"a": array(np.zeros(3))})),
    "lengths beyond the end": reference(
        npz(**{KEY: array(np.zeros(3, "u1")), f"{KEY}/lengths": array(np.full(3, 9))})
    ),
    "negative lengths": reference(
        npz(**{KEY: array(np.zeros(3, "u1")), f"{KEY}/lengths": array(np.full(3, -9))})
    ),
    "lengths of fractions": reference(
        npz(**{KEY: array(np.zeros(3, "u1")), f"{KEY}/lengths": array(np.full(3, 0.5))})
    ),
    "a reference that is text": reference(content(".npz", "x")),
    "a pipe as model": artifact(piped("model.onnx")),
    "a pipe as graph": artifact(piped("saved_model.pb")),
    "a manifest without end": manifest_of(lambda held: DEEP),
    "metadata without end": artifact(
        lambda folder: next(folder.glob("assets/*")).write_text("[" * 100_000)
    ),
    "empty variables": artifact(
        at_file("variables/variables.data-00000-of-00001", b"")
    ),
    "an index of zeros": artifact(at_file("variables/variables.index", bytes(999))),
    "an empty model": artifact(at_file("model.onnx", b"")),
    "an empty graph": artifact(at_file("saved_model.pb", b"")),
}


# ONNX


def onnx_file(
    *nodes: onnx.NodeProto,
    edit: Callable[[onnx.ModelProto], Any] = lambda model: None,
    **constants: np.ndarray,
) -> Write:
    """A version that holds `y = ...` of `x`."""

    def write(path: Path) -> Path:
        path.mkdir()
        graph = helper.make_graph(
            nodes,
            "graph",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch"])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch"])],
            [numpy_helper.from_array(value, name) for name, value in constants.items()],
        )
        opset = [helper.make_opsetid("", 17)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=9)
        edit(model)
        (path / "model.onnx").write_bytes(model.SerializeToString())
        return path

    return write


def node(operator: str, *inputs: str, **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(operator, inputs, ["y"], **attributes)


MUL = node("Mul", "x", "c")
ONE = np.float32(1)


def honest_onnx(path: Path) -> Path:
    big = RANDOM.normal(size=(10**6,)).astype("float32")
    shape = node("ReduceSum", "c", keepdims=0)
    shape.output[0] = "s"
    return onnx_file(shape, node("Mul", "x", "s"), c=big)(path)


def declared(*dims: int) -> Callable[[onnx.ModelProto], Any]:
    """An initializer of so many values, without any of them."""

    def edit(model: onnx.ModelProto) -> None:
        (constant,) = model.graph.initializer
        constant.ClearField("raw_data")
        constant.ClearField("dims")
        constant.dims.extend(dims)

    return edit


def named(name: str) -> Callable[[onnx.ModelProto], Any]:
    def edit(model: onnx.ModelProto) -> None:
        model.graph.input[0].name = name
        model.graph.node[0].input[0] = name

    return edit


def outside(model: onnx.ModelProto) -> None:
    (constant,) = model.graph.initializer
    constant.data_location = TensorProto.EXTERNAL
    constant.external_data.add(key="location", value="/etc/passwd")


def batch_of(size: int) -> Callable[[onnx.ModelProto], Any]:
    def edit(model: onnx.ModelProto) -> None:
        model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = size

    return edit


def use(path: Path) -> None:
    """Inspects a version, and loads and warms it up as a server does."""
    inspection.check(path)
    servable = Servable("model", 1, path)
    try:
        servable.load(ServerOptions())
    except StatusError as error:  # as the server logs it
        raise ExportError(str(error)) from error


ONNX = {
    "values that are not there": onnx_file(MUL, edit=declared(10**9), c=ONE),
    "10^13 values": onnx_file(MUL, edit=declared(10**13), c=ONE),
    "a negative size": onnx_file(MUL, edit=declared(-1), c=ONE),
    "a product beyond 2^64": onnx_file(MUL, edit=declared(2**40, 2**40), c=ONE),
    "an input of 10^13": onnx_file(MUL, edit=batch_of(10**13), c=ONE),
    "a constant that unfolds": onnx_file(
        node("ConstantOfShape", "c"), c=np.array([10**10])
    ),
    "an unknown operator": onnx_file(node("Evil", "x")),
    "another domain": onnx_file(node("Evil", "x", domain="com.evil")),
    "data of others": onnx_file(MUL, edit=outside, c=ONE),
    "an input of no name": onnx_file(MUL, edit=named(""), c=ONE),
    "an input of a terminal": onnx_file(MUL, edit=named("\x1b[2J\u202e"), c=ONE),
    "an input of mathematics": onnx_file(MUL, edit=named("$_$"), c=ONE),
    "an input of a path": onnx_file(MUL, edit=named("../../x"), c=ONE),
    "a circle": onnx_file(node("Add", "y", "x")),
    "no nodes": onnx_file(),
    "a missing input": onnx_file(node("Mul", "x", "nowhere")),
    "a deep graph": onnx_file(
        *(
            helper.make_node("Neg", [f"n{i}" if i else "x"], [f"n{i + 1}"])
            for i in range(3_000)
        ),
        node("Neg", "n3000"),
    ),
    "a version of tomorrow": onnx_file(
        MUL, edit=lambda model: setattr(model, "ir_version", 999), c=ONE
    ),
    "no operator set": onnx_file(
        MUL, edit=lambda model: model.ClearField("opset_import"), c=ONE
    ),
    "no graph": onnx_file(MUL, edit=lambda model: model.ClearField("graph"), c=ONE),
    "half of it": lambda path: (
        halved(onnx_file(MUL, c=ONE)(path) / "model.onnx").parent
    ),
    "zeros": lambda path: folder_with(path, "model.onnx", bytes(10**5)),
    "a pipe": lambda path: pipe(".onnx")(made(path) / "model").parent,
    "a record that says 2^63 bytes": lambda path: warmed(path, b"\xff" * 7 + b"\x7f"),
    "a record of zeros": lambda path: warmed(path, bytes(10**5)),
    "a record of text": lambda path: warmed(path, b"x" * 999),
}


def made(path: Path) -> Path:
    path.mkdir()
    return path


def folder_with(path: Path, name: str, data: bytes) -> Path:
    (made(path) / name).write_bytes(data)
    return path


def warmed(path: Path, data: bytes) -> Path:
    onnx_file(MUL, c=ONE)(path)
    (path / WARMUP).parent.mkdir()
    (path / WARMUP).write_bytes(data)
    return path


# SavedModels


def honest_saved_model(path: Path) -> Path:
    weights = tf.constant(RANDOM.normal(size=(10**6,)), tf.float32)
    return save(path, lambda x: x * tf.reduce_sum(weights))


def writes(x: tf.Tensor) -> tf.Tensor:
    tf.io.write_file(str(OWNED), tf.strings.as_string(x[0]))
    return x


def use_saved_model(path: Path) -> None:
    try:
        use(path)
    finally:
        if OWNED.exists():
            OWNED.unlink()
            raise AssertionError("it wrote a file")


def edited(edit: Callable[[bytearray], Any]) -> Write:
    def write(path: Path) -> Path:
        save(path, lambda x: 2 * x)
        data = bytearray((path / "saved_model.pb").read_bytes())
        edit(data)
        (path / "saved_model.pb").write_bytes(data)
        return path

    return write


def flipped(seed: int) -> Write:
    def edit(data: bytearray) -> None:
        random = np.random.default_rng(seed)
        for place in random.integers(0, len(data), 3):
            data[place] ^= 1 << int(random.integers(8))

    return edited(edit)


SAVED_MODELS = {
    "WriteFile": lambda path: save(path, writes),
    "WriteFile in a branch": lambda path: save(
        path, lambda x: tf.cond(x[0] > 0, lambda: writes(x), lambda: x)
    ),
    "WriteFile in a loop": lambda path: save(
        path,
        lambda x: tf.while_loop(lambda y: y[0] < 9, lambda y: (writes(y) + 1,), (x,))[
            0
        ],
    ),
    "WriteFile in a map": lambda path: save(
        path, lambda x: tf.map_fn(lambda y: writes(y[tf.newaxis])[0], x)
    ),
    "ReadFile": lambda path: save(
        path, lambda x: tf.map_fn(tf.io.read_file, x), STRINGS
    ),
    "Python": lambda path: save(
        path, lambda x: tf.py_function(lambda y: y, [x], tf.float32)
    ),
    "NumPy": lambda path: save(
        path, lambda x: tf.numpy_function(lambda y: y, [x], tf.float32)
    ),
    "a data set": lambda path: save(
        path, lambda x: tf.data.Dataset.from_tensors(x).reduce(x, lambda a, b: b)
    ),
    "printing to a file": lambda path: save(
        path, lambda x: (tf.print(x, output_stream=f"file://{OWNED}"), x)[1]
    ),
    **{f"flipped {seed}": flipped(seed) for seed in range(12)},
    "half of it": edited(lambda data: data.__delitem__(slice(len(data) // 2, None))),
    "nothing": edited(lambda data: data.clear()),
    "zeros": edited(lambda data: data.__setitem__(slice(None), bytes(999))),
    "groups without end": edited(
        lambda data: data.__setitem__(slice(None), b"\x0b" * 10**5)
    ),
    "a string of 2^31 bytes": edited(
        lambda data: data.__setitem__(slice(None), b"\x12\xff\xff\xff\xff\x07a")
    ),
}


# Sets of TFDS


def prepared(path: Path, features: Any, info: Any, records: bytes = b"") -> Path:
    place = path / "mine" / "1.0.0"
    place.mkdir(parents=True)
    for name, held in (("features", features), ("dataset_info", info)):
        text = held if isinstance(held, str) else json.dumps(held)
        (place / f"{name}.json").write_text(text)
    (place / "mine-train.tfrecord-00000-of-00001").write_bytes(records)
    return path


CORE = "tensorflow_datasets.core.features"
FEATURES = {
    "pythonClassName": f"{CORE}.features_dict.FeaturesDict",
    "featuresDict": {
        "features": {
            "image": {
                "pythonClassName": f"{CORE}.image_feature.Image",
                "image": {
                    "shape": {"dimensions": ["28", "28", "1"]},
                    "dtype": "uint8",
                    "encodingFormat": "png",
                },
            },
            "label": {
                "pythonClassName": f"{CORE}.class_label_feature.ClassLabel",
                "classLabel": {"numClasses": "10"},
            },
        }
    },
}
INFO = {
    "name": "mine",
    "version": "1.0.0",
    "fileFormat": "tfrecord",
    "splits": [
        {
            "name": "train",
            "numBytes": "100",
            "shardLengths": ["200"],
            "filepathTemplate": "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}",
        }
    ],
}


def example(image: bytes, label: int = 0, **more: bytes) -> bytes:
    """A record, framed as in a file."""
    made = tf.train.Example()
    made.features.feature["label"].int64_list.value.append(label)
    for name, value in {"image": image, **more}.items():
        made.features.feature[name].bytes_list.value.append(value)
    return record_bytes(made.SerializeToString())


def noise() -> bytes:
    rows = (b"\0" + RANDOM.integers(0, 256, 28, "uint8").tobytes() for _ in range(28))
    return png(28, 28, b"".join(rows))


@functools.cache
def records() -> bytes:
    return b"".join(example(noise(), i % 10) for i in range(200))


def long_record() -> bytes:
    """It says that it has 2^40 bytes, with a checksum that is right."""
    length = struct.pack("<Q", 2**40)
    return length + struct.pack("<I", masked_crc32c(length)) + bytes(99)


def prepared_set(
    features: Any = FEATURES, info: Any = INFO, held: bytes | None = None
) -> Write:
    return lambda path: prepared(
        path, features, info, records() if held is None else held
    )


def changed_set(
    edit: Callable[[Path], Any], features: Any = FEATURES, info: Any = INFO
) -> Write:
    """A set, the folder of whose version is edited."""

    def write(path: Path) -> Path:
        prepared(path, features, info, records())
        edit(path / "mine" / "1.0.0")
        return path

    return write


def exchanged(name: str, make: Callable[[Path], Any]) -> Callable[[Path], None]:
    def edit(place: Path) -> None:
        (place / name).unlink(missing_ok=True)
        make(place / name)

    return edit


def behind_a_link(place: Path) -> None:
    outside = place.parents[1] / "outside"
    place.rename(outside)
    place.symlink_to(outside)


def examples(*held: bytes) -> Any:
    return changed(INFO, ("splits", 0, "shardLengths"), [str(len(held))])


def set_of(*held: bytes, features: Any = FEATURES) -> Write:
    return prepared_set(features, examples(*held), b"".join(held))


def also(name: str, feature: Any) -> Any:
    return changed(FEATURES, ("featuresDict", "features", name), feature)


def honest_set(path: Path) -> Path:
    prepared_set()(path)
    (path / "notes.txt").write_bytes(bytes(3 * 10**6))
    return path


def read_set(path: Path) -> None:
    zoo.load_dataset("mine", data_dir=path)


SHARD = "mine-train.tfrecord-00000-of-00001"
SMALL = png(28, 28, bytes(28 * 29))
TEXT = {"pythonClassName": f"{CORE}.text_feature.Text", "text": {}}
IMAGE = ("featuresDict", "features", "image")
LABEL = ("featuresDict", "features", "label")
SETS = {
    **{
        f"features {number}": prepared_set(features=mutant(FEATURES, number))
        for number in range(20)
    },
    **{
        f"info {number}": prepared_set(info=mutant(INFO, number))
        for number in range(20)
    },
    "10^9 classes": prepared_set(
        changed(FEATURES, (*LABEL, "classLabel", "numClasses"), str(10**9))
    ),
    "400,000 names": changed_set(
        lambda place: (place / "label.labels.txt").write_text(
            "\n".join(map(str, range(400_000)))
        )
    ),
    "more names than classes": changed_set(
        lambda place: (place / "label.labels.txt").write_text(
            "\n".join(map(str, range(50)))
        )
    ),
    "no examples": prepared_set(
        info=changed(INFO, ("splits", 0, "shardLengths"), ["0"]), held=b""
    ),
    "images of 10^13": prepared_set(
        changed(
            FEATURES,
            (*IMAGE, "image", "shape", "dimensions"),
            ["1000000", "10000000", "1"],
        )
    ),
    "10^12 examples": prepared_set(
        info=changed(INFO, ("splits", 0, "shardLengths"), [str(10**12)])
    ),
    "10^5 shards": prepared_set(
        info=changed(INFO, ("splits", 0, "shardLengths"), ["1"] * 5_000)
    ),
    "a name of 10^9 characters": prepared_set(
        info=changed(INFO, ("splits", 0, "filepathTemplate"), "{SHARD_INDEX:999999999}")
    ),
    "a name of attributes": prepared_set(
        info=changed(INFO, ("splits", 0, "filepathTemplate"), "{DATASET.__class__}")
    ),
    "a path outside": prepared_set(
        info=changed(INFO, ("splits", 0, "filepathTemplate"), "/etc/passwd")
    ),
    "a class of others": prepared_set(
        changed(FEATURES, (*IMAGE, "pythonClassName"), "antigravity.Image")
    ),
    "features without end": prepared_set("[" * 100_000),
    "no features": prepared_set(""),
    "no info": prepared_set(info=""),
    "records of zeros": prepared_set(held=bytes(9_999)),
    "a record of 2^40 bytes": prepared_set(held=long_record()),
    "a length with another checksum": prepared_set(held=bytes(8) + b"abcd" + bytes(8)),
    "a record with another checksum": set_of(example(SMALL)[:-1] + b"x"),
    "a record of nothing": set_of(record_bytes(b"")),
    "a record of no protobuf": set_of(record_bytes(b"\xff" * 99)),
    "a record without an image": set_of(
        record_bytes(tf.train.Example().SerializeToString())
    ),
    "a label of 2^62": set_of(example(SMALL, 2**62)),
    "a negative label": set_of(example(SMALL, -3)),
    **{
        f"{count} examples": prepared_set(
            info=changed(INFO, ("splits", 0, "shardLengths"), [count])
        )
        for count in ("9", "900", "-200")
    },
    "images that unfold": set_of(example(png(20_000, 10_000, bytes(10**6)))),
    "images that say so": set_of(
        *[example(png(4_000, 4_000, bytes(10**6)))] * 9,
        features=changed(
            FEATURES,
            (*IMAGE, "image", "shape", "dimensions"),
            ["4000", "4000", "1"],
        ),
    ),
    "images of nothing": set_of(example(b"")),
    "a GIF": set_of(example(b"GIF89a" + bytes(99))),
    "another feature that unfolds": set_of(
        *[example(SMALL, extra=zlib.compress(bytes(10**7)))] * 20,
        features=also(
            "extra",
            {
                "pythonClassName": f"{CORE}.tensor_feature.Tensor",
                "tensor": {
                    "shape": {"dimensions": [str(10**7)]},
                    "dtype": "uint8",
                    "encoding": "zlib",
                },
            },
        ),
    ),
    "a feature of a path": prepared_set(
        also("../../../../etc/x", FEATURES["featuresDict"]["features"]["label"])
    ),
    "texts that unfold": set_of(
        *[example(b"", text=zlib.compress(bytes(10**7)))] * 9,
        features=changed(
            FEATURES,
            ("featuresDict", "features"),
            {
                "text": {
                    "pythonClassName": f"{CORE}.tensor_feature.Tensor",
                    "tensor": {
                        "shape": {"dimensions": [str(10**7)]},
                        "dtype": "uint8",
                        "encoding": "zlib",
                    },
                }
            },
        ),
    ),
    "texts that are none": set_of(
        example(b"", text=b"\xff\xfe"),
        features=changed(FEATURES, ("featuresDict", "features"), {"text": TEXT}),
    ),
    "another format of files": prepared_set(
        info=changed(INFO, ("fileFormat",), "array_record")
    ),
    "a format of no name": prepared_set(info=changed(INFO, ("fileFormat",), "\x1b[2J")),
    "a path upwards": prepared_set(
        info=changed(
            INFO,
            ("splits", 0, "filepathTemplate"),
            "../{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}",
        )
    ),
    "a name of a terminal": prepared_set(
        info=changed(INFO, ("splits", 0, "name"), "\x1b[2J")
    ),
    "no records": changed_set(lambda place: (place / SHARD).unlink()),
    **{
        f"{name} is a {kind}": changed_set(exchanged(name, make))
        for name in (SHARD, "features.json", "dataset_info.json", "label.labels.txt")
        for kind, make in {
            "pipe": os.mkfifo,
            "device": lambda path: path.symlink_to("/dev/zero"),
            "file of others": lambda path: path.symlink_to("/etc/passwd"),
            "circle": lambda path: path.symlink_to(path),
            "folder": Path.mkdir,
        }.items()
    },
    "a version behind a link": changed_set(
        behind_a_link, changed(FEATURES, (*IMAGE, "pythonClassName"), "antigravity.I")
    ),
    "half of the records": prepared_set(held=b"\x10" + bytes(7) + b"x" * 99),
}

READERS = {
    "artifacts": Reader(export.verify, honest_artifact, ARTIFACTS),
    "onnx": Reader(use, honest_onnx, ONNX),
    "saved_models": Reader(use_saved_model, honest_saved_model, SAVED_MODELS),
    "sets": Reader(read_set, honest_set, SETS),
}
