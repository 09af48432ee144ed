"""Word vectors are the same from the same seed, wherever and however often it stops."""

import signal

import keras
import numpy as np
import pytest

import zoo
from zoo.datasets.corpus import make_corpus
from zoo.errors import ArgumentError
from zoo.training.word2vec import engine

ENCODING = {"min_count": 1, "threshold": 0.01}


def corpus(words=40, lines=200):
    generator = np.random.default_rng(0)
    drawn = generator.zipf(1.3, (lines, 12)) % words
    return make_corpus("drawn", [" ".join(map("w{}".format, row)) for row in drawn])


def train(folder, name="word2vec_skipgram", **options):
    asked = {"epochs": 3, "batch_size": 600, "encoding": ENCODING}
    asked |= {"overrides": {"embedding_size": 8}}
    return zoo.train(name, dataset=corpus(), output=folder, **asked | options)


def weights(run):
    layers = run.model.get_layer("embedding"), run.model.get_layer("scores")
    return [np.asarray(layers[0].embeddings), np.asarray(layers[1].kernel)]


def same(first, second):
    return all(map(np.array_equal, weights(first), weights(second)))


@pytest.mark.slow
def test_the_seed_decides_in_any_process_and_at_any_stop(tmp_path):
    class Interrupt(keras.callbacks.Callback):
        steps = 0

        def on_train_batch_end(self, batch, logs=None):
            Interrupt.steps += 1
            if Interrupt.steps == 4:
                signal.raise_signal(signal.SIGINT)

    whole = train(tmp_path / "whole", log_every=1)
    assert len(whole.history["loss"]) == 3
    losses = whole.history["loss"]
    assert losses == sorted(losses, reverse=True)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "cut", callbacks=[Interrupt()], log_every=1)
    resumed = train(tmp_path / "cut", resume=True, log_every=1)
    assert same(whole, resumed)
    assert resumed.history["loss"] == losses
    assert not same(whole, train(tmp_path / "other", seed=1))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["word2vec_cbow", "word2vec_skipgram_hs"])
def test_the_loss_falls(tmp_path, name):
    losses = train(tmp_path / "run", name, epochs=6).history["loss"]
    assert losses[-1] < losses[0]


@pytest.mark.slow
def test_a_step_takes_the_rows_of_a_large_table_that_it_needs(tmp_path, monkeypatch):
    whole = train(tmp_path / "whole")
    # One row less than there are: that of unknown words, which no step uses.
    monkeypatch.setattr(engine.Engine, "_most_rows", lambda self: len(self._keep) - 1)
    few = train(tmp_path / "few")
    for a, b in zip(weights(whole), weights(few), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_a_part_that_is_held_out_is_scored(tmp_path):
    encoding = ENCODING | {"held_out": 0.2}
    run = train(tmp_path / "run", encoding=encoding, epochs=2)
    assert len(run.history["val_loss"]) == 2
    assert run.history["val_loss"][1] == pytest.approx(run.history["loss"][1], rel=0.2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"optimizer": "Adam"}, "trained by plain SGD"),
        ({"optimizer": {"momentum": 0.9}}, "Received: SGD with"),
        ({"metrics": ["AUC"]}, "`metrics` is for samples"),
        ({"mixed_precision": "bf16"}, "`mixed_precision` is not for word vectors"),
    ],
)
def test_what_is_for_samples_is_refused(tmp_path, options, message):
    with pytest.raises(ArgumentError, match=message):
        train(tmp_path / "run", **options)
    assert not (tmp_path / "run").exists()
