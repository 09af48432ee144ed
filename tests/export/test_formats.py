"""Every registered format: what it writes answers like the model, or is not published.

A row of `rows.py` is all that a new format adds.
"""

import subprocess
import sys
import types
from importlib import metadata

import keras
import numpy as np
import pytest

import custom_layers
import export
from export import ExportError, ParityError, manifest, parity
from export.formats import find_format, list_formats
from export.signature import NAME, signature_of

from .rows import ROWS

every_format = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def test_every_format_has_a_row():
    assert [row.name for row in ROWS] == list_formats()


def test_listing_formats_loads_no_libraries():
    code = (
        "import sys, export; from export.formats import list_formats; list_formats();"
        "heavy = {'tensorflow', 'keras', 'onnxruntime', 'onnx', 'tf2onnx'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert output.strip() == "[]"


def _model(scale=1.0):
    """Two inputs and two outputs of different types; any batch size and length."""
    keras.utils.set_random_seed(0)
    series = keras.Input((None, 3), name="series")
    offset = keras.Input((2,), name="offset")
    pooled = custom_layers.GlobalAveragePooling1D()(series)
    dense = custom_layers.Dense(2, name="dense")(pooled)
    scores = keras.layers.Add(name="scores")([dense, offset])
    signs = keras.layers.Lambda(_is_positive, name="signs")(scores)
    outputs = {"scores": scores, "signs": signs}
    model = keras.Model([series, offset], outputs, name="two_by_two")
    kernel = model.get_layer("dense").kernel
    kernel.assign(kernel * scale)
    return model


def _is_positive(x):
    return keras.ops.cast(x > 0, "int64")


def _signatures(model):
    return {NAME: signature_of(model)}


def _described(signatures):
    held = {"formats": list_formats()}
    return {name: each.describe() | held for name, each in signatures.items()}


@pytest.fixture
def written(row, tmp_path):
    """A format, its folder with the model written, and the signatures."""
    chosen, signatures = find_format(row.name), _signatures(_model())
    chosen.write(signatures, tmp_path, {"name": "two_by_two"})
    return chosen, tmp_path, signatures


@every_format
def test_attributes(row):
    chosen = find_format(row.name)
    assert (chosen.name, chosen.artifact) == (row.name, row.artifact)
    kinds = {
        NAME: types.SimpleNamespace(needs_tensorflow=False),
        "text": types.SimpleNamespace(needs_tensorflow=True),
    }
    assert chosen.select(kinds).keys() == ({*kinds} if row.strings else {NAME})
    assert all(metadata.version(package) for package in chosen.packages)


@every_format
def test_any_batch_size_and_length(row, written):
    chosen, folder, signatures = written
    assert (folder / row.artifact).is_file()
    rng = np.random.default_rng(0)
    requests = [
        (
            NAME,
            {
                "series": rng.normal(size=(batch, length, 3)).astype("float32"),
                "offset": rng.normal(size=(batch, 2)).astype("float32"),
            },
        )
        for batch, length in ((1, 5), (7, 4))
    ]
    results = list(chosen.predict(folder, iter(requests)))
    assert len(results) == 2
    for (_, inputs), outputs in zip(requests, results, strict=True):
        expected = signatures[NAME](inputs)
        assert {k: (v.dtype, v.shape) for k, v in outputs.items()} == {
            k: (v.dtype, v.shape) for k, v in expected.items()
        }
        np.testing.assert_allclose(outputs["scores"], expected["scores"], atol=1e-5)
        np.testing.assert_array_equal(outputs["signs"], expected["signs"])


@every_format
def test_weights_of_another_model_are_found(row, written):
    chosen, folder, signatures = written
    described = _described(signatures)
    same = parity.compute_reference(signatures)
    parity.compare(folder, [chosen], described, same)
    other = parity.compute_reference(_signatures(_model(scale=1.01)))
    with pytest.raises(ParityError, match=rf"The {row.name} artifact .* scores by"):
        parity.compare(folder, [chosen], described, other)


@every_format
def test_a_signature_that_it_lacks(row, written):
    chosen, folder, signatures = written
    (_, (inputs, _)) = parity.compute_reference(signatures)[NAME]
    request = NAME, {"else": inputs["offset"]}
    with pytest.raises(ExportError, match=rf"{row.name} .*no signature .*\['else'\]"):
        list(chosen.predict(folder, [request]))
    if chosen.signature_names is None:
        with pytest.raises(ExportError, match=f"{row.name} .* no signature 'other'"):
            list(chosen.predict(folder, [("other", inputs)]))


@every_format
def test_its_file_says_its_signatures(row, written):
    chosen, folder, signatures = written
    (described,) = chosen.describe(folder)["signatures"].values()
    want = signatures[NAME].describe()
    assert described["inputs"] == want["inputs"]
    assert {name: each["dtype"] for name, each in described["outputs"].items()} == {
        name: each["dtype"] for name, each in want["outputs"].items()
    }


@every_format
def test_a_manifest_of_another_signature_is_found(row, tmp_path):
    path = export.export_model(_model(), tmp_path, formats=[row.name]).path
    content = manifest.read(path)
    shape = content["signatures"][NAME]["inputs"]["offset"]["shape"]
    assert shape == [None, 2]
    shape[0] = 1
    manifest.write(path, content)
    with pytest.raises(ExportError, match=r"'offset' of .* is float32 \[None, 2\]"):
        export.verify(path)


@pytest.mark.slow
def test_a_file_for_one_sample_says_so_in_the_manifest(tmp_path):
    """LiteRT runs a loop for one sample at a time; the model takes any number."""
    keras.utils.set_random_seed(0)
    x = keras.Input((4, 3), name="x")
    model = keras.Model(x, custom_layers.LSTM(2, name="y")(x), name="loop")
    path = export.export_model(model, tmp_path, formats=["litert", "onnx"]).path
    content = manifest.read(path)
    signature = content["signatures"][NAME]
    assert signature["inputs"]["x"]["shape"] == [None, 4, 3]
    assert signature["batch_sizes"] == {"litert": 1}
    assert export.verify(path)["batch_sizes"] == [1, 7]
    for wrong, message in ({}, r"is float32 \[1, 4, 3\]"), ([], "is damaged"):
        signature["batch_sizes"] = wrong
        manifest.write(path, content)
        with pytest.raises(ExportError, match=message):
            export.verify(path)


@every_format
def test_alone_it_is_published_and_verified(row, tmp_path):
    artifact = export.export_model(_model(), tmp_path, formats=[row.name])
    assert artifact.manifest["formats"] == [row.name]
    assert row.artifact in artifact.manifest["files"]
    assert set(find_format(row.name).packages) <= artifact.manifest["versions"].keys()
    found = {(artifact.path / each.artifact).exists(): each.name for each in ROWS}
    assert found[True] == row.name
    assert export.verify(artifact.path)["max_difference"].keys() == {row.name}


@every_format
@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda x: x | {"scores": x["scores"] + np.float32(2e-5)}, "differs.*scores"),
        (lambda x: x | {"signs": 1 - x["signs"]}, "differs.*signs"),
        (lambda x: x | {"scores": x["scores"].astype("float64")}, "differs.*scores"),
        (lambda x: x | {"scores": x["scores"][:1]}, "differs.*scores"),
        (lambda x: {"scores": x["scores"]}, r"has the outputs \['scores'\]"),
        (lambda x: x | {"more": x["scores"]}, "has the outputs .*'more'"),
    ],
)
def test_nothing_is_published_that_differs(row, tmp_path, monkeypatch, change, error):
    """Only the last batch differs, so each one has to be compared."""
    kind = type(find_format(row.name))
    predict = kind.predict

    def changed(chosen, folder, requests):
        *first, last = predict(chosen, folder, requests)
        yield from [*first, change(last)]

    monkeypatch.setattr(kind, "predict", changed)
    with pytest.raises(ExportError, match=error):
        export.export_model(_model(), tmp_path, formats=[row.name])
    assert list(tmp_path.iterdir()) == []


@every_format
def test_nothing_is_published_that_was_not_computed(row, tmp_path, monkeypatch):
    kind = type(find_format(row.name))
    predict = kind.predict

    def only_the_first(chosen, folder, requests):
        yield next(predict(chosen, folder, requests))

    monkeypatch.setattr(kind, "predict", only_the_first)
    with pytest.raises(ExportError, match=f"'{row.name}' computed 1 of 2 batches"):
        export.export_model(_model(), tmp_path, formats=[row.name])
    assert list(tmp_path.iterdir()) == []


@every_format
def test_nothing_is_published_without_the_artifact(row, tmp_path, monkeypatch):
    kind = type(find_format(row.name))
    monkeypatch.setattr(kind, "write", lambda *arguments: None)
    with pytest.raises(ExportError, match=f"'{row.name}' wrote no {row.artifact}"):
        export.export_model(_model(), tmp_path, formats=[row.name])
    assert list(tmp_path.iterdir()) == []


@every_format
def test_nothing_passes_that_was_not_compared(row, tmp_path):
    """No signature, or no reference outputs for one: neither is parity."""
    chosen, signatures = find_format(row.name), _signatures(_model())
    with pytest.raises(ExportError, match=f"'{row.name}' holds none of the model's"):
        parity.compare(tmp_path, [chosen], {}, {})
    with pytest.raises(ExportError, match="no reference outputs .* 'serving_default'"):
        parity.compare(tmp_path, [chosen], _described(signatures), {})
