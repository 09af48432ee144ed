"""Radial basis function layer."""

import math
from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
from keras import ops

from custom_layers import initializers
from custom_layers._types import InitializerLike, Shape, Tensor
from custom_layers.layers._batches import shape_and_batches

__all__ = ["RBF"]

_ROUNDS = 100  # of k-means at most


@keras.saving.register_keras_serializable("custom_layers")
class RBF(keras.layers.Layer):
    r"""Gaussian radial basis functions around learned or given centres.

    .. math::

        y_j = \exp\left(-\gamma_j \lVert x - c_j \rVert^2\right), \qquad
        \gamma_j = e^{\mathrm{log\_gamma}_j}

    Args:
        units: Number of centres `c`.
        gamma: Initial inverse squared width, `1 / (2 sigma^2)`. Its logarithm
            `log_gamma` is learned, so that it stays positive.
        centers_initializer: Initializer for the centres `(units, features)`;
            `Constant(points)` takes given points.
        trainable_centers: Whether the centres are trained; otherwise they keep the
            values of the initializer or of `adapt`, as in the classical network.
        seed: Integer seed of `adapt`.
        adapt_samples: Largest number of samples that `adapt` clusters, drawn at
            random; `None` for all.

    Shapes:
        `(batch, ..., features)` to `(batch, ..., units)`.

    Example:

    >>> layer = RBF(2, gamma=0.5, seed=1)
    >>> layer.adapt(np.array([[0.0, 0.0], [0.0, 2.0], [9.0, 9.0], [9.0, 7.0]]))
    >>> sorted(ops.convert_to_numpy(layer.centers).tolist())
    [[0.0, 1.0], [9.0, 8.0]]

    Reference:
        Broomhead and Lowe, 1988, Multivariable functional interpolation and
        adaptive networks; Moody and Darken, 1989, Fast learning in networks of
        locally-tuned processing units.
    """

    def __init__(
        self,
        units: int,
        *,
        gamma: float = 1.0,
        centers_initializer: InitializerLike = "random_normal",
        trainable_centers: bool = True,
        seed: int | None = None,
        adapt_samples: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not isinstance(units, int) or units <= 0:
            raise ValueError(
                "`units` must be a positive integer, the number of centres. "
                f"Received: units={units}"
            )
        if not gamma > 0:
            raise ValueError(f"`gamma` must be positive. Received: gamma={gamma}")
        if adapt_samples is not None and adapt_samples < units:
            raise ValueError(
                f"`adapt_samples` must be {units}, the number of centres, or more. "
                f"Received: adapt_samples={adapt_samples}"
            )
        self.units = units
        self.gamma = gamma
        self.centers_initializer = initializers.get(centers_initializer)
        self.trainable_centers = trainable_centers
        self.seed = seed
        self.adapt_samples = adapt_samples
        self.input_spec = keras.layers.InputSpec(min_ndim=2)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        """Creates the weights."""
        features = input_shape[-1]
        self.centers = self.add_weight(
            (self.units, features),
            self.centers_initializer,
            trainable=self.trainable_centers,
            name="centers",
        )
        self.log_gamma = self.add_weight(
            (self.units,),
            initializers.Constant(math.log(self.gamma)),
            name="log_gamma",
        )
        self.input_spec = keras.layers.InputSpec(min_ndim=2, axes={-1: features})

    def adapt(self, data: Any) -> None:
        """Sets the centres to k-means centroids of data.

        Args:
            data: Array, tensor, `tf.data.Dataset`, `keras.utils.PyDataset` or
                another iterable of batches. The clustered samples are held in
                memory.
        """
        shape, batches = shape_and_batches(data)
        if not self.built:
            self.build((None, *shape[1:]))
        points = self._drawn(batches).astype("float64")
        self.centers.assign(kmeans(points, self.units, self.seed))

    def _drawn(self, batches: Iterable[Any]) -> np.ndarray:
        """Returns all samples, or a uniform random subset of `adapt_samples`."""
        features = self.centers.shape[-1]
        generator = np.random.default_rng(self.seed)
        points: list[np.ndarray] = []
        lots: list[np.ndarray] = []
        for batch in map(ops.convert_to_numpy, batches):
            if batch.shape[-1] != features:
                raise ValueError(
                    f"The layer was built for {features} features; the data have "
                    f"another number. Received: a batch of shape {batch.shape}"
                )
            points.append(batch.reshape(-1, features))
            lots.append(generator.random(len(points[-1])))
            if self.adapt_samples is not None:
                known, drawn = np.concatenate(points), np.concatenate(lots)
                chosen = np.sort(np.argsort(drawn)[: self.adapt_samples])
                points, lots = [known[chosen]], [drawn[chosen]]
        return np.concatenate(points)

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the basis functions."""
        # ||x - c||^2 by one matrix product: broadcasting the difference would hold
        # batch * units * features numbers. Far from the origin the product would
        # cancel digits, so the origin moves between the centres.
        origin = ops.stop_gradient(ops.mean(self.centers, axis=0))
        x, centers = inputs - origin, self.centers - origin
        squares = ops.sum(ops.square(x), axis=-1, keepdims=True)
        squares = squares + ops.sum(ops.square(centers), axis=-1)
        distance = squares - 2 * ops.matmul(x, ops.transpose(centers))
        # Rounding errors can make it negative.
        return ops.exp(-ops.exp(self.log_gamma) * ops.relu(distance))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the outputs."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "units": self.units,
            "gamma": self.gamma,
            "centers_initializer": initializers.serialize(self.centers_initializer),
            "trainable_centers": self.trainable_centers,
            "seed": self.seed,
            "adapt_samples": self.adapt_samples,
        }


def kmeans(points: np.ndarray, count: int, seed: int | None) -> np.ndarray:
    """Returns the centroids `(count, features)` of Lloyd's algorithm.

    Each iteration assigns a point to its nearest centroid and moves a centroid to
    the mean of its points, until convergence.

    Args:
        points: Data `(samples, features)`.
        count: Number of centroids, at most that of distinct points.
        seed: Integer seed of the k-means++ initialization.

    Reference:
        Lloyd, 1982, Least squares quantization in PCM; Arthur and Vassilvitskii,
        2007, k-means++: the advantages of careful seeding.
    """
    # Centring keeps distances and lowers their rounding errors.
    origin = points.mean(axis=0)
    points = points - origin
    centres = _first_centres(points, count, np.random.default_rng(seed))
    for _ in range(_ROUNDS):
        distance = _squared_distances(points, centres)
        owner = distance.argmin(axis=1)
        members = np.bincount(owner, minlength=count)
        sums = np.zeros_like(centres)
        np.add.at(sums, owner, points)
        moved = sums / np.maximum(members, 1)[:, None]
        # An empty cluster takes the point farthest from its centroid.
        for empty in np.flatnonzero(members == 0):
            worst = distance.min(axis=1).argmax()
            moved[empty] = points[worst]
            distance[worst] = 0
        if np.array_equal(moved, centres):
            break
        centres = moved
    return centres + origin


def _first_centres(
    points: np.ndarray, count: int, rng: np.random.Generator
) -> np.ndarray:
    """K-means++: draws points in proportion to their squared distance."""
    centres = points[rng.integers(len(points))][None]
    nearest = np.sum((points - centres) ** 2, axis=1)
    while len(centres) < count:
        total = nearest.sum()
        if total == 0:
            raise ValueError(
                f"{count} centres need as many distinct points. Received: "
                f"{len(centres)} distinct points"
            )
        chosen = points[rng.choice(len(points), p=nearest / total)][None]
        centres = np.concatenate([centres, chosen])
        nearest = np.minimum(nearest, np.sum((points - chosen) ** 2, axis=1))
    return centres


def _squared_distances(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    squares = np.sum(points**2, axis=1)[:, None] + np.sum(centres**2, axis=1)
    return np.maximum(squares - 2 * points @ centres.T, 0)
