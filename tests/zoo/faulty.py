"""The `zoo` command with tiny models and a callback that waits to be stopped.

`python faulty.py STEP BYTES train ...` reports to its parent when that step is done and
waits for a line; with BYTES, no file may grow larger. 0 leaves either out.
"""

import functools
import sys

import keras

import zoo
from custom_layers import (
    LSTM,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    RandomFlip,
    RandomTranslation,
)
from zoo.cli.main import run
from zoo.training import loop

RECIPE = zoo.Recipe(
    dataset="digits",
    optimizer=("Adam", {"learning_rate": 1e-3}),
    schedule=("CosineDecay", {}),
    batch_size=128,  # eleven steps an epoch, the last of them smaller
    epochs=4,
)


def mlp(input_shape=(8, 8, 1), num_classes=10):
    """An MLP with dropout."""
    image = keras.Input(input_shape, name="image")
    x = Dropout(0.3)(Dense(16, activation="tanh")(Flatten()(image)))
    return keras.Model(image, Dense(num_classes, name="logits")(x))


def cnn(input_shape=(8, 8, 1), num_classes=10):
    """A CNN with augmentation and dropout."""
    image = keras.Input(input_shape, name="image")
    x = RandomTranslation(0.1, 0.1)(RandomFlip("horizontal")(image))
    x = Flatten()(Conv2D(4, 3, activation="tanh")(x))
    return keras.Model(image, Dense(num_classes, name="logits")(Dropout(0.3)(x)))


def lstm(input_shape=(8, 8, 1), num_classes=10):
    """An LSTM over the rows, with dropout."""
    image = keras.Input(input_shape, name="image")
    x = LSTM(8, dropout=0.2)(keras.layers.Reshape((8, 8))(image))
    return keras.Model(image, Dense(num_classes, name="logits")(x))


class Wait(keras.callbacks.Callback):
    """Waits for the parent behind a step of this process."""

    def __init__(self, step):
        super().__init__()
        self.left = step

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if self.left == 0:
            print("here", flush=True)
            sys.stdin.readline()


def register_models():
    """Not when this file is imported: other tests count the registered models."""
    for builder in (mlp, cnn, lstm):
        zoo.register(f"faulty_{builder.__name__}", recipe=RECIPE)(builder)


if __name__ == "__main__":
    register_models()
    step, size = map(int, sys.argv[1:3])
    loop.SAVE_SECONDS = 0.0
    if size:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    zoo.train = functools.partial(zoo.train, callbacks=[Wait(step)])
    sys.exit(run(sys.argv[3:]))
