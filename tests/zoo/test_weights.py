import dataclasses
import shutil
import warnings

import h5py
import numpy as np
import pytest

import zoo
from tests.zoo.rows import one_of_each_architecture
from zoo import weights
from zoo.errors import ArgumentError, WeightsError
from zoo.results import shipping


@pytest.fixture
def file(tmp_path, run):
    path = tmp_path / "lenet5.weights.h5"
    run.model.save_weights(path)
    return path


@pytest.mark.slow
def test_weights_from_a_file_a_run_and_a_model(file, run):
    expected = run.model.get_weights()
    for source in (file, run, run.directory, run.directory / "model.keras"):
        model = zoo.create_model("lenet5.digits", weights=source)
        for ours, theirs in zip(model.get_weights(), expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_a_run_gives_its_model_as_it_is_in_memory(run):
    changed = dataclasses.replace(run, model=zoo.create_model("lenet5", units=(7, 5)))
    model = zoo.create_model("lenet5", units=(7, 5), weights=changed)
    np.testing.assert_array_equal(
        model.get_layer("F6").kernel, changed.model.get_layer("F6").kernel
    )
    with pytest.raises(WeightsError, match="The run was made for another model"):
        zoo.create_model("lenet5", weights=changed)


@pytest.mark.parametrize("damage", ["truncated", "text", "empty"])
def test_corrupted_weights(file, damage):
    content = file.read_bytes()
    file.write_bytes(
        {"truncated": content[: len(content) // 2], "text": b"no", "empty": b""}[damage]
    )
    with pytest.raises(WeightsError, match="corrupted"):
        zoo.create_model("lenet5", weights=file)


def test_corrupted_model_file(tmp_path, run):
    path = tmp_path / "m.keras"
    content = (run.directory / "model.keras").read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(WeightsError, match="corrupted"):
        zoo.create_model("lenet5", weights=path)


@pytest.mark.parametrize("suffix", [".weights.h5", ".h5"])
def test_imaginary_parts_are_not_dropped(tmp_path, suffix):
    model = zoo.create_model("mlp.iris")
    path = tmp_path / f"m{suffix}"
    model.save(path) if suffix == ".h5" else model.save_weights(path)
    with h5py.File(path, "r+") as file:
        names = []
        file.visititems(lambda name, each: names.append(name))
        kernel = next(
            name for name in names if getattr(file[name], "shape", None) == (4, 32)
        )
        values = file[kernel][...] * (1 + 1j)
        del file[kernel]
        file[kernel] = values
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # here they are errors
        with pytest.raises(WeightsError, match=f"m{suffix} "):
            zoo.create_model("mlp.iris", weights=path)


def test_weights_of_another_model(file, run):
    with pytest.raises(WeightsError, match="another model"):
        zoo.create_model("mlp", weights=file)
    with pytest.raises(WeightsError, match="another model"):
        zoo.create_model("mlp", weights=run.directory)


@pytest.mark.parametrize("name", ["missing.weights.h5", "missing.keras", "notes.txt"])
def test_missing_weights(tmp_path, name):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(WeightsError, match=r"check the path|not a weights file"):
        zoo.create_model("mlp", weights=tmp_path / name)


def test_pretrained_or_weights(file):
    with pytest.raises(ArgumentError, match="either"):
        zoo.create_model("lenet5", pretrained=True, weights=file)


def test_architectures_ship_no_weights():
    with pytest.raises(WeightsError, match="No weights ship for 'lenet5'") as caught:
        zoo.create_model("lenet5", pretrained=True)
    assert "Did you mean lenet5.mnist" in str(caught.value)
    assert "zoo train lenet5" in str(caught.value)
    assert len(str(caught.value)) < 250, "no list of all names"


@pytest.mark.parametrize("name", one_of_each_architecture(pretrained=True))
def test_shipped_weights_load(name):
    model = zoo.create_model(name, pretrained=True)
    fresh = zoo.create_model(name)
    assert any(
        not np.array_equal(a, b)
        for a, b in zip(model.get_weights(), fresh.get_weights(), strict=True)
    )


def test_some_weights_ship():
    assert {"lenet5.digits", "mlp.iris"} <= set(zoo.list_models(pretrained=True))


@pytest.mark.parametrize("name", ["lenet5.digits", "mlp.iris"])
def test_published_metrics_can_be_recomputed(name):
    published = weights.index()[name]["metrics"]
    found = zoo.evaluate(name)
    assert {k: found[k] for k in published} == pytest.approx(published, abs=1e-4)


@pytest.mark.real_data
@pytest.mark.slow
def test_published_mnist_metrics_can_be_recomputed(real_data):
    data = zoo.load_dataset("mnist", data_dir=real_data)
    published = weights.index()["lenet5.mnist"]["metrics"]
    found = zoo.evaluate("lenet5.mnist", data)
    assert {k: found[k] for k in published} == pytest.approx(published, abs=1e-4)
    assert published["accuracy"] >= 0.989


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A copy of the shipped weights, to be changed."""
    folder = tmp_path / "weights"
    shutil.copytree(weights.INDEX.parent, folder)
    for module in (weights, shipping):
        monkeypatch.setattr(module, "INDEX", folder / "index.json")
    weights.index.cache_clear()
    yield folder
    weights.index.cache_clear()


def test_a_run_can_be_shipped(store, run):
    file = shipping.ship(run.directory)
    assert [file] == list(store.glob("lenet5.digits-*"))
    weights.index.cache_clear()
    entry = weights.index()["lenet5.digits"]
    assert entry["command"].endswith("--dataset digits --epochs 2 --seed 0")
    assert entry["metrics"] == run.metrics
    model = zoo.create_model("lenet5.digits", pretrained=True)
    for ours, theirs in zip(model.get_weights(), run.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert "mlp.iris" in weights.index()


def test_changed_shipped_weights_are_refused(store):
    file = store / weights.index()["mlp.iris"]["file"]
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(WeightsError, match="corrupted .*sha256"):
        zoo.create_model("mlp.iris", pretrained=True)
    file.unlink()
    with pytest.raises(WeightsError, match="missing; reinstall"):
        zoo.create_model("mlp.iris", pretrained=True)
