"""Attention maps of a network that turns sequences round (Vaswani et al., 2017)."""

import keras
import numpy as np
from keras import ops

from custom_layers import Dense, Embedding, MultiHeadAttention
from custom_layers.losses import SparseCategoricalCrossentropy
from custom_layers.optimizers import Adam
from zoo.inference.explanations.interception import numpy
from zoo.reports.drawing import new_figure
from zoo.reports.pictures.attention import watched
from zoo.shows import Shown, register_show
from zoo.shows.learning import learn

LENGTH, LETTERS, SIZE, STEPS = 8, 8, 32, 400
TITLE = "Attention that turns a sequence round"


@register_show(
    "attention",
    title=TITLE,
    reading="A row is a place of the answer and a column a letter that it may attend "
    "to, dark where the attention weight is large: before training the weights are "
    "spread over all letters, afterwards they stand on the other diagonal, since the "
    "first letter of the answer is the last one of the question.",
)
def attention() -> Shown:
    """Trains one head to reverse letters, and draws its map before and after."""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    x = generator.integers(LETTERS, size=(2_000, LENGTH))
    model, layer = reverser()
    sample = x[:1]
    before = weights(model, layer, sample)
    loss = SparseCategoricalCrossentropy(from_logits=True)
    settings = {"optimizer": Adam(0.01), "steps": STEPS, "batch_size": 64}
    learn(model, x, x[:, ::-1], loss=loss, **settings)
    fresh = generator.integers(LETTERS, size=(500, LENGTH))
    answers = numpy(model(fresh)).argmax(axis=-1)
    accuracy = float(np.mean(answers == fresh[:, ::-1]))
    after = weights(model, layer, sample)
    letters = [chr(ord("a") + k) for k in sample[0]]
    figure = new_figure(TITLE, f"{accuracy:.0%} of new letters right", 3.2)
    panels = figure.subplots(1, 2)
    answered = [chr(ord("a") + k) for k in numpy(model(sample))[0].argmax(axis=-1)]
    for axes, name, found in zip(
        panels, ("before training", "after"), (before, after), strict=True
    ):
        axes.imshow(found, cmap="Blues", vmin=0, vmax=1)
        axes.set_title(name, fontsize=9)
        axes.set_xticks(range(LENGTH), letters)
        axes.set(xlabel="letter", yticks=range(LENGTH))
    panels[0].set_yticks(range(LENGTH), range(1, LENGTH + 1))
    panels[0].set_ylabel("place of the answer")
    panels[1].set_yticks(range(LENGTH), answered)
    figure.colorbar(panels[1].images[0], ax=panels, label="attention weight")
    masses = {"before": _mass(before), "after": _mass(after)}
    values = {"accuracy": accuracy, "on_the_other_diagonal": masses}
    return Shown(figure, values | {"weights": after.tolist()})


def reverser() -> tuple[keras.Model, MultiHeadAttention]:
    """Returns a network that asks by the places of the answer, and its attention."""
    letters = keras.Input((LENGTH,), dtype="int32")
    places = ops.cumsum(ops.ones_like(letters), axis=1) - 1
    keys = Embedding(LETTERS, SIZE)(letters) + Embedding(LENGTH, SIZE)(places)
    queries = Embedding(LENGTH, SIZE)(places)
    layer = MultiHeadAttention(1, key_dim=SIZE)
    return keras.Model(letters, Dense(LETTERS)(layer(queries, keys))), layer


def weights(
    model: keras.Model, layer: MultiHeadAttention, sample: np.ndarray
) -> np.ndarray:
    """Returns the attention weights of one sample, of shape `(length, length)`."""
    with watched(layer) as maps:
        model(sample)
    return maps[0][0, 0]


def _mass(found: np.ndarray) -> float:
    """The mean weight on the other diagonal."""
    return float(np.mean(np.diag(found[:, ::-1])))
