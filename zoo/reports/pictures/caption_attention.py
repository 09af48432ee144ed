"""Where a captioner looks for each word."""

import keras
import numpy as np
from keras import ops
from matplotlib.figure import Figure

from custom_layers import AttentionDecoder
from zoo.datasets.captions import words_of
from zoo.reports.drawing import new_figure, show
from zoo.reports.labels import label
from zoo.reports.subject import Subject

TITLE = "Attention for each word"
READING = (
    "Each row of pictures is a test image while the model writes its sentence, with "
    "the true one above: bright where the attention weight of a region is large."
)
ORDER = 17
IMAGES, COLUMNS = 3, 7
_DIM = 0.25  # brightness of a region without attention


def draw(subject: Subject) -> Figure | None:
    """Draws the attention to the first test images, with a word above each."""
    decoders = [x for x in subject.model.layers if isinstance(x, AttentionDecoder)]
    if subject.task != "captioning" or len(decoders) != 1 or not subject.has_images:
        return None
    images, labels = subject.data.test.x[:IMAGES], subject.data.labels
    ids, weights = attention(subject.model, decoders[0], images)
    written = [words_of(row, labels) for row in ids]
    rows = [-(-max(1, len(words)) // COLUMNS) for words in written]
    figure = new_figure(TITLE, subject.title, 1.15 * sum(rows) + 0.3 * len(rows))
    parts = figure.subfigures(len(rows), 1, height_ratios=rows, squeeze=False)
    for k, (part, words) in enumerate(zip(parts[:, 0], written, strict=True)):
        truth = " ".join(words_of(subject.data.test.y[k], labels))
        part.suptitle(f"true: {label(truth, 100)}", fontsize=7)
        grid = part.subplots(rows[k], COLUMNS, squeeze=False)
        for place, axes in enumerate(grid.flat):
            axes.set_axis_off()
            if place < len(words):
                show(axes, images[k] / 255 * _enlarged(weights[k, place], images[k]))
                axes.set_title(label(words[place]), fontsize=7)
    return figure


def attention(
    model: keras.Model, decoder: AttentionDecoder, images: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the tokens that a captioner writes, and its attention for each.

    Args:
        model: The captioner.
        decoder: Its decoder.
        images: `(samples, height, width, channels)`.

    Returns:
        Token ids `(samples, length)` and weights `(samples, length, regions)`.
    """
    features = keras.Model(model.input, decoder.input)(images, training=False)
    keys, state = decoder.begin(features)
    before = decoder.embedding(ops.zeros(len(images), "int32"))
    ids, maps = [], []
    for _ in range(decoder.length):
        logits, state, weights = decoder.step(before, state, features, keys)
        before = ops.matmul(ops.softmax(logits), decoder.embedding.embeddings)
        ids.append(ops.convert_to_numpy(ops.argmax(logits, axis=-1)))
        maps.append(ops.convert_to_numpy(weights))
    return np.stack(ids, axis=1), np.stack(maps, axis=1)


def _enlarged(weights: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Brightness of each pixel, by the weight of its region relative to the largest."""
    shares = by_pixel(weights, image.shape) / weights.max()
    return (_DIM + (1 - _DIM) * shares)[..., np.newaxis]


def by_pixel(weights: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Returns the weight of the region of each pixel.

    Args:
        weights: Of regions, which have the aspect ratio of the image.
        shape: Of the image, `(height, width, channels)`.

    >>> by_pixel(np.array([0.2, 0.8]), (1, 4, 1)).tolist()
    [[0.2, 0.2, 0.8, 0.8]]
    """
    height, width, _ = shape
    rows = max(1, round((len(weights) * height / width) ** 0.5))
    grid = weights.reshape(rows, -1)
    down, across = (
        np.arange(size) * parts // size
        for size, parts in zip((height, width), grid.shape, strict=True)
    )
    return grid[down][:, across]
