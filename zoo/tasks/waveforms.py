"""The sampling rate of a built model."""

import keras

from custom_layers import LogMelSpectrogram


def sampling_rate(model: keras.Model) -> int | None:
    """Returns the samples a second, None for a model that takes no waveforms."""
    rates = [
        layer.sampling_rate
        for layer in model._flatten_layers()
        if isinstance(layer, LogMelSpectrogram)
    ]
    return rates[0] if rates else None
