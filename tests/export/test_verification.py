"""An artifact cannot be verified for nothing: each planted fault is found."""

import hashlib
import json
import shutil

import numpy as np
import onnx
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

import export
import zoo
from export import manifest, parity, verification
from export.errors import ExportError, ParityError, UnsafeModelError
from export.onnx_conversion import hashing

from .programs import STRINGS, save


def test_verify(published):
    figures = export.verify(published.path)
    assert figures == export.verify(published.path.parent)
    assert figures["max_difference"].keys() == {"saved_model", "onnx"}


@pytest.fixture
def copy(tmp_path, published):
    return shutil.copytree(published.path, tmp_path / "lenet5" / "1")


@pytest.mark.parametrize(
    "file", ["model.onnx", "saved_model.pb", "variables/variables.data-00000-of-00001"]
)
def test_a_changed_file_is_found(copy, file):
    content = bytearray((copy / file).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / file).write_bytes(content)
    with pytest.raises(ExportError, match=f"{file} is corrupted"):
        export.verify(copy)


def test_a_missing_file_is_found_and_an_added_one_is_the_users(copy):
    (copy / "assets.extra/notes.txt").write_text("mine")
    export.verify(copy)
    (copy / "model.onnx").unlink()
    with pytest.raises(ExportError, match=r"model\.onnx is missing"):
        export.verify(copy)


@pytest.mark.parametrize(
    "text",
    [
        *("{", "[]", "{}", "null", "\xff"),
        '{"name": "x", "version": 1, "formats": [], "signatures": {}, "files": 3}',
        '{"name": "x", "version": 1, "formats": 3, "signatures": {}, "files": {}}',
        '{"name": "x", "version": 1, "formats": [], "signatures": 3, "files": {}}',
        '{"name": "x", "version": 1, "formats": [], "signatures": {"a": {}}, '
        '"files": {}}',
    ],
)
def test_a_corrupted_manifest_is_found(copy, text):
    (copy / "manifest.json").write_text(text, encoding="latin-1")
    with pytest.raises(ExportError, match=r"manifest\.json is damaged"):
        export.verify(copy)


def test_a_missing_artifact(tmp_path):
    with pytest.raises(ExportError, match="There is no artifact"):
        export.verify(tmp_path / "nope")
    with pytest.raises(ExportError, match="not an artifact"):
        export.verify(tmp_path)


def read(folder):
    return json.loads((folder / "manifest.json").read_text())


def forge(folder, **changes):
    """Rewrites the manifest as somebody would who wants it to look right."""
    files = {"files": manifest.file_table(folder)}
    manifest.write(folder, read(folder) | files | changes)


def test_the_newest_version_is_the_one_that_is_verified(copy):
    newest = shutil.copytree(copy, copy.parent / "10")
    forge(newest, version=10)
    (copy / "model.onnx").unlink()
    assert export.verify(copy.parent)
    (newest / "model.onnx").unlink()
    with pytest.raises(ExportError, match=r"10.model\.onnx is missing"):
        export.verify(copy.parent)


def test_a_forged_manifest_that_changes_nothing_passes(copy):
    forge(copy)
    assert export.verify(copy)


@pytest.mark.parametrize("change", [{"task": "tagging"}, {"labels": ["a"]}, {"new": 1}])
def test_a_manifest_that_was_changed_is_found(copy, change):
    content = read(copy) | change
    (copy / "manifest.json").write_text(json.dumps(content))
    with pytest.raises(ExportError, match=r"manifest\.json was changed \(its sha256"):
        export.verify(copy)


def test_the_hash_of_the_manifest_is_that_of_its_content(published):
    """Computed here as the documentation says."""
    content = read(published.path)
    stated = content.pop("sha256")
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    assert stated == hashlib.sha256(text.encode()).hexdigest()
    assert published.manifest["sha256"] == stated


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"formats": []}, "names no formats"),
        ({"files": {}}, "lists no files"),
        (
            {"signatures": {}},
            r"has the signatures \['classify', .* manifest.json says \[\]",
        ),
        ({"name": "resnet8"}, "says that its name is 'lenet5', .* says 'resnet8'"),
        ({"task": "tagging"}, "its task is 'classification', .* says 'tagging'"),
        ({"task": None}, "its task is 'classification', .* says ''"),
        ({"dataset": "mnist"}, "its dataset is '', .* says 'mnist'"),
        ({"labels": ["cat", "dog"]}, r"its labels is None, .* says \['cat', 'dog'\]"),
        ({"version": 2}, "has the manifest of version 2"),
        ({"parity": {}}, "states the tolerance None"),
        ({"parity": {"tolerance": 1.0}}, "states the tolerance 1.0; at most 0.0001"),
        ({"parity": {"tolerance": float("nan")}}, "states the tolerance nan"),
        ({"parity": {"tolerance": True}}, "states the tolerance True"),
        ({"parity": {"tolerance": "small"}}, "states the tolerance 'small'"),
    ],
)
def test_a_manifest_that_the_files_contradict_is_found(copy, change, message):
    forge(copy, **change)
    with pytest.raises(ExportError, match=message):
        export.verify(copy)


@pytest.mark.parametrize("file", ["saved_model.pb", "assets.extra/parity.npz"])
def test_a_file_that_nobody_vouches_for_is_found(copy, file):
    files = manifest.file_table(copy)
    del files[file]
    forge(copy, files=files)
    with pytest.raises(ExportError, match=f"{file}"):
        export.verify(copy)


@pytest.mark.parametrize("file", ["saved_model.cpb", "variables/more", "assets/more"])
def test_an_added_file_is_found(copy, file):
    (copy / file).write_text("mine")
    with pytest.raises(ExportError, match=f"{file} is not in the manifest; remove it"):
        export.verify(copy)


def _rename(tensors, old, new):
    tensors[new] = tensors.pop(old)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: _rename(s["inputs"], "image", "picture"),
        lambda s: _rename(s["outputs"], "probabilities", "scores"),
        lambda s: s["outputs"].pop("class_ids"),
        lambda s: s["inputs"]["image"].update(dtype="float64"),
        lambda s: s["inputs"]["image"].update(shape=[None, 8, 8, 3]),
        lambda s: s["inputs"]["image"].update(shape=[None, None, None, 1]),
        lambda s: s["inputs"]["image"].update(shape=None),
        lambda s: s["outputs"]["class_ids"].update(dtype="int32"),
        lambda s: s["outputs"]["probabilities"].update(shape=[None, 11]),
        lambda s: s["outputs"]["probabilities"].update(shape=[None]),
    ],
)
@pytest.mark.parametrize("format", ["saved_model", "onnx"])
def test_a_signature_that_the_files_contradict_is_found(copy, format, change):
    signatures = read(copy)["signatures"]
    change(signatures["serving_default"])
    artifact = {"saved_model": "saved_model.pb", "onnx": "model.onnx"}[format]
    forge(copy, signatures=signatures, formats=[format])
    with pytest.raises(ExportError, match=rf"{artifact}.*manifest\.json says"):
        export.verify(copy)


@pytest.mark.parametrize("format", ["saved_model", "onnx"])
@pytest.mark.parametrize("said", [None, "resnet8"])
def test_a_file_that_is_of_another_model_is_found(copy, format, said):
    """Its own name is another one, or was taken out."""
    if format == "onnx":
        model = onnx.load(copy / "model.onnx")
        for entry in model.metadata_props:
            if entry.key == "name":
                entry.value = said or ""
        onnx.save(model, copy / "model.onnx")
    else:
        path = copy / "assets/metadata.json"
        metadata = json.loads(path.read_text())
        metadata["name"] = said
        path.write_text(json.dumps(metadata))
    forge(copy)
    with pytest.raises(ExportError, match="its name is .*manifest.json says 'lenet5'"):
        export.verify(copy)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda said: said.update(description="x"), "the description of 'serving_defa"),
        (lambda said: said.update(method="regress"), "the method of .*is 'regress'"),
        (lambda said: said["inputs"]["image"].update(shape=[1, 2]), "the inputs of "),
        (
            lambda said: said.update(more=1),
            "the more of .* is 1, .*None",
        ),
    ],
)
def test_what_an_onnx_file_says_of_its_signature_is_compared(copy, change, message):
    model = onnx.load(copy / "model.onnx")
    (entry,) = [each for each in model.metadata_props if each.key == "signature"]
    said = json.loads(entry.value)
    change(said)
    entry.value = json.dumps(said)
    onnx.save(model, copy / "model.onnx")
    forge(copy)
    with pytest.raises(ExportError, match=rf"model\.onnx says that {message}"):
        export.verify(copy)
    entry.value = "{"
    onnx.save(model, copy / "model.onnx")
    forge(copy)
    with pytest.raises(ExportError, match=r"model\.onnx is damaged: its signature"):
        export.verify(copy)


def test_what_the_other_onnx_files_say_of_the_model_is_compared(copy):
    path = copy / "onnx/logits/model.onnx"
    model = onnx.load(path)
    (entry,) = [each for each in model.metadata_props if each.key == "task"]
    entry.value = "tagging"
    onnx.save(model, path)
    forge(copy)
    with pytest.raises(
        ExportError, match=r"logits.model\.onnx says that its task is 'ta"
    ):
        export.verify(copy)


def test_the_request_that_a_signature_answers_is_compared(copy):
    path = copy / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    signature = saved.meta_graphs[0].signature_def["serving_default"]
    signature.method_name = "tensorflow/serving/regress"
    path.write_bytes(saved.SerializeToString())
    forge(copy)
    with pytest.raises(ExportError, match="the method of .* is 'regress', .*'predict'"):
        export.verify(copy)


def test_a_model_in_the_folder_of_another_is_said(published, tmp_path, capsys):
    copy = shutil.copytree(published.path, tmp_path / "resnet8" / "1")
    export.verify(copy)
    said = capsys.readouterr().err.replace("\n", " ")
    assert "holds the model 'lenet5', in a folder named 'resnet8'" in said
    export.verify(copy.rename(tmp_path / "copy"))
    export.verify(published.path)
    assert not capsys.readouterr().err


def test_an_empty_folder_is_let_pass(copy):
    (copy / "more").mkdir()
    export.verify(copy)


def test_an_added_link_is_found(copy):
    (copy / "onnx/more").symlink_to(copy / "onnx")  # in a folder of the artifact
    with pytest.raises(ExportError, match=r"onnx/more is not in the manifest"):
        export.verify(copy)


def test_a_model_that_the_manifest_keeps_silent_about_is_found(copy):
    """A server would serve it."""
    forge(copy, formats=["saved_model"])
    signatures = read(copy)["signatures"]
    for each in signatures.values():
        each["formats"] = ["saved_model"]
    forge(copy, signatures=signatures)
    with pytest.raises(ExportError, match=r"model\.onnx is in none of the formats"):
        export.verify(copy)


@pytest.mark.parametrize("kind", ["input", "output"])
def test_test_data_that_is_not_the_reference_is_found(copy, kind):
    """Other runtimes would prove themselves with it."""
    path = copy / f"test_data_set_0/{kind}_0.pb"
    tensor = onnx.TensorProto.FromString(path.read_bytes())
    values = onnx.numpy_helper.to_array(tensor) + 1
    changed = onnx.numpy_helper.from_array(values, tensor.name)
    path.write_bytes(changed.SerializeToString())
    forge(copy)
    with pytest.raises(ExportError, match=f"{kind}_0.pb is not of the reference"):
        export.verify(copy)


def test_test_data_of_more_batches_is_found(copy):
    shutil.copytree(copy / "test_data_set_0", copy / "test_data_set_9")
    forge(copy)
    with pytest.raises(ExportError, match=r"data_set_9.\w+.pb is not of the reference"):
        export.verify(copy)


@pytest.mark.parametrize("file", ["model.onnx", "onnx/logits/model.onnx"])
def test_a_hash_of_other_weights_is_found(copy, file):
    model = onnx.load(copy / file)
    for entry in model.metadata_props:
        if entry.key == "weights_sha256":
            entry.value = "0" * 64
    onnx.save(model, copy / file)
    forge(copy)
    with pytest.raises(ExportError, match="its weights_sha256 is '0000"):
        export.verify(copy)


@pytest.mark.parametrize(
    "stated",
    [
        3,
        [],
        ["onnx"],
        {"onnx": 3},
        {"onnx": {}},
        {"onnx": {"max_difference": {"probabilities": 1e9}}},
        {"onnx": {"max_difference": {"probabilities": float("nan")}}},
        {"onnx": {"max_difference": {"probabilities": "small"}}},
        {"litert": {"max_difference": {}}},
    ],
)
def test_a_loss_that_would_let_any_model_pass_is_found(copy, stated):
    forge(copy, compressed=stated)
    with pytest.raises(ExportError, match="what it says of the compressed"):
        export.verify(copy)


@pytest.mark.parametrize("shape", [3, "all", [None, "8"], {}, [[1]]])
def test_a_shape_that_is_none_is_found(copy, shape):
    signatures = read(copy)["signatures"]
    signatures["serving_default"]["inputs"]["image"]["shape"] = shape
    forge(copy, signatures=signatures)
    with pytest.raises(ExportError, match="damaged: signatures missing or wrong"):
        export.verify(copy)


def test_metadata_that_was_taken_out_is_missed(copy):
    saved_model = saved_model_pb2.SavedModel.FromString(
        (copy / "saved_model.pb").read_bytes()
    )
    root = saved_model.meta_graphs[0].object_graph_def.nodes[0]
    (child,) = (each for each in root.children if each.local_name == "metadata")
    root.children.remove(child)
    (copy / "saved_model.pb").write_bytes(saved_model.SerializeToString())
    forge(copy)
    with pytest.raises(ExportError, match="says that its name is None"):
        export.verify(copy)


@pytest.mark.slow
def test_labels_are_compared(tmp_path):
    data = zoo.load_dataset("iris")
    run = zoo.train("mlp", dataset=data, epochs=1, output=tmp_path / "run", jit="off")
    path = export.export_model(run, tmp_path / "models").path
    export.verify(path)
    forge(path, labels=read(path)["labels"][::-1])
    with pytest.raises(ExportError, match="says that its labels is"):
        export.verify(path)
    _forge_labels(path, read(path)["labels"])
    with pytest.raises(ExportError, match="answers with .* has the labels .* in this"):
        export.verify(path)


def _forge_labels(folder, labels):
    """Changes the labels in all that says them, but for the graph."""
    text = json.dumps(labels)
    metadata = json.loads((folder / "assets/metadata.json").read_text())
    (folder / "assets/metadata.json").write_text(
        json.dumps(metadata | {"labels": text})
    )
    for path in folder.rglob("model.onnx"):
        model = onnx.load(path)
        for entry in model.metadata_props:
            if entry.key == "labels":
                entry.value = text
        onnx.save(model, path)
    forge(folder, labels=labels)


def _reference(folder, **arrays):
    np.savez_compressed(folder / parity.REFERENCE, **arrays)
    forge(folder)


def test_an_empty_reference_is_found(copy):
    _reference(copy)
    with pytest.raises(ExportError, match="parity.npz holds no reference outputs"):
        export.verify(copy)


def test_a_reference_of_no_rows_is_found(copy):
    with np.load(copy / parity.REFERENCE) as file:
        rows = {name: file[name][:0] for name in file.files}
    _reference(copy, **rows)
    with pytest.raises(ExportError, match="parity.npz holds no reference outputs"):
        export.verify(copy)


def test_a_reference_of_another_signature_is_found(copy):
    with np.load(copy / parity.REFERENCE) as file:
        renamed = {
            name.replace("serving_default", "other"): file[name] for name in file.files
        }
    _reference(copy, **renamed)
    with pytest.raises(ExportError, match=r"The reference has the inputs of 'other'"):
        export.verify(copy)


@pytest.mark.parametrize("kind", ["input/image", "output/class_ids"])
@pytest.mark.parametrize(
    "change",
    [lambda x: x.astype("float64"), lambda x: x.astype(str), lambda x: x[..., None]],
)
def test_a_reference_of_other_types_and_shapes_is_found(copy, kind, change):
    with np.load(copy / parity.REFERENCE) as file:
        arrays = {
            name: change(file[name]) if name.endswith(kind) else file[name]
            for name in file.files
        }
    _reference(copy, **arrays)
    with pytest.raises(ExportError, match=f"The reference has '{kind.split('/')[1]}'"):
        export.verify(copy)


def test_a_signature_without_reference_is_found(copy):
    """Of each signature, not only of one."""
    signatures = read(copy)["signatures"]
    forge(copy, signatures=signatures | {"more": signatures["serving_default"]})
    with pytest.raises(ExportError, match=r"has the signatures|no reference outputs"):
        export.verify(copy)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04"])
def test_a_reference_that_is_none_is_found(copy, content):
    (copy / parity.REFERENCE).write_bytes(content)
    forge(copy)
    with pytest.raises(ExportError, match="parity.npz cannot be read"):
        export.verify(copy)


def test_a_reference_with_other_names_is_found(copy):
    _reference(copy, one=np.ones(3))
    with pytest.raises(ExportError, match="parity.npz cannot be read"):
        export.verify(copy)


def test_a_reference_that_would_fill_the_memory_is_found(copy, monkeypatch):
    monkeypatch.setattr(verification, "LARGEST_REFERENCE", 2**20)
    _reference(copy, zeros=np.zeros(2**20))
    assert (copy / parity.REFERENCE).stat().st_size < 2**16
    with pytest.raises(ExportError, match="would take 8,388,7.. bytes"):
        export.verify(copy)


def test_a_reference_that_unpickles_is_refused(copy):
    array = np.empty(1, object)
    np.savez(copy / parity.REFERENCE, allow_pickle=True, **{"0/input/image": array})
    forge(copy)
    with pytest.raises(ExportError, match="parity.npz cannot be read"):
        export.verify(copy)


def test_an_unsafe_model_is_found_before_it_is_loaded(copy, monkeypatch):
    shutil.rmtree(copy / "assets")
    save(copy, lambda x: tf.io.read_file(x[0]), STRINGS)
    forge(copy)
    monkeypatch.setattr(tf.saved_model, "load", None)
    with pytest.raises(
        UnsafeModelError, match="signatures reach ReadFile, which reads"
    ):
        export.verify(copy)
    with pytest.raises(ExportError, match=r"says that its name is None"):
        export.verify(copy, trust=True)


def test_an_unsafe_file_of_any_format_is_found(copy):
    """The SavedModel beside it is as it was."""
    model = onnx.load(copy / "model.onnx")
    model.graph.node.add(op_type="ReadMyMail", domain="my.company", output=["mail"])
    onnx.save(model, copy / "model.onnx")
    forge(copy)
    with pytest.raises(UnsafeModelError, match="it uses my.company.ReadMyMail"):
        export.verify(copy)


@pytest.mark.slow
def test_a_base_of_models(published, tmp_path):
    for place in ("a/1", "a/10", "b/1"):
        shutil.copytree(published.path, tmp_path / place)
        forge(tmp_path / place, version=int(place.split("/")[1]))
    (tmp_path / "b/1/model.onnx").unlink()
    (tmp_path / "c/3").mkdir(parents=True)
    (tmp_path / "notes.txt").write_text("no model")
    results = dict(export.verify_all(tmp_path))
    names = [path.relative_to(tmp_path).as_posix() for path in results]
    assert names == ["a/1", "a/10", "b/1", "c/3"]
    first, tenth, damaged, empty = results.values()
    assert first == tenth == export.verify(published.path)
    assert "model.onnx is missing" in str(damaged)
    assert "is not an artifact" in str(empty)
    assert list(dict(export.verify_all(tmp_path / "a"))) == [*results][:2]


def test_a_base_without_models(tmp_path):
    for base in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ExportError, match="There are no artifacts in"):
            list(export.verify_all(base))


def test_weights_swapped_under_a_fresh_manifest_are_found(copy):
    # The sha256 agree, the outputs do not: only the parity check finds it.
    model = onnx.load(copy / "model.onnx")
    for tensor in model.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT and len(tensor.dims) == 2:
            values = onnx.numpy_helper.to_array(tensor) * 1.01
            tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
    hashing.state_weights(model)
    onnx.save(model, copy / "model.onnx")
    forge(copy)
    with pytest.raises(ParityError, match="onnx artifact differs"):
        export.verify(copy)
