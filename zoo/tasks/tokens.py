"""The vocabulary size and the context length of a built model."""

import keras

from custom_layers import (
    Embedding,
    PositionEmbedding,
    TransformerDecoder,
)


def vocabulary_size(model: keras.Model) -> int | None:
    """Returns the vocabulary size, None for a model that takes no tokens."""
    sizes = [
        la.input_dim for la in model._flatten_layers() if isinstance(la, Embedding)
    ]
    return sizes[0] if sizes else None


def position_limit(model: keras.Model) -> int | None:
    """Returns how many positions have a learned embedding, None where none have."""
    limits = [
        la.sequence_length
        for la in model._flatten_layers()
        if isinstance(la, PositionEmbedding)
    ]
    return min(limits, default=None)


def context_length(model: keras.Model) -> int | None:
    """Returns how many tokens a transformer looks back on, None for other models."""
    blocks = [
        la for la in model._flatten_layers() if isinstance(la, TransformerDecoder)
    ]
    windows = [block.sliding_window for block in blocks if block.sliding_window]
    return min(windows, default=position_limit(model))
