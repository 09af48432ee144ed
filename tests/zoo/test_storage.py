"""Sets that do not fit in memory."""

import tempfile

import keras
import numpy as np
import pytest
from PIL import Image

import zoo
from custom_layers import MinMaxScaling, Normalization
from zoo.datasets import storage
from zoo.errors import DatasetError
from zoo.training.adapt import adapt


@pytest.fixture
def folder(tmp_path):
    """Pictures of two classes, each of another brightness."""
    generator = np.random.default_rng(0)
    for label, place in (("dark", 60), ("light", 160)):
        (tmp_path / "set" / label).mkdir(parents=True)
        for i in range(40):
            pixels = generator.integers(place, place + 60, (6, 6)).astype("uint8")
            Image.fromarray(pixels).save(tmp_path / "set" / label / f"{i}.png")
    return tmp_path / "set"


@pytest.fixture
def no_memory(monkeypatch):
    monkeypatch.setattr(storage, "MEMORY_SHARE", 0)
    monkeypatch.setattr(storage, "BLOCK_BYTES", 7 * 36)


def test_a_set_in_a_file_is_the_same(folder, monkeypatch):
    expected = zoo.load_dataset(folder)
    monkeypatch.setattr(storage, "MEMORY_SHARE", 0)
    monkeypatch.setattr(storage, "BLOCK_BYTES", 7 * 36)
    mapped = zoo.load_dataset(folder)
    for name, split in mapped.splits.items():
        assert isinstance(split.x, np.memmap), name
        np.testing.assert_array_equal(split.x, expected.splits[name].x)
        np.testing.assert_array_equal(split.y, expected.splits[name].y)
    assert not isinstance(expected.train.x, np.memmap)


@pytest.mark.slow
@pytest.mark.real_data
def test_records_in_a_file_are_the_same(real_data, monkeypatch):
    expected = zoo.load_dataset("mnist", data_dir=real_data).test.x
    monkeypatch.setattr(storage, "MEMORY_SHARE", 0)
    mapped = zoo.load_dataset("mnist", data_dir=real_data).test.x
    assert isinstance(mapped, np.memmap)
    np.testing.assert_array_equal(mapped, expected)


@pytest.mark.slow
def test_a_run_on_a_mapped_set(folder, no_memory, tmp_path):
    run = zoo.train("lenet5", dataset=folder, epochs=3, output=tmp_path / "run")
    assert run.metrics["accuracy"] == 1.0
    assert zoo.evaluate(tmp_path / "run") == pytest.approx(run.metrics)


@pytest.mark.parametrize("layer", [Normalization, MinMaxScaling])
def test_layers_measure_block_by_block(layer, folder, monkeypatch):
    data = zoo.load_dataset(folder)
    image = keras.Input(data.input_shape)
    models = [keras.Model(image, layer()(image)) for _ in range(2)]
    adapt(models[0], data)
    monkeypatch.setattr(storage, "BLOCK_BYTES", 7 * 36)
    assert len(list(storage.blocks(data.train.x))) == 9
    adapt(models[1], data)
    for one, other in zip(models[0].weights, models[1].weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_a_sample_that_is_no_number_is_found_in_any_block(monkeypatch):
    monkeypatch.setattr(storage, "BLOCK_BYTES", 64)
    x = np.ones((40, 4), "float32")
    x[33, 2] = np.nan
    with pytest.raises(DatasetError, match="1 of 40 samples hold NaN.*number 33"):
        zoo.make_dataset("bad", ("a", "b"), zoo.datasets.Split(x, np.arange(40) % 2))


def test_no_file_has_a_name(no_memory, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    array = storage.allocate((10, 3), np.dtype("uint8"))
    array[:] = 7
    assert isinstance(array, np.memmap)
    assert (array == 7).all()
    assert list(tmp_path.iterdir()) == []


def test_no_room_for_the_file(no_memory):
    with pytest.raises(DatasetError, match=r"neither in memory nor in .*TMPDIR"):
        storage.allocate((1 << 50, 3), np.dtype("uint8"))


def test_a_file_of_arrays_is_read_once_into_its_splits(tmp_path, monkeypatch):
    """Without a second copy, and to the splits that arrays in memory have."""
    random = np.random.default_rng(0)
    x = random.normal(size=(400, 30))  # float64, which becomes float32
    y = random.integers(0, 3, 400)
    np.savez_compressed(tmp_path / "d.npz", x=x, y=y)
    labels = ("0", "1", "2")
    split = zoo.datasets.Split(x.astype("float32"), y)
    expected = zoo.make_dataset("d", labels, split)
    monkeypatch.setattr("zoo.datasets.arrays.BLOCK_BYTES", 7 * 30 * 8)
    taken = []
    allocate = storage.allocate

    def spy(shape, dtype):
        taken.append(np.prod(shape) * np.dtype(dtype).itemsize)
        return allocate(shape, dtype)

    monkeypatch.setattr("zoo.datasets.dataset.allocate", spy)
    data = zoo.load_dataset(tmp_path / "d.npz")
    for name, part in data.splits.items():
        np.testing.assert_array_equal(part.x, expected.splits[name].x)
        np.testing.assert_array_equal(part.y, expected.splits[name].y)
    assert sum(taken) == 400 * 30 * 4


def test_a_file_that_is_larger_than_half_of_the_memory_is_mapped(tmp_path, monkeypatch):
    np.savez(tmp_path / "d.npz", x=np.ones((60, 4), "float32"), y=np.arange(60) % 2)
    plain = zoo.load_dataset(tmp_path / "d.npz")
    monkeypatch.setattr(storage, "MEMORY_SHARE", 0)
    for part in zoo.load_dataset(tmp_path / "d.npz").splits.values():
        assert isinstance(part.x, np.memmap)
    assert not isinstance(plain.train.x, np.memmap)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["uint8", "float16", ">f4", "bool", "int64"])
def test_arrays_of_any_type_and_order_are_read(tmp_path, dtype, order):
    x = np.random.default_rng(0).integers(0, 2, (40, 3, 2)).astype(dtype, order=order)
    parts = {
        f"{k}_{p}": v
        for p in ("train", "test", "validation")
        for k, v in (("x", x), ("y", (np.arange(40) % 2)[:, np.newaxis]))
    }
    np.savez(tmp_path / "d.npz", labels=np.array(["no", "yes"]), **parts)
    data = zoo.load_dataset(tmp_path / "d.npz")
    np.testing.assert_array_equal(data.train.x, x[..., np.newaxis])
    assert data.labels == ("no", "yes")
    assert data.train.y.shape == (40,)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="of TensorFlow")
def test_samples_that_were_read_are_not_copied_to_train_on():
    from zoo.training.engine._tensorflow import _can_share

    array = storage.allocate((10, 3), np.dtype("float32"))
    assert _can_share(array)
    # Unaligned, read-only, strided, or of a type that is converted: copied.
    assert not _can_share(array[1:])
    assert not _can_share(array[:, :2])
    assert not _can_share(np.broadcast_to(array[:1], (10, 3)))
    assert not _can_share(storage.allocate((10, 3), np.dtype("float64")))
