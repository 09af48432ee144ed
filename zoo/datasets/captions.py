"""Datasets whose samples are images with a sentence about each."""

from collections.abc import Sequence

import numpy as np

from zoo.datasets.dataset import Dataset, Split, check_samples
from zoo.errors import DatasetError

END = 0  # token id behind a sentence
PADDING = -1  # behind that: no target


def make_caption_dataset(
    name: str, splits: dict[str, tuple[np.ndarray, Sequence[str]]]
) -> Dataset:
    """Encodes sentences as token ids, those of the words of the training split.

    Args:
        name: Of the dataset.
        splits: Images `(samples, height, width, channels)` and a sentence for each, of
            words that spaces separate; by `train`, `validation` and `test`.

    Returns:
        A dataset whose `y` holds token ids, `(samples, length)`: those of the words,
        0 behind them, and -1 after that. `labels` are the words, the first one empty.

    Raises:
        DatasetError: If images and sentences do not belong together, or one has a word
            that no training sentence has.

    Example:

    >>> x = np.zeros((2, 8, 8, 1), "uint8")
    >>> pair = x, ["a cat", "a black cat"]
    >>> splits = {"train": pair, "validation": pair, "test": pair}
    >>> data = make_caption_dataset("pictures", splits)
    >>> data.labels, data.train.y.tolist()
    (('', 'a', 'black', 'cat'), [[1, 3, 0, -1], [1, 2, 3, 0]])
    """
    words = sorted({word for text in splits["train"][1] for word in text.split()})
    labels = ("", *words)
    ids = {word: place for place, word in enumerate(labels)}
    texts = [text.split() for _, sentences in splits.values() for text in sentences]
    unknown = sorted({word for text in texts for word in text} - ids.keys())
    if unknown:
        raise DatasetError(
            f"{name}: no training sentence has the word {unknown[0]!r}; add one, or "
            "leave it out."
        )
    length = 1 + max(map(len, texts))
    made = {}
    for part, (x, sentences) in splits.items():
        y = np.full((len(sentences), length), PADDING)
        for row, text in zip(y, sentences, strict=True):
            words = text.split()
            row[: len(words) + 1] = [*(ids[word] for word in words), END]
        made[part] = Split(x, y)
    data = Dataset.of(name, made, labels=labels, task="captioning")
    check_captions(data)
    return data


def words_of(ids: Sequence[int] | np.ndarray, labels: Sequence[str]) -> list[str]:
    """Returns the words of token ids, up to the end.

    >>> words_of([1, 2, 0, 1], ("", "a", "cat"))
    ['a', 'cat']
    """
    ids = [int(each) for each in ids]
    return [labels[i] for i in ids[: ids.index(END) if END in ids else None]]


def check_captions(data: Dataset) -> None:
    """Checks a dataset of sentences about images.

    Raises:
        DatasetError: If images and sentences do not belong together.
    """
    for part, split in data.splits.items():
        name, y = f"{data.name} ({part})", split.y
        if y.ndim != 2 or y.dtype.kind not in "iu":
            raise DatasetError(
                f"{name}: sentences must be token ids of shape (samples, length). "
                f"Received: {y.dtype} of shape {y.shape}"
            )
        check_samples(name, split, data.input_shape)
        if y.min() < PADDING or y.max() >= len(data.labels):
            raise DatasetError(
                f"{name}: token ids must be in 0..{len(data.labels) - 1}, or "
                f"{PADDING} behind the end. Received: {y.min()}..{y.max()}"
            )
