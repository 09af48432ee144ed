"""Samples that are read block by block train like samples in memory."""

import dataclasses

import numpy as np
import pytest

import zoo
from zoo.datasets import Split
from zoo.training import feed


@pytest.fixture
def mapped(tmp_path, digits):
    """The digits, 200 to train on, in files that are mapped into memory."""

    def save(part, split):
        for name, array in split._asdict().items():
            np.save(tmp_path / f"{part}-{name}.npy", array)
        return Split(
            *(
                np.load(tmp_path / f"{part}-{name}.npy", mmap_mode="r")
                for name in split._fields
            )
        )

    return dataclasses.replace(
        digits,
        train=save("train", Split(digits.train.x[:200], digits.train.y[:200])),
        validation=save("validation", digits.validation),
    )


def in_memory(data):
    return dataclasses.replace(
        data,
        train=Split(*map(np.array, data.train)),
        validation=Split(*map(np.array, data.validation)),
    )


@pytest.fixture
def blocks(monkeypatch):
    """The number of samples in each block that is read, three steps' at most."""
    sizes = []
    sample_bytes = 8 * 8 + 8  # pixels and label
    monkeypatch.setattr(feed, "BLOCK_BYTES", 3 * 32 * sample_bytes)
    read = feed.Streamed._read

    def spy(self, order, first):
        for part in read(self, order, first):
            sizes.append(len(part.y))
            yield part

    monkeypatch.setattr(feed.Streamed, "_read", spy)
    return sizes


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["mlp", pytest.param("lenet5", marks=pytest.mark.slow)]
)
def test_streamed_samples_train_to_the_same_bits(tmp_path, mapped, blocks, name):
    asked = {"epochs": 2, "batch_size": 32}
    streamed = zoo.train(name, dataset=mapped, output=tmp_path / "s", **asked)
    # Each epoch trains on 200 samples and is validated on 144.
    assert blocks == [96, 96, 8, 96, 48] * 2
    blocks.clear()
    memory = zoo.train(name, dataset=in_memory(mapped), output=tmp_path / "m", **asked)
    assert blocks == []
    for a, b in zip(streamed.model.weights, memory.model.weights, strict=True):
        np.testing.assert_array_equal(a, b)
    for metric in ("loss", "accuracy"):
        assert streamed.history[metric] == memory.history[metric]
    # Validation takes batches of other sizes, and so adds up in another order.
    assert streamed.history["val_loss"] == pytest.approx(
        memory.history["val_loss"], abs=1e-6
    )


def test_reading_stops_at_an_error(tmp_path, mapped, blocks):
    class Broken(np.ndarray):
        def __getitem__(self, places):
            if isinstance(places, np.ndarray):
                raise OSError("the disk is gone")
            return super().__getitem__(places)

    broken = dataclasses.replace(
        mapped, train=Split(np.array(mapped.train.x).view(Broken), mapped.train.y)
    )
    with pytest.raises(Exception, match="the disk is gone"):
        zoo.train("mlp", dataset=broken, epochs=1, output=tmp_path / "r")
