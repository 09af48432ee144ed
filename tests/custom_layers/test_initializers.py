"""What single initializers do beyond the checks that all of them share."""

import numpy as np
import pytest

import custom_layers as cl

from .backends import numbers


class TestOrthogonal:
    @pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7), (2, 2, 3, 5), (1, 6)])
    def test_the_shorter_side_is_orthonormal(self, shape):
        w = numbers(cl.initializers.Orthogonal(gain=2.0, seed=3)(shape))
        assert w.shape == shape
        matrix = w.reshape(-1, shape[-1])
        if matrix.shape[0] < matrix.shape[1]:
            matrix = matrix.T
        expected = 4 * np.eye(matrix.shape[1])
        np.testing.assert_allclose(matrix.T @ matrix, expected, atol=1e-5)

    def test_every_rotation_is_as_likely(self):
        """Without the signs, an entry of the diagonal would lean to one side."""
        first = [
            numbers(cl.initializers.Orthogonal(seed=i)((2, 2)))[0, 0]
            for i in range(300)
        ]
        assert abs(np.mean(first)) < 4 * np.sqrt(0.5 / 300)

    def test_a_vector_is_no_matrix(self):
        with pytest.raises(ValueError, match=r"two-dimensional.*shape=\(7,\)"):
            cl.initializers.Orthogonal()((7,))


class TestSparse:
    @pytest.mark.parametrize("shape", [(40, 8), (2, 3, 10, 8)])
    def test_each_unit_has_that_many_connections(self, shape):
        w = numbers(cl.initializers.Sparse(seed=3)(shape)).reshape(-1, 8)
        assert np.count_nonzero(w, axis=0).tolist() == [15] * 8
        rows = {tuple(np.flatnonzero(column)) for column in w.T}
        assert len(rows) > 1, "all units have the same inputs"

    def test_few_inputs_are_all_connected(self):
        assert np.all(numbers(cl.initializers.Sparse(seed=3)((7, 4))) != 0)

    def test_weights_are_normal(self):
        w = numbers(cl.initializers.Sparse(20, stddev=0.5, seed=3)((50, 500)))
        drawn = w[w != 0]
        assert abs(drawn.mean()) < 0.02
        assert abs(drawn.std() - 0.5) < 0.02
        # Chosen by a draw of their own, not by their size.
        assert abs(np.mean(drawn > 0) - 0.5) < 0.02

    def test_inputs_are_as_likely(self):
        w = numbers(cl.initializers.Sparse(5, seed=3)((20, 4000)))
        counts = np.count_nonzero(w, axis=1)
        assert np.all(np.abs(counts - 1000) < 5 * np.sqrt(4000 * 0.25 * 0.75))

    def test_by_name(self):
        layer = cl.Dense(3, kernel_initializer="sparse")
        layer.build((None, 100))
        assert np.count_nonzero(numbers(layer.kernel)) == 45

    def test_errors(self):
        with pytest.raises(ValueError, match=r"`connections`.*connections=0"):
            cl.initializers.Sparse(0)
        with pytest.raises(ValueError, match=r"`connections`.*connections=0.5"):
            cl.initializers.Sparse(0.5)
        with pytest.raises(ValueError, match=r"two-dimensional.*shape=\(7,\)"):
            cl.initializers.Sparse()((7,))


def test_the_other_names_of_keras():
    for name, expected in {
        "normal": "RandomNormal",
        "uniform": "RandomUniform",
        "one": "Ones",
        "zero": "Zeros",
        "OrthogonalInitializer": "Orthogonal",
        "truncated_normal": "TruncatedNormal",
        "lecun_normal": "LecunNormal",
    }.items():
        found = cl.initializers.get(name)
        assert type(found) is getattr(cl.initializers, expected), name


def test_an_array_is_an_initializer():
    values = np.arange(6.0, dtype="float32").reshape(2, 3)
    initializer = cl.initializers.get(values)
    np.testing.assert_array_equal(numbers(initializer((2, 3))), values)
    with pytest.raises(ValueError, match="shape"):
        initializer((3, 2))


@pytest.mark.parametrize("name", ["RandomNormal", "Orthogonal", "Sparse", "HeNormal"])
def test_a_seed_that_is_none(name):
    with pytest.raises(ValueError, match=r"`seed`.*seed=a of type str"):
        getattr(cl.initializers, name)(seed="a")
