"""Training steps on JAX: a loop inside one compiled function."""

from typing import Any

import jax  # pyright: ignore[reportMissingImports]
import keras
import numpy as np
from jax import lax  # pyright: ignore[reportMissingImports]
from jax import numpy as jnp  # pyright: ignore[reportMissingImports]
from jax.sharding import (  # pyright: ignore[reportMissingImports]
    NamedSharding,
    PartitionSpec,
)

from zoo.machines.devices import Devices
from zoo.training.engine import metrics
from zoo.training.engine.base import BaseEngine, Order, Outcome, both


class Engine(BaseEngine):
    """Runs the steps of a model in JAX's loops, with its state as the carry.

    On several devices, each computes its part of a batch: the compiler partitions the
    work by the sharding of the samples.
    """

    def __init__(self, model: keras.Model, devices: Devices, **options: Any) -> None:
        super().__init__(model, devices, **options)
        # The state is not donated: after an exception within a call, the variables
        # still have their former values.
        self._loop = jax.jit(self._train_all)
        self._scores = jax.jit(self._score_batch, static_argnames="size")

    def start_means(self) -> None:
        """Resets the means of loss and metrics."""
        self.model.reset_metrics()

    def train(self, data: Any, order: Order, first: int, stop: int) -> Outcome:
        """Runs the steps from `first` up to, not including, `stop` of an epoch."""
        done, finite, state = self._loop(
            self._state(), data, order.indices, order.samples, first, stop
        )
        self._keep(state)
        return Outcome(int(done), self.means(), bool(finite))

    def score(self, data: Any, samples: int) -> dict[str, float]:
        """Adds all samples of a placed split to the means and returns them."""
        state = self._state()
        size = self._score_size if self._pads else min(self._score_size, samples)
        for start in range(0, samples, size):
            means = self._scores(state, data, samples, start, size=size)
            state = *state[:3], means, state[4]
        self._keep(state)
        return self.means()

    def _placed(self, array: np.ndarray) -> Any:
        if not self._pads:
            return jnp.asarray(array)
        return jax.device_put(array, self._sharding())

    def _sharding(self, *axes: str) -> NamedSharding:
        """Sharding of an array: replicated, or partitioned along the named axes."""
        mesh = self._devices.strategy.device_mesh
        return NamedSharding(mesh.backend_mesh, PartitionSpec(*axes))

    def _groups(self) -> tuple[list[keras.Variable], ...]:
        model = self.model
        return (
            model.trainable_variables,
            model.non_trainable_variables,
            model.optimizer.variables,
            model.metrics_variables,
            self._seeds(),
        )

    def _state(self) -> tuple[list[jax.Array], ...]:
        return tuple([v.value for v in group] for group in self._groups())

    def _keep(self, state: tuple[list[jax.Array], ...]) -> None:
        for variables, values in zip(self._groups(), state, strict=True):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)

    def _train_all(
        self, state: Any, data: Any, order: Any, samples: Any, first: Any, stop: Any
    ) -> Any:
        size = self.batch_size
        whole, rest = divmod(order.shape[0], size)

        def step(carry: Any, size: int) -> Any:
            number, _, state = carry
            places = number * self.batch_size + jnp.arange(size)
            batch, valid = self._part(data, order[places], places, samples)
            count = jnp.minimum(samples - number * self.batch_size, size)
            loss, state = self._learn(state, batch, valid, count)
            return number + 1, jnp.isfinite(loss), state

        carry = lax.while_loop(
            lambda carry: carry[1] & (carry[0] < jnp.minimum(stop, whole)),
            lambda carry: step(carry, size),
            (jnp.asarray(first), jnp.array(True), state),
        )
        if rest:
            has_rest = carry[1] & (stop > whole)
            carry = lax.cond(has_rest, lambda c: step(c, rest), lambda c: c, carry)
        return carry

    def _part(self, data: Any, chosen: Any, places: Any, samples: Any) -> Any:
        """The samples of a batch, sharded over the devices, and which are valid."""
        if not self._pads:
            return _gather(data, chosen), None
        sharding = self._sharding(self._devices.strategy.batch_dim_name)
        batch = keras.tree.map_structure(
            lambda part: lax.with_sharding_constraint(part, sharding),
            _gather(data, chosen),
        )
        return batch, (places < samples).astype("float32")

    def _learn(self, state: Any, batch: Any, valid: Any, count: Any) -> Any:
        model = self.model
        trainable, rest, slots, means, seeds = state
        x, y, *given = batch
        if self.augmentation is not None:
            x, seeds = self.augmentation.stateless_call([], seeds, x, training=True)
        differentiate = jax.value_and_grad(model.compute_loss_and_updates, has_aux=True)
        (_, (loss, outputs, rest, means)), gradients = differentiate(
            trainable,
            rest,
            means,
            x,
            y,
            self._weights(valid, self.batch_size, count, y, given),
            training=True,
            optimizer_variables=slots,
        )
        trainable, slots = model.optimizer.stateless_apply(slots, gradients, trainable)
        means = self._measure(means, batch, outputs, loss, valid, count)
        return loss, (trainable, rest, slots, means, seeds)

    def _score_batch(
        self, state: Any, data: Any, samples: Any, start: Any, size: int
    ) -> list[jax.Array]:
        trainable, rest, _, means, _ = state
        places = start + jnp.arange(size)
        # The last batch is padded: another size would be compiled again.
        batch, _ = self._part(data, places % samples, places, samples)
        valid = (places < samples).astype("float32")
        count = jnp.minimum(samples - start, size)
        x, y, *given = batch
        weight = self._weights(valid, size, count, y, given)
        loss, (_, outputs, _, means) = self.model.compute_loss_and_updates(
            trainable, rest, means, x, y, weight, training=False
        )
        return self._measure(means, batch, outputs, loss, both(valid, given), count)

    def _measure(
        self, means: Any, batch: Any, outputs: Any, loss: Any, valid: Any, count: Any
    ) -> list[jax.Array]:
        variables = self.model.metrics_variables
        mapping = zip(variables, means, strict=True)
        with keras.StatelessScope(state_mapping=mapping) as scope:
            metrics.update(self.model, batch, outputs, loss, valid, count)
        return [scope.get_current_value(v) for v in variables]


def _gather(data: Any, chosen: Any) -> Any:
    return keras.tree.map_structure(lambda array: array[chosen], data)
