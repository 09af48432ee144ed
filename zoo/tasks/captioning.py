"""Captioning: a sentence about an image."""

import itertools
from typing import Any

import keras
import numpy as np
from keras import ops

from custom_layers.activations import softmax
from custom_layers.metrics import TokenAccuracy
from zoo.datasets import Dataset
from zoo.datasets.captions import END, PADDING, words_of
from zoo.tasks import averages, register_task
from zoo.tasks.assessment import Scores
from zoo.tasks.baselines import Baseline
from zoo.tasks.intervals import wilson
from zoo.tasks.mismatch import wrong_task
from zoo.tasks.ngram_precision import corpus_bleu
from zoo.tasks.task import Config, Task


def prepare(data: Dataset, encoding: Config) -> Dataset:
    """Leaves images and token ids as they are.

    Args:
        data: Images with sentences.
        encoding: Empty.
    """
    if data.task != "captioning":
        raise wrong_task(data, "a captioner needs images with sentences")
    return data


def fixed_by_data(data: Dataset) -> Config:
    """Shape of an image, number of words, and tokens of the longest sentence."""
    return {
        "input_shape": data.input_shape,
        "vocabulary_size": len(data.labels),
        "length": data.train.y.shape[1],
    }


def fixed_in_model(model: keras.Model) -> Config:
    """The same of a built model."""
    _, length, size = model.output_shape
    shape = tuple(model.input_shape[1:])
    return {"input_shape": shape, "vocabulary_size": size, "length": length}


def outputs(model: keras.Model) -> dict[str, Any]:
    """`token_ids` of the words, 0 behind the last one, and their `probabilities`."""
    shares = softmax(model.output)
    ids = ops.argmax(shares, axis=-1)
    is_written = ops.cumprod(ops.cast(ids != END, "int64"), axis=1)
    return {
        "token_ids": ops.cast(ids, "int64") * is_written,
        "token_probabilities": ops.max(shares, axis=-1),
    }


def assess(logits: np.ndarray, data: Dataset, *, are_probable: bool = True) -> Scores:
    """Compares the sentences of the most probable words with those of the test split.

    Args:
        logits: Of shape `(samples, length, words)`.
        data: With sentences.
        are_probable: Not used.

    Returns:
        The metrics `exact_match`, the fraction of the sentences that are right word for
        word, and `bleu`; where some of them have two words side by side that no
        training sentence has, `seen_match` and `unseen_match` of the others and of
        these. As details the number of `samples` and an interval, 95 % by Wilson.
    """
    truth = [words_of(row, data.labels) for row in data.test.y]
    found = [words_of(row, data.labels) for row in logits.argmax(axis=-1)]
    is_right = np.array([a == b for a, b in zip(found, truth, strict=True)])
    known = set().union(*(_pairs(row) for row in data.train.y))
    is_new = np.array([not _pairs(row) <= known for row in data.test.y])
    exact = float(is_right.mean())
    metrics = {"exact_match": exact, "bleu": corpus_bleu(found, truth)}
    if is_new.any() and not is_new.all():
        metrics["seen_match"] = float(is_right[~is_new].mean())
        metrics["unseen_match"] = float(is_right[is_new].mean())
    interval = list(wilson(exact, len(truth)))
    return Scores(metrics, {"samples": len(truth), "exact_match_interval": interval})


def _pairs(ids: np.ndarray) -> set[tuple[int, int]]:
    """The words of a sentence that stand side by side."""
    kept = ids[ids > END].tolist()
    return set(itertools.pairwise(kept))


def commonest_sentence(data: Dataset) -> Baseline:
    """Always answers the sentence that the most training images have."""
    rows, counts = np.unique(data.train.y, axis=0, return_counts=True)
    common = rows[counts.argmax()]
    share = float((data.test.y == common).all(axis=1).mean())
    text = " ".join(words_of(common, data.labels))
    return Baseline("exact_match", share, f'always "{text}", the commonest sentence')


TASK = Task(
    name="captioning",
    loss=("TokenCrossentropy", {"ignore_class": PADDING}),
    metrics=lambda: [TokenAccuracy(ignore_class=PADDING)],
    monitor="val_loss",
    prepare=prepare,
    fixed_by_data=fixed_by_data,
    fixed_in_model=fixed_in_model,
    outputs=outputs,
    average=averages.mean_probabilities,
    assess=assess,
    baseline=commonest_sentence,
    raw="logits",
    names={"token_ids": "words"},
    headline="exact_match",
)
register_task(TASK)
