"""What a built model tells of the tokens that it takes."""

import keras

from custom_layers import Embedding


def vocabulary_size(model: keras.Model) -> int | None:
    """Returns how many tokens a model tells apart, None where it takes no tokens."""
    sizes = [
        la.input_dim for la in model._flatten_layers() if isinstance(la, Embedding)
    ]
    return sizes[0] if sizes else None
