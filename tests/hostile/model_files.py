"""Hostile files of models: whole ones, weights, checkpoints, run folders, recipes."""

import atexit
import contextlib
import copy
import functools
import io
import json
import os
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

import zoo
from tests.hostile.measuring import Reader
from tests.hostile.writing import (
    RANDOM,
    Write,
    X,
    array,
    content,
    header,
    link,
    npz,
    pipe,
)
from zoo import tasks, weights
from zoo.messages import quiet
from zoo.registry import model_spec
from zoo.runs.folder import read_configuration
from zoo.runs.reading import read_config
from zoo.runs.summary import differences, find, history
from zoo.runs.trained import _from_config
from zoo.training.checkpoint import Checkpoints
from zoo.training.recipe_file import read_recipe
from zoo.tuning.search import Search
from zoo.weights.model_file import read_model

Edit = Callable[[h5py.File], None]
# What stands in the place of a value, by its name.
VALUES: dict[str, Any] = {
    **{"null": None, "true": True, "a negative number": -1, "zero": 0},
    **{"NaN": float("nan"), "infinity": float("inf"), "10^9": 10**9, "10^40": 10**40},
    **{"an empty text": "", "superscripts": "²", "mathematics": "$_$"},
    **{"directions": "\u202egnp.exe\x1b[2J", "a long text": "a" * 10_000},
    **{"a path": "../../../etc/passwd", "a module": "antigravity.fly", "an object": {}},
    **{"a list": [], "many numbers": [10**9] * 9, "texts": ["$_$", "²"] * 3},
}
DEEP = functools.reduce(lambda value, _: [value], range(90), 0)


def places(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """Yields the path of each value within JSON."""
    if not isinstance(value, dict | list):
        return
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, key)
        yield from places(each, (*path, key))


def changed(value: Any, path: tuple, put: Any) -> Any:
    """Returns a copy with something else in one place; a missing one is `...`."""
    value = copy.deepcopy(value)
    parent = functools.reduce(lambda each, key: each[key], path[:-1], value)
    if put is ...:
        del parent[path[-1]]
    else:
        parent[path[-1]] = put
    return value


def mutant(value: Any, number: int) -> Any:
    """Returns JSON with one change: a value dropped, or another in its place."""
    found = list(places(value))
    options = [..., DEEP, *VALUES.values()]
    chosen = int(np.random.default_rng(number).integers(len(options)))
    return changed(value, found[number % len(found)], options[chosen])


# Whole models


def dense(units: int) -> keras.Model:
    inputs = keras.Input((8,), name="x")
    hidden = keras.layers.Dense(units, activation="relu", name="hidden")(inputs)
    return keras.Model(inputs, keras.layers.Dense(units, name="logits")(hidden))


def saved(suffix: str, units: int = 4) -> Write:
    def write(path: Path) -> Path:
        path = path.with_suffix(suffix)
        model = dense(units)
        if suffix == ".weights.h5":
            model.save_weights(path)
        else:
            model.save(path)
        return path

    return write


@functools.cache
def members() -> dict[str, bytes]:
    """What a `.keras` file of a small model holds."""
    with (
        tempfile.TemporaryDirectory() as folder,
        zipfile.ZipFile(saved(".keras")(Path(folder, "small"))) as file,
    ):
        return {name: file.read(name) for name in file.namelist()}


def keras_file(**changes: bytes) -> Write:
    """A `.keras` file, some of whose members are others; `__` stands for a dot."""

    def write(path: Path) -> Path:
        path = path.with_suffix(".keras")
        held = {key.replace("__", "."): value for key, value in changes.items()}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, data in (members() | held).items():
                file.writestr(name, data)
        return path

    return write


def keras_config(put: Any, *path: Any) -> Write:
    """A `.keras` file with something else in a place of its configuration."""

    def write(target: Path) -> Path:
        config = changed(json.loads(members()["config.json"]), path, put)
        return keras_file(config__json=json.dumps(config).encode())(target)

    return write


def mutant_of_keras(number: int) -> Write:
    def write(target: Path) -> Path:
        config = mutant(json.loads(members()["config.json"]), number)
        return keras_file(config__json=json.dumps(config).encode())(target)

    return write


def hdf5(suffix: str, edit: Edit) -> Write:
    """An HDF5 file of a small model, edited."""

    def write(path: Path) -> Path:
        path = saved(suffix)(path)
        with h5py.File(path, "r+") as file:
            edit(file)
        return path

    return write


def kernel(file: h5py.File) -> str:
    found = []
    file.visititems(lambda name, each: found.append(name))
    return next(name for name in found if isinstance(file[name], h5py.Dataset))


def sparse(shape: tuple[int, ...]) -> Edit:
    def edit(file: h5py.File) -> None:
        name = kernel(file)
        del file[name]
        file.create_dataset(name, shape, "f4", chunks=(1,) * len(shape), fillvalue=1)

    return edit


def external(file: h5py.File) -> None:
    name = kernel(file)
    shape = file[name].shape
    del file[name]
    file.create_dataset(name, shape, "f4", external=[("/etc/passwd", 0, 128)])


def linked(link: Any) -> Edit:
    def edit(file: h5py.File) -> None:
        name = kernel(file)
        del file[name]
        file[name] = link

    return edit


def circle(file: h5py.File) -> None:
    file[f"{kernel(file).rpartition('/')[0]}/again"] = file["/"]


def virtual(file: h5py.File) -> None:
    name = kernel(file)
    shape = file[name].shape
    del file[name]
    layout = h5py.VirtualLayout(shape, "f4")
    layout[:] = h5py.VirtualSource("/tmp/other.h5", "x", shape)
    file.create_virtual_dataset(name, layout)


def put(*args: Any, **kwargs: Any) -> Edit:
    """Something else in the place of a dataset."""

    def edit(file: h5py.File) -> None:
        name = kernel(file)
        del file[name]
        file.create_dataset(name, *args, **kwargs)

    return edit


def long_chunk(file: h5py.File) -> None:
    """A chunk that is packed thrice, and a million times as large as its dataset."""
    name = kernel(file)
    del file[name]
    options = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    options.set_chunk((5 * 10**7,))
    for _ in range(3):
        options.set_deflate(1)
    space = h5py.h5s.create_simple((4,), (h5py.h5s.UNLIMITED,))
    kind, place = h5py.h5t.NATIVE_FLOAT, name.encode()
    h5py.Dataset(h5py.h5d.create(file.id, place, kind, space, options))[...] = 1


def same_text(path: Path) -> Path:
    """All texts of an array are the first, which has half of the bytes of the file."""
    data = bytearray(path.read_bytes())
    first = data.find((10**5).to_bytes(4, "little"))
    while first >= 0:
        place = first
        while data[place + 16 : place + 20] == (10).to_bytes(4, "little"):
            place += 16
            data[place : place + 16] = data[first : first + 16]
        first = data.find((10**5).to_bytes(4, "little"), place + 16)
    path.write_bytes(data)
    return path


TEXTS = np.array(["$" * 10**5, *["x" * 10] * 3_000], object)


def nested_groups(file: h5py.File) -> None:
    group = file
    for _ in range(3_000):
        group = group.create_group("a")


def many_paths(file: h5py.File) -> None:
    """Groups that 2^40 paths lead to."""
    group = file.create_group("0")
    for number in range(1, 40):
        inner = file.create_group(str(number))
        group["left"] = group["right"] = inner
        group = inner


def many_attributes(file: h5py.File) -> None:
    for number in range(2_000):
        file.attrs[str(number)] = number


def many_datasets(file: h5py.File) -> None:
    for number in range(6_000):
        file.create_dataset(str(number), (0,))


def texts(file: h5py.File) -> None:
    name = kernel(file)
    del file[name]
    file[name] = np.array(["$_$"] * 8, "S9")


def scrambled(suffix: str, number: int) -> Write:
    """Bytes of where HDF5 says what is where are others."""

    def write(path: Path) -> Path:
        path = saved(suffix)(path)
        generator = np.random.default_rng(number)
        data = bytearray(path.read_bytes())
        for place in generator.integers(0, 6_000, 12):
            data[place] = generator.integers(256)
        path.write_bytes(data)
        return path

    return write


def inner(edit: Edit) -> Write:
    """A `.keras` file, the weights in which are edited."""

    def write(path: Path) -> Path:
        raw = io.BytesIO(members()["model.weights.h5"])
        with h5py.File(raw, "r+") as file:
            edit(file)
        return keras_file(model__weights__h5=raw.getvalue())(path)

    return write


def names_of(file: h5py.File, names: Any) -> None:
    file["model_weights"].attrs["layer_names"] = names


def config_is(file: h5py.File, value: Any) -> None:
    del file.attrs["model_config"]
    file.attrs["model_config"] = value


def config_of_h5(put: Any, *path: Any) -> Write:
    def edit(file: h5py.File) -> None:
        config = json.loads(file.attrs["model_config"])
        file.attrs["model_config"] = json.dumps(changed(config, path, put))

    return hdf5(".h5", edit)


# In `.h5` and `.weights.h5` files, and in the weights within `.keras` files.
EDITS: dict[str, Edit] = {
    "sparse weights of 10^10": sparse((10**5, 10**5)),
    "sparse weights of 10^13": sparse((10**13,)),
    "a product beyond 2^64": sparse((2**33, 2**33)),
    "no values in 2^40 rows": put((2**40, 0), "f4"),
    "weights in a file of others": external,
    "weights behind a link": linked(h5py.ExternalLink("/etc/passwd", "/x")),
    "weights behind a soft link": linked(h5py.SoftLink("/")),
    "weights in a circle": circle,
    "virtual weights": virtual,
    "weights of text": texts,
    "a long chunk": long_chunk,
    "zeros that unfold": put(data=np.zeros(10**6), compression="gzip"),
    "texts of any length": put(data=TEXTS),
    "arrays of any length": put((4,), h5py.vlen_dtype("f4")),
    "a text of 2^30": put((4,), h5py.string_dtype("ascii", 2**30), chunks=(1,)),
    "an array as a value": put((4,), np.dtype(("f4", (10**8,))), chunks=(1,)),
    "records": put((8, 4), np.dtype([("a", "f4"), ("b", "i8")])),
    "references": put((8, 4), h5py.ref_dtype),
    "choices": put((8, 4), h5py.enum_dtype({"a": 1})),
    "no kind": put((8, 4), np.dtype("V16")),
    "nothing": put(data=h5py.Empty("f4")),
    "a number": put(data=1.5),
    "complex numbers": put(data=np.ones((8, 4), complex)),
    "nested groups": nested_groups,
    "2^40 paths": many_paths,
    "2,000 attributes": many_attributes,
    "a name of a terminal": lambda file: file.create_group("\x1b[2J\u202e"),
    "a name of no text": lambda file: h5py.h5g.create(file.id, b"\xff\x1b[2J"),
}


def everywhere(
    make: Callable[[Edit], Write],
) -> dict[str, Write]:
    return {name: make(edit) for name, edit in EDITS.items()}


LAYERS = ("config", "layers")
DENSE = (*LAYERS, 1, "config")
LAMBDA = {
    "class_name": "Lambda",
    "module": "keras.layers",
    "name": "hidden",
    "config": {
        "name": "hidden",
        "function": {"class_name": "__lambda__", "config": {"code": "4wEAAAA="}},
    },
    "inbound_nodes": [],
}
IN_BOTH = {
    "10^9 units": (10**9, *DENSE, "units"),
    "10^40 units": (10**40, *DENSE, "units"),
    "units of text": ("$_$", *DENSE, "units"),
    "negative units": (-1, *DENSE, "units"),
    "an input of 10^13": ([None, 10**13], *LAYERS, 0, "config", "batch_shape"),
    "a class of Python": ("Popen", *LAYERS, 1, "class_name"),
    "a module of Python": ("antigravity", *LAYERS, 1, "module"),
    "an activation of Python": ("os.system", *DENSE, "activation"),
    "a Lambda layer": (LAMBDA, *LAYERS, 1),
    "a name of a path": ("../../x", *DENSE, "name"),
    "a name of a terminal": ("\x1b[2J", *DENSE, "name"),
    "depth": (DEEP, *DENSE, "activation"),
    "no layers": ([], *LAYERS),
    "a list": ([1], "config"),
}
KERAS = {
    **{name: keras_config(*change) for name, change in IN_BOTH.items()},
    **{f"mutant {number}": mutant_of_keras(number) for number in range(6)},
    "no configuration": keras_file(config__json=b""),
    "a configuration without end": keras_file(config__json=b"[" * 100_000),
    "a configuration that unfolds": lambda path: keras_file(
        config__json=b" " * 10**8 + b"{}"
    )(path),
    "weights that unfold": lambda path: keras_file(model__weights__h5=bytes(10**8))(
        path
    ),
    "no weights": keras_file(model__weights__h5=b""),
    "a path as a member": keras_file(**{"../../../tmp/owned": b"x"}),
    **everywhere(inner),
    "no zip": content(".keras", b"PK" * 999),
    "zeros": content(".keras", bytes(10**5)),
    "a pipe": pipe(".keras"),
    "a device": link(".keras", "/dev/zero"),
}
H5 = {
    **{name: config_of_h5(*change) for name, change in IN_BOTH.items()},
    "no configuration": hdf5(".h5", lambda file: file.attrs.pop("model_config")),
    "a configuration of numbers": hdf5(
        ".h5", lambda file: file.attrs.create("model_config", np.arange(9))
    ),
    **everywhere(functools.partial(hdf5, ".h5")),
    **{f"scrambled {number}": scrambled(".h5", number) for number in range(15)},
    "names that are one": lambda path: same_text(
        hdf5(".h5", lambda file: names_of(file, TEXTS))(path)
    ),
    "names of numbers": hdf5(".h5", lambda file: names_of(file, np.arange(9))),
    "names of others": hdf5(
        ".h5", lambda file: names_of(file, [b"../../x", b"\x1b[2J"])
    ),
    "a configuration of nothing": hdf5(
        ".h5", lambda file: config_is(file, h5py.Empty("S9"))
    ),
    "a configuration that unfolds": hdf5(
        ".h5", lambda file: config_is(file, np.full(3_000, "[]", object))
    ),
    "a reference as a configuration": hdf5(
        ".h5", lambda file: config_is(file, file["model_weights"].ref)
    ),
    "half of it": lambda path: halved(saved(".h5")(path)),
    "zeros": content(".h5", bytes(10**5)),
    "a pipe": pipe(".h5"),
}
WEIGHTS = {
    **everywhere(functools.partial(hdf5, ".weights.h5")),
    **{f"scrambled {number}": scrambled(".weights.h5", number) for number in range(15)},
    "texts that are one": lambda path: same_text(
        hdf5(".weights.h5", put(data=TEXTS))(path)
    ),
    "6,000 datasets": hdf5(".weights.h5", many_datasets),
    "half of it": lambda path: halved(saved(".weights.h5")(path)),
    "zeros": content(".weights.h5", bytes(10**5)),
    "a pipe": pipe(".weights.h5"),
    "a device": link(".weights.h5", "/dev/zero"),
}


def halved(path: Path) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    return path


# Checkpoints


def checkpoint(**members: bytes) -> Write:
    def write(path: Path) -> Path:
        path.mkdir()
        made = npz(zipfile.ZIP_STORED, **members)(path / "x")
        made.rename(path / "epoch-0001-step-0000000.npz")
        return path

    return write


def progress(text: str | bytes) -> bytes:
    data = text.encode() if isinstance(text, str) else text
    return array(np.frombuffer(data, "uint8"))


PROGRESS = progress('{"callbacks": {"dict": []}}')


def honest_checkpoint(path: Path) -> Path:
    weights = array(RANDOM.normal(size=10**6))
    return checkpoint(progress=PROGRESS, **{"variables/0": weights})(path)


def read_checkpoint(path: Path) -> None:
    Checkpoints(path).latest()


CHECKPOINTS = {
    **{
        f"progress of {name}": checkpoint(progress=progress(json.dumps(value)))
        for name, value in VALUES.items()
    },
    **{
        f"callbacks of {name}": checkpoint(
            progress=progress(json.dumps({"callbacks": value}))
        )
        for name, value in VALUES.items()
    },
    "no progress": checkpoint(**{"variables/0": X}),
    "progress without end": checkpoint(progress=progress("[" * 100_000)),
    "progress of another entry": checkpoint(progress=progress('{"__class__": 1}')),
    "progress of floats": checkpoint(progress=X),
    "a name of no kind": checkpoint(progress=PROGRESS, **{"zebra/0": X}),
    "callbacks": checkpoint(progress=progress('{"callbacks": {"array": 9}}')),
    "a shape of 10^13": checkpoint(
        progress=PROGRESS, **{"variables/0": header("(10000000000000,)")}
    ),
    "a negative shape": checkpoint(
        progress=PROGRESS, **{"variables/0": header("(-4, 4)") + bytes(64)}
    ),
    "objects": checkpoint(
        progress=PROGRESS, **{"variables/0": array(np.array([{}], object))}
    ),
}


# Run folders and recipes


@functools.cache
def run_folder() -> Path:
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    with quiet():
        zoo.train("mlp", dataset="iris", epochs=1, jit="off", output=folder / "run")
    return folder / "run"


def run(name: str, edit: Callable[[Path], Any]) -> Write:
    def write(path: Path) -> Path:
        shutil.copytree(run_folder(), path)
        edit(path / name)
        return path

    return write


def mutant_of_run(name: str, number: int) -> Write:
    def edit(path: Path) -> None:
        path.write_text(json.dumps(mutant(json.loads(path.read_text()), number)))

    return run(name, edit)


def honest_run(path: Path) -> Path:
    shutil.copytree(run_folder(), path)
    (path / "notes.txt").write_bytes(bytes(10**6))
    return path


@functools.cache
def trained_model() -> keras.Model:
    return read_model(run_folder() / "model.keras")


def read_run(path: Path) -> None:
    """What `zoo runs`, `zoo evaluate`, `zoo export` and a resume read."""
    for summary in find(path)[0]:
        list(differences([summary, summary]))
        history(path)
    read_configuration(path, None)
    subject = _from_config(trained_model(), read_config(path))
    tasks.get(subject.task or "")
    for value in (subject.labels, subject.vocabulary, subject.encoding, subject.origin):
        json.dumps(value, default=str)


def pipe_at(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


RUNS = {
    **{
        f"{name} {number}": mutant_of_run(name, number)
        for name, count in (
            ("config.json", 120),
            ("metrics.json", 12),
            ("timings.json", 30),
        )
        for number in range(count)
    },
    **{
        f"{name} is a pipe": run(name, pipe_at)
        for name in ("config.json", "history.csv", "metrics.json", "timings.json")
    },
    "a history without end": run(
        "history.csv", lambda path: path.write_text("epoch" + ",a" * 200_000)
    ),
    "a history of one cell": run(
        "history.csv", lambda path: path.write_text("epoch,loss\n1," + "9" * 300_000)
    ),
}
RECIPE = {
    "name": "mlp",
    "overrides": {"hidden_units": [8]},
    "recipe": {
        "dataset": "iris",
        "optimizer": ["Adam", {"learning_rate": 0.1}],
        "schedule": ["CosineDecay", {"decay_steps": 10}],
        "metrics": [["AUC", {"name": "auc"}]],
        "augmentation": [["RandomFlip", {}]],
        "class_weight": {"setosa": 2},
        "encoding": {"length": 24},
    },
}


def recipe(value: Any) -> Write:
    return content(".json", json.dumps(value))


def honest_recipe(path: Path) -> Path:
    return recipe(RECIPE | {"origin": {"notes": "a" * 10**6}})(path)


def use_recipe(path: Path) -> None:
    """What a training does with a recipe before the first step."""
    saved = read_recipe(path)
    model_spec(saved.name)
    zoo.create_model(saved.name, **saved.overrides)


RECIPES = {
    **{f"mutant {number}": recipe(mutant(RECIPE, number)) for number in range(120)},
    "10^9 units": recipe(RECIPE | {"overrides": {"hidden_units": [10**9]}}),
    "10^6 layers": recipe(RECIPE | {"overrides": {"hidden_units": [1] * 10**5}}),
    "10^9 classes": recipe(RECIPE | {"overrides": {"num_classes": 10**9}}),
    "an input of 10^13": recipe(RECIPE | {"overrides": {"input_shape": [10**13]}}),
    "no end": content(".json", "[" * 100_000),
    "not JSON": content(".json", "\x00"),
    "a pipe": pipe(".json"),
    "a device": link(".json", "/dev/zero"),
}


# Studies


@functools.cache
def study_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "study.db")
        with quiet():
            zoo.tune("mlp", dataset="iris", trials=1, epochs=1, storage=path)
        return path.read_bytes()


def study(*statements: str) -> Write:
    def write(path: Path) -> Path:
        path = path.with_suffix(".db")
        path.write_bytes(study_file())
        with contextlib.closing(sqlite3.connect(path)) as file:
            for statement in statements:
                file.execute(statement)
            file.commit()
        return path

    return write


def beside(suffix: str, make: Callable[[Path], Any]) -> Write:
    def write(path: Path) -> Path:
        path = study()(path)
        make(path.with_name(f"{path.name}{suffix}"))
        return path

    return write


def journal(make: Callable[[Path], Any]) -> Write:
    return beside("-journal", make)


def honest_study(path: Path) -> Path:
    notes = "create table notes as select zeroblob(1000000) as held"
    return study(notes)(path)


def read_study(path: Path) -> None:
    """What `zoo tune` reads before its next trial, and after its last."""
    with Search("mlp", "iris", 1, 0, path, None, None, "tpe", None, {}) as search:
        search.result()


A_STUDY = '{"op_code": 0, "worker_id": "a", "study_name": "s", "directions": [1]}\n'
A_TRIAL = (
    '{"op_code": 4, "worker_id": "a", "study_id": 0, '
    '"datetime_start": "2024-01-01T00:00:00.000000"}\n'
)
STUDIES = {
    "a trigger": study(
        "create trigger t after insert on trials begin select 1; end",
    ),
    "a view": study("create view v as select * from trials"),
    "a virtual table": study(
        "pragma writable_schema = on",
        "insert into sqlite_master values "
        "('table', 'v', 'v', 0, 'create virtual table v using fts5(x)')",
    ),
    "a computed column": study("create table v (x, y as (hex(zeroblob(9000000))))"),
    "a computed index": study("create index v on trials (hex(trial_id))"),
    "a journal of a second file": journal(
        lambda path: path.write_bytes(bytes(999) + bytes.fromhex("d9d505f920a163d7"))
    ),
    "a journal behind a link": journal(lambda path: path.symlink_to("/etc/passwd")),
    "a journal that is a pipe": journal(os.mkfifo),
    "a journal that is a folder": journal(Path.mkdir),
    "a journal of zeros": journal(lambda path: path.write_bytes(bytes(9_999))),
    "a lock that is a folder": beside(".lock", Path.mkdir),
    "a log of others": beside("-wal", lambda path: path.write_bytes(b"\xff" * 9_999)),
    "a name of a terminal": study("update studies set study_name = char(27) || '[2J'"),
    "a text of 800,000 letters": study(
        "update study_user_attributes set value_json = hex(zeroblob(400000))"
    ),
    "infinite parameters": study("update trial_params set param_value = 9e999"),
    "two values": study(
        "insert into trial_values (trial_id, objective, value, value_type) "
        "select trial_id, 1, 0.5, 'FINITE' from trials"
    ),
    "infinite values": study("update trial_values set value_type = 'INF_POS'"),
    "values of another type": study("update trial_values set value_type = 'x'"),
    "times of text": study("update trials set datetime_start = 'x'"),
    "no trials": study("drop table trials"),
    "9,000 trials": study(
        "insert into trials (number, study_id, state, datetime_start) "
        "with recursive n(i) as (select 9 union all select i + 1 from n where i < 9e3) "
        "select i, 1, 'COMPLETE', '2024-01-01 00:00:00' from n"
    ),
    "no version": study("delete from version_info"),
    "a version of tomorrow": study("update version_info set schema_version = 99"),
    "a state of text": study("update trials set state = '$_$'"),
    "numbers of text": study("update trials set number = 'x'"),
    "values of text": study("update trial_values set value = 'x'"),
    "no configuration": study("delete from study_user_attributes"),
    "a configuration of text": study("update study_user_attributes set value_json='x'"),
    "a configuration without end": study(
        f"update study_user_attributes set value_json = '{'[' * 50_000}'"
    ),
    "a configuration of a list": study(
        "update study_user_attributes set value_json = '[]'"
    ),
    "distributions of text": study("update trial_params set distribution_json = 'x'"),
    "attributes of text": study("update trial_user_attributes set value_json = '[]'"),
    "a direction of text": study("update study_directions set direction = 'x'"),
    "a configuration of no choice": study(
        "update study_user_attributes set value_json = replace(value_json, 'jit', 'x')"
    ),
    "another name": study("update studies set study_name = '$_$'"),
    "zeros": content(".db", bytes(10**5)),
    "half of it": lambda path: halved(study()(path)),
    "a journal of others": content(".log", '{"op_code": 99}\n' * 9),
    "a journal of numbers": content(".journal", "1\n" * 9),
    "a journal of text": content(".log", "x\n"),
    "a journal without end": content(".log", "[" * 100_000 + "\n"),
    "a journal of no dates": content(".log", A_STUDY + A_TRIAL.replace("2024", "x")),
    "a journal of 9,000 trials": content(".log", A_STUDY + A_TRIAL * 9_000),
    "a pipe": pipe(".db"),
    "a device": link(".db", "/dev/zero"),
}

READERS = {
    "keras": Reader(read_model, saved(".keras", 1_500), KERAS),
    "h5": Reader(read_model, saved(".h5", 1_500), H5),
    "weights": Reader(
        lambda path: weights.load(dense(1_500 if "honest" in path.name else 4), path),
        saved(".weights.h5", 1_500),
        WEIGHTS,
    ),
    "checkpoints": Reader(read_checkpoint, honest_checkpoint, CHECKPOINTS),
    "runs": Reader(read_run, honest_run, RUNS),
    "recipes": Reader(use_recipe, honest_recipe, RECIPES),
    "studies": Reader(read_study, honest_study, STUDIES),
}
