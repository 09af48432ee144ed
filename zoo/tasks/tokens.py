"""The vocabulary size of a built model."""

import keras

from custom_layers import Embedding


def vocabulary_size(model: keras.Model) -> int | None:
    """Returns the vocabulary size, None for a model that takes no tokens."""
    sizes = [
        la.input_dim for la in model._flatten_layers() if isinstance(la, Embedding)
    ]
    return sizes[0] if sizes else None
