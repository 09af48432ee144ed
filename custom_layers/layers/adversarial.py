"""The game of a generator and a discriminator, as one layer."""

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from custom_layers._types import Shape, Tensor
from custom_layers.losses.adversarial import gradient_penalty

__all__ = ["AdversarialScores"]


@keras.saving.register_keras_serializable("custom_layers")
class AdversarialScores(keras.layers.Layer):
    r"""Scores of real and of generated samples, which both players learn from.

    .. math::

        s = \left[ D(x), \; D(\bar{G}(z)), \; \bar{D}(G(z)), \; p \right], \qquad
        z \sim \mathcal{N}(0, I)

    A bar marks a player whose weights get no gradient: the second score trains the
    discriminator :math:`D` alone, the third the generator :math:`G` alone. So one
    gradient step on `AdversarialLoss` moves both, each on its own loss. The last value
    :math:`p` is the gradient penalty of each sample, 0 without one. At inference the
    codes :math:`z` are the same at each call, and :math:`p` is 0.

    Args:
        generator: Codes `(batch, latents)` to samples; of a conditional game, codes
            and class ids `(batch,)`.
        discriminator: Samples to scores `(batch, classes)`, one for each class that a
            sample may be of; a single one in a game without classes.
        penalized: Whether the gradient penalty is computed in training, which a
            discriminator with batch normalization cannot have.
        seed: Integer seed of the random generator.

    Shapes:
        `(batch, ...)` to `(batch, classes + 3)`.

    Example:

    >>> code, image = keras.Input((2,)), keras.Input((4,))
    >>> generator = keras.Model(code, keras.layers.Dense(4)(code))
    >>> discriminator = keras.Model(image, keras.layers.Dense(1)(image))
    >>> scores = AdversarialScores(generator, discriminator)(ops.ones((5, 4)))
    >>> scores.shape[-1], bool(ops.all(scores[:, 1] == scores[:, 2]))
    (4, True)

    Reference:
        Goodfellow et al., 2014, Generative adversarial nets; Miyato and Koyama, 2018,
        cGANs with projection discriminator, for a score of each class.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        penalized: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.generator = generator
        self.discriminator = discriminator
        self.penalized = penalized
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    @property
    def latents(self) -> int:
        """Dimension of the codes."""
        return self.generator.inputs[0].shape[-1]

    @property
    def classes(self) -> int:
        """Number of scores that the discriminator gives a sample."""
        return self.discriminator.output_shape[-1]

    @property
    def is_conditional(self) -> bool:
        """Whether the generator is conditioned on the class."""
        return len(self.generator.inputs) == 2

    def build(self, input_shape: Shape) -> None:
        """Checks that both players know the same samples."""
        made, judged = self.generator.output_shape, self.discriminator.input_shape
        if not tuple(input_shape[1:]) == made[1:] == judged[1:]:
            raise ValueError(
                "`generator` and `discriminator` must have the shape of the samples, "
                f"{tuple(input_shape[1:])}. Received: a generator of samples "
                f"{made[1:]}, a discriminator of samples {judged[1:]}"
            )

    def call(self, samples: Tensor, training: bool = False) -> Tensor:
        """Draws as many samples as there are real ones, and scores all."""
        size = ops.shape(samples)[0]
        drawn = self._drawn(size) if training else self._fixed(size)
        given = drawn if self.is_conditional else drawn[0]
        fake = self.generator(given, training=training)
        real_scores = self.discriminator(samples, training=training)
        fake_scores = self.discriminator(ops.stop_gradient(fake), training=training)
        to_learn_from, _ = self.discriminator.stateless_call(
            [ops.stop_gradient(v) for v in self.discriminator.trainable_variables],
            [ops.stop_gradient(v) for v in self.discriminator.non_trainable_variables],
            fake,
            training=training,
        )
        scores = [
            real_scores,
            self._of_class(fake_scores, drawn),
            self._of_class(to_learn_from, drawn),
            self._penalty(samples, fake) if training else ops.zeros((size, 1)),
        ]
        dtype = self.compute_dtype
        return ops.concatenate([ops.cast(each, dtype) for each in scores], axis=-1)

    def _drawn(self, size: Any) -> list[Tensor]:
        """Codes, and class ids for a generator that takes some, at random."""
        codes = keras.random.normal(
            (size, self.latents), dtype="float32", seed=self.seed_generator
        )
        if not self.is_conditional:
            return [codes]
        ids = keras.random.randint((size,), 0, self.classes, seed=self.seed_generator)
        return [codes, ids]

    def _fixed(self, size: Any) -> list[Tensor]:
        """The same codes at each call: normal quantiles of a Kronecker sequence."""
        slopes = np.random.default_rng(0).random(self.latents)
        places = ops.cast(ops.arange(size), "float32")
        shares = (ops.expand_dims(places, -1) + 0.5) * ops.array(slopes, "float32") % 1
        shares = ops.clip(shares, 1e-4, 1 - 1e-4)
        codes = math.sqrt(2) * ops.erfinv(2 * shares - 1)
        if not self.is_conditional:
            return [codes]
        return [codes, ops.arange(size) % self.classes]

    def _of_class(self, scores: Tensor, drawn: list[Tensor]) -> Tensor:
        """The score for the class that a sample was drawn for, of shape (batch, 1)."""
        if not self.is_conditional:
            return scores
        chosen = ops.one_hot(drawn[1], self.classes, dtype=scores.dtype)
        return ops.sum(chosen * scores, axis=-1, keepdims=True)

    def _penalty(self, samples: Tensor, fake: Tensor) -> Tensor:
        if not self.penalized:
            return ops.zeros((ops.shape(samples)[0], 1))
        penalty = gradient_penalty(
            samples,
            ops.stop_gradient(fake),
            lambda x: self.discriminator(x, training=True),
            self.seed_generator,
        )
        return ops.expand_dims(penalty, -1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns `(batch, classes + 3)`."""
        return (input_shape[0], self.classes + 3)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "generator": keras.saving.serialize_keras_object(self.generator),
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "penalized": self.penalized,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config: dict) -> "AdversarialScores":
        """Makes the layer of what `get_config` returned."""
        players = {
            key: keras.saving.deserialize_keras_object(config[key])
            for key in ("generator", "discriminator")
        }
        return cls(**config | players)
