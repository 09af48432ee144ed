"""Data augmentation within a model."""

import keras


def augmented(x, *layers: keras.Layer) -> keras.KerasTensor:
    """Applies random augmentation layers, active in training only.

    A call without a `training` argument is inference for the model, though Keras'
    augmentation layers by themselves take it for training.
    """
    for layer in layers:
        x = layer(x, training=False)
    return x
