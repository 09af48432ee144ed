"""What neurons do: logic, learning by the perceptron rule, bumps around centres."""

import itertools

import keras
import numpy as np
import pytest

import custom_layers as cl
from custom_layers.layers.rbf import kmeans

from .backends import as_float64, numbers

PAIRS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
GATES = {
    "and": (PAIRS, [0, 0, 0, 1]),
    "or": (PAIRS, [0, 1, 1, 1]),
    "nand": (PAIRS, [1, 1, 1, 0]),
    "not": (np.array([[0], [1]], "float32"), [1, 0]),
}
XOR = [0, 1, 1, 0]


class TestMcCullochPitts:
    @pytest.mark.parametrize(
        ("gate", "kernel", "threshold"),
        [
            ("and", [[1], [1]], 2),
            ("or", [[1], [1]], 1),
            ("nand", [[-1], [-1]], -1),
            ("not", [[-1]], 0),
        ],
    )
    def test_gates(self, gate, kernel, threshold):
        x, y = GATES[gate]
        neuron = cl.McCullochPitts(kernel, threshold)
        assert numbers(neuron(x))[:, 0].tolist() == y

    def test_two_layers_make_xor(self):
        either_and_not_both = cl.McCullochPitts([[1, -1], [1, -1]], [1, -1])
        both = cl.McCullochPitts([[1], [1]], 2)
        assert numbers(both(either_and_not_both(PAIRS)))[:, 0].tolist() == XOR

    def test_it_has_nothing_to_learn(self):
        assert cl.McCullochPitts([[1.0]], 0).weights == []

    def test_errors(self):
        with pytest.raises(ValueError, match=r"`kernel`.*two dim.*kernel=\[1, 1\]"):
            cl.McCullochPitts([1, 1], 2)
        with pytest.raises(ValueError, match=r"`threshold`.*2 units.*\[1, 2, 3\]"):
            cl.McCullochPitts([[1, 1]], [1, 2, 3])
        with pytest.raises(ValueError, match="axis -1"):
            cl.McCullochPitts([[1], [1]], 2)(np.ones((1, 3)))


class TestPerceptron:
    @pytest.mark.parametrize("gate", GATES)
    def test_learns_a_gate_exactly(self, gate):
        x, y = GATES[gate]
        neuron = cl.Perceptron()
        training = neuron.fit(x, y)
        assert training.converged
        assert training.mistakes[-1] == 0
        assert numbers(neuron(x))[:, 0].tolist() == y

    @pytest.mark.parametrize("gate", GATES)
    def test_learns_a_bipolar_gate(self, gate):
        x, y = GATES[gate]
        bipolar = 2 * np.array(y) - 1
        neuron = cl.Perceptron(activation="sign_threshold")
        assert neuron.fit(2 * x - 1, bipolar).converged
        assert numbers(neuron(2 * x - 1))[:, 0].tolist() == bipolar.tolist()

    def test_learns_several_gates_at_once(self):
        y = np.array([GATES[gate][1] for gate in ("and", "or", "nand")]).T
        layer = cl.Perceptron(3)
        assert layer.fit(PAIRS, y).converged
        np.testing.assert_array_equal(numbers(layer(PAIRS)), y)

    def test_the_rule(self):
        """Two steps by hand: only a mistake moves the weights."""
        neuron = cl.Perceptron()
        training = neuron.fit(
            np.array([[1.0, 2.0], [3.0, 1.0]]), [0, 1], learning_rate=0.5, epochs=1
        )
        # The first sample gives 1 instead of 0; the second then -3 < 0 instead of 1.
        assert training.mistakes == (2,)
        assert numbers(neuron.kernel)[:, 0].tolist() == [1.0, -0.5]
        assert numbers(neuron.bias).tolist() == [0.0]

    @pytest.mark.parametrize("seed", range(5))
    def test_converges_within_the_bound_of_novikoff(self, seed):
        """At most (R / margin)^2 mistakes, R the largest norm of a sample."""
        rng = np.random.default_rng(seed)
        direction = rng.normal(size=4)
        direction /= np.linalg.norm(direction)
        x = rng.uniform(-1, 1, size=(300, 3))
        sides = np.c_[x, np.ones(300)] @ direction
        apart = np.abs(sides) > 0.05
        x, sides = x[apart].astype("float32"), sides[apart]
        neuron = cl.Perceptron(activation="sign_threshold")
        training = neuron.fit(x, np.sign(sides))
        assert training.converged
        np.testing.assert_array_equal(numbers(neuron(x))[:, 0], np.sign(sides))
        radius = np.linalg.norm(np.c_[x, np.ones(len(x))], axis=1).max()
        assert sum(training.mistakes) <= (radius / np.abs(sides).min()) ** 2

    def test_xor_is_never_learned(self):
        neuron = cl.Perceptron()
        training = neuron.fit(PAIRS, XOR, epochs=200)
        assert not training.converged
        assert training.epochs == 200
        assert min(training.mistakes) >= 1
        assert numbers(neuron(PAIRS))[:, 0].tolist() != XOR

    def test_no_neuron_computes_xor(self):
        """On (0, 1) and (1, 0) the sums are positive, on the other two negative.

        Yet both pairs have the same total, w1 + w2 + 2b: for any weights, one of
        the four is on the wrong side. A grid of weights finds 14 of the 16
        functions of two bits, all but XOR and its negation.
        """
        grid = np.linspace(-2, 2, 9)
        kernels = np.array(list(itertools.product(grid, grid))).T
        found = set()
        for bias in grid:
            layer = cl.Perceptron(kernels.shape[1])
            layer.build((None, 2))
            layer.set_weights([kernels, np.full(kernels.shape[1], bias)])
            found |= {tuple(y) for y in numbers(layer(PAIRS)).T.tolist()}
        every = set(itertools.product([0.0, 1.0], repeat=4))
        assert every - found == {(0, 1, 1, 0), (1, 0, 0, 1)}

    def test_learning_goes_on_where_it_stopped(self):
        x, y = GATES["and"]
        at_once, in_steps = cl.Perceptron(), cl.Perceptron()
        at_once.fit(x, y)
        while not in_steps.fit(x, y, epochs=1).converged:
            pass
        for a, b in zip(at_once.get_weights(), in_steps.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)

    def test_without_a_bias(self):
        x, y = GATES["not"]
        neuron = cl.Perceptron(use_bias=False)
        assert not neuron.fit(x + 1, y, epochs=20).converged
        assert neuron.fit(2 * x - 1, y).converged

    def test_errors(self):
        x, y = GATES["and"]
        for call, message in (
            (lambda: cl.Perceptron(0), r"`units`.*units=0"),
            (lambda: cl.Perceptron().fit(x, [0, 1]), r"y.shape=\(2,\) for 1 units"),
            (lambda: cl.Perceptron(2).fit(x, y), r"y.shape=\(4,\) for 2 units"),
            (lambda: cl.Perceptron().fit(x, [0, 1, 2, 1]), r"0 and 1.*\[0 1 2\]"),
            (
                lambda: cl.Perceptron(activation="sign_threshold").fit(x, y),
                r"-1 and 1.*\[0 1\]",
            ),
            (
                lambda: cl.Perceptron().fit(x, y, learning_rate=0),
                r"`learning_rate`.*learning_rate=0",
            ),
        ):
            with pytest.raises(ValueError, match=message):
                call()


class TestMaxout:
    def test_two_pieces_make_the_absolute_value(self):
        layer = cl.Maxout(1, use_bias=False)
        layer.build((None, 1))
        layer.set_weights([np.array([[1.0, -1.0]])])
        x = np.array([[-2.0], [0.5]], "float32")
        assert numbers(layer(x)).tolist() == [[2.0], [0.5]]

    def test_one_piece_is_a_dense_layer(self):
        x = np.random.default_rng(1).normal(size=(3, 5)).astype("float32")
        maxout, dense = cl.Maxout(4, pieces=1), cl.Dense(4)
        dense.build((None, 5))
        maxout.build((None, 5))
        maxout.set_weights(dense.get_weights())
        np.testing.assert_allclose(numbers(maxout(x)), numbers(dense(x)), rtol=1e-6)

    def test_learns_a_parabola(self):
        """A convex function, by a few tangents."""
        keras.utils.set_random_seed(1)
        x = np.linspace(-1, 1, 64, dtype="float32")[:, None]
        model = keras.Sequential([keras.Input((1,)), cl.Maxout(1, pieces=6)])
        model.compile(cl.optimizers.Adam(0.05), cl.losses.MeanSquaredError())
        again = np.tile(x, (200, 1))
        model.fit(again, again**2, batch_size=64, shuffle=False, verbose=0)
        assert model.evaluate(x, x**2, verbose=0) < 5e-3

    def test_open_sizes(self):
        x = keras.Input((None, 3))
        model = keras.Model(x, cl.Maxout(2, pieces=3)(x))
        assert model.output_shape == (None, None, 2)
        assert model.predict(np.ones((2, 4, 3)), verbose=0).shape == (2, 4, 2)

    def test_errors(self):
        with pytest.raises(ValueError, match=r"`units`.*units=0"):
            cl.Maxout(0)
        with pytest.raises(ValueError, match=r"`pieces`.*pieces=1.5"):
            cl.Maxout(2, pieces=1.5)


def _clusters(rng, centres, points=60):
    noise = rng.normal(size=(len(centres), points, centres.shape[1])) * 0.1
    return (centres[:, None] + noise).reshape(-1, centres.shape[1])


CENTRES = np.array([[0.0, 0.0], [5.0, 5.0], [-5.0, 5.0], [5.0, -5.0]])


class TestRBF:
    def test_a_bump_is_one_at_its_centre(self):
        points = np.random.default_rng(1).normal(size=(4, 3)).astype("float32")
        layer = cl.RBF(4, centers_initializer=cl.initializers.Constant(points))
        y = numbers(layer(points))
        np.testing.assert_allclose(np.diag(y), np.ones(4), rtol=1e-5)
        assert y.max() <= 1

    def test_far_from_the_origin_distances_stay_exact(self):
        rng = np.random.default_rng(1)
        x, c = rng.normal(size=(20, 3)), rng.normal(size=(4, 3))
        near = cl.RBF(4, centers_initializer=cl.initializers.Constant(c))
        far = cl.RBF(4, centers_initializer=cl.initializers.Constant(c + 1024))
        expected = as_float64(near(x.astype("float32")))
        moved = as_float64(far((x + 1024).astype("float32")))
        np.testing.assert_allclose(moved, expected, atol=2e-3)

    def test_adapts_to_clusters(self):
        rng = np.random.default_rng(1)
        x = _clusters(rng, CENTRES)
        layer = cl.RBF(4, seed=1)
        layer.adapt(x)
        found = numbers(layer.centers)
        nearest = np.linalg.norm(CENTRES[:, None] - found, axis=-1).argmin(axis=1)
        np.testing.assert_allclose(found[nearest], CENTRES, atol=0.05)
        assert len(set(nearest)) == 4

    def test_adapts_to_batches(self):
        x = _clusters(np.random.default_rng(1), CENTRES)
        whole, parts = cl.RBF(4, seed=1), cl.RBF(4, seed=1)
        whole.adapt(x)
        parts.adapt([x[:50], x[50:]])
        np.testing.assert_array_equal(numbers(whole.centers), numbers(parts.centers))

    def test_adapts_to_some_points_of_each_batch(self):
        x = np.random.default_rng(1).normal(size=(60, 2))
        layer = cl.RBF(12, seed=1, adapt_samples=12)
        layer.adapt([x[:25], x[25:]])
        # As many centres as points that were drawn: each is one of them.
        distances = np.linalg.norm(numbers(layer.centers)[:, None] - x, axis=-1)
        np.testing.assert_allclose(distances.min(axis=1), 0, atol=1e-6)
        drawn = distances.argmin(axis=1)
        assert len(set(drawn)) == 12
        assert drawn.min() < 25 <= drawn.max()

    def test_fixed_centres_stay(self):
        x = np.random.default_rng(1).normal(size=(32, 2)).astype("float32")
        for trains in (False, True):
            layer = cl.RBF(3, trainable_centers=trains, seed=1)
            layer.adapt(x)
            before = layer.get_weights()
            model = keras.Sequential([keras.Input((2,)), layer, cl.Dense(1)])
            model.compile(cl.optimizers.SGD(0.1), cl.losses.MeanSquaredError())
            model.fit(x, x[:, :1], verbose=0)
            moved = np.any(numbers(layer.centers) != before[-1 if not trains else 0])
            assert moved == trains

    def test_solves_xor(self):
        """Bumps on two corners make the classes separable."""
        keras.utils.set_random_seed(1)
        layer = cl.RBF(
            2,
            centers_initializer=cl.initializers.Constant([[0.0, 0.0], [1.0, 1.0]]),
            trainable_centers=False,
        )
        assert cl.Perceptron().fit(numbers(layer(PAIRS)), XOR).converged

    def test_errors(self):
        x = np.ones((3, 2))
        for call, message in (
            (lambda: cl.RBF(0), r"`units`.*units=0"),
            (lambda: cl.RBF(2, gamma=0), r"`gamma`.*gamma=0"),
            (lambda: cl.RBF(3, adapt_samples=2), r"3, the number.*adapt_samples=2"),
            (lambda: cl.RBF(2).adapt(x), r"2 centres.*distinct.*1 distinct"),
            (lambda: cl.RBF(2).adapt([]), r"empty iterable"),
            (
                lambda: cl.RBF(2).adapt([np.eye(2), np.eye(3)]),
                r"2 features.*\(3, 3\)",
            ),
        ):
            with pytest.raises(ValueError, match=f"(?s){message}"):
                call()


class TestKMeans:
    def test_centres_are_the_means_of_their_points(self):
        x = np.random.default_rng(2).normal(size=(200, 3))
        centres = kmeans(x, 7, seed=1)
        owner = np.linalg.norm(x[:, None] - centres, axis=-1).argmin(axis=1)
        for j in range(7):
            np.testing.assert_allclose(centres[j], x[owner == j].mean(axis=0))

    def test_as_many_centres_as_points(self):
        x = np.random.default_rng(2).normal(size=(6, 2))
        centres = kmeans(np.repeat(x, 3, axis=0), 6, seed=1)
        order = np.lexsort(centres.T)
        np.testing.assert_allclose(centres[order], x[np.lexsort(x.T)])

    def test_a_seed_repeats_itself(self):
        x = np.random.default_rng(2).normal(size=(50, 2))
        np.testing.assert_array_equal(kmeans(x, 5, seed=3), kmeans(x, 5, seed=3))
