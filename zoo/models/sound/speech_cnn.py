"""Convolutional network on log-mel features (Sainath and Parada, 2015).

Train with `zoo train speech_cnn --dataset FOLDER`, a folder of sounds with a sub-folder
for each class; `--group '*_{group}_*'` holds whole speakers out where the files' names
say them.
"""

from typing import Any

import keras
from keras import ops

from custom_layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    LogMelSpectrogram,
    MaxPooling2D,
    RandomTranslation,
    RandomZoom,
    SpecAugment,
)
from zoo.errors import ArgumentError
from zoo.models.cnn.augmentation import augmented
from zoo.registry import Recipe, register

PAPER = (
    "Sainath and Parada, 2015, Convolutional neural networks for small-footprint "
    "keyword spotting"
)
SOUNDS = Recipe(
    dataset="toy_sounds",
    optimizer=("AdamW", {"learning_rate": 2e-3, "weight_decay": 1e-2}),
    schedule=("CosineDecay", {}),
    monitor="val_loss",
    batch_size=64,
    epochs=20,
)
# Recordings of one speaker to test on, and of one to choose by, written by
# `python -m benchmarks.speech FSDD.npz --write spoken_digits.npz`.
SPOKEN = Recipe(
    dataset="spoken_digits",
    optimizer=("AdamW", {"learning_rate": 2e-3, "weight_decay": 1e-2}),
    schedule=("CosineDecay", {}),
    monitor="val_loss",
    batch_size=64,
    epochs=10,
)
_QUIET = 9.0  # below the loudest band of a sound, in nepers of power: 39 dB


@register(
    "speech_cnn",
    recipe=SOUNDS,
    also={"multi_label": SOUNDS},
    input="waveform",
    paper=PAPER,
)
@register(
    "speech_cnn.spoken_digits",
    recipe=SPOKEN,
    input="waveform",
    paper=PAPER,
    input_shape=(6400,),
)
def speech_cnn(
    input_shape: tuple[int] = (8000,),
    num_classes: int = 10,
    *,
    sampling_rate: int = 8000,
    num_mel_bins: int = 40,
    filters: tuple[int, ...] = (24, 48, 48, 96),
    shift: float = 0.1,
    pitch: float = 0.05,
    speed: float = 0.15,
    mask: float = 0.05,
    dropout: float = 0.3,
) -> keras.Model:
    r"""Log-mel features, 3 x 3 convolutions, maximum over time: waveforms to logits.

    .. math::

        s_{t, m} = 1 + \tfrac{2}{9}
            \max \big( y_{t, m} - \max_{t', m'} y_{t', m'}, \, -9 \big)

    of the log-mel spectrogram :math:`y`, between -1 and 1, is the same for a loud and a
    quiet recording. Each convolution is followed by batch normalization and a
    rectifier, and each but the last by pooling of 2 x 2.

    Args:
        input_shape: `(samples,)` of a waveform, in any range.
        num_classes: Number of logits.
        sampling_rate: Samples a second.
        num_mel_bins: Number of mel bands.
        filters: Number of filters of each convolution.
        shift: Largest random shift in time in training, as a fraction of the length.
        pitch: Largest random shift of the mel bands, as a fraction of their number: a
            higher or lower voice.
        speed: Largest random change of speed, as a fraction of the length.
        mask: Largest share of the time, and of the bands, that a random mask hides in
            training (Park et al., 2019, SpecAugment).
        dropout: Fraction of the features to drop during training.

    Raises:
        ArgumentError: If samples are no waveforms, or shorter than 25 ms.
    """
    if len(input_shape) != 1 or input_shape[0] < 0.025 * sampling_rate:
        raise ArgumentError(
            "speech_cnn takes waveforms: `input_shape` must be (samples,), of 25 ms or "
            f"more. Received: input_shape={tuple(input_shape)} at {sampling_rate} "
            "samples a second"
        )
    waveform = keras.Input(input_shape, name="waveform")
    x = LogMelSpectrogram(
        sampling_rate, num_mel_bins, min_freq=60.0, min_power=1e-5, dtype="float32"
    )(waveform)
    # Not by what a training measures: a band that is silent there has no deviation.
    x = ops.maximum(x - ops.max(x, axis=(1, 2), keepdims=True), -_QUIET)
    x = ops.expand_dims(1 + 2 * x / _QUIET, -1)
    outside: dict[str, Any] = {"fill_mode": "nearest"}
    if shift or pitch:
        x = augmented(x, RandomTranslation(shift, pitch, **outside))
    if speed:
        x = augmented(x, RandomZoom(speed, 0.0, **outside))
    if mask:
        x = SpecAugment(mask, mask)(x)
    for stage, maps in enumerate(filters):
        if stage:
            x = MaxPooling2D(2, padding="same")(x)
        x = Conv2D(
            maps,
            3,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
        )(x)
        x = Activation("relu")(BatchNormalization(momentum=0.9)(x))
    # Which band it is in tells one vowel from another.
    x = Dropout(dropout)(Flatten()(ops.max(x, axis=1)))
    return keras.Model(waveform, Dense(num_classes, name="logits")(x))
