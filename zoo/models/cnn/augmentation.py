"""Where a model changes the images that it is trained on."""

import keras


def augmented(x, *layers: keras.Layer) -> keras.KerasTensor:
    """Passes images through layers that change them at random in training only.

    A call of a model that does not say what it is for is none for training, though
    such layers by themselves take it for one.
    """
    for layer in layers:
        x = layer(x, training=False)
    return x
