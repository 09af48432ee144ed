"""What recurrent layers do beyond the checks that all layers share."""

import keras
import numpy as np
import pytest
from keras import ops

import custom_layers as cl

from .backends import numbers, tensorflow_only
from .checks.export import compare_written

RNG = np.random.default_rng(1)
X = RNG.normal(size=(3, 6, 4)).astype("float32")
LAYERS = ["SimpleRNN", "GRU", "LSTM"]


def close(a, b, **tolerance):
    for x, y in zip(keras.tree.flatten(a), keras.tree.flatten(b), strict=True):
        np.testing.assert_allclose(
            numbers(x), numbers(y), **(tolerance or {"rtol": 1e-5, "atol": 1e-6})
        )


def pair(name, *arguments, **options):
    """Our layer and Keras' with the same weights."""
    ours = getattr(cl, name)(*arguments, **options)
    theirs = getattr(keras.layers, name)(*arguments, **options)
    ours.build(X.shape)
    theirs.build(X.shape)
    ours.set_weights(theirs.get_weights())
    return ours, theirs


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("training", [False, True])
class TestStates:
    def test_two_halves_are_the_whole(self, name, training):
        layer = getattr(cl, name)(5, return_state=True)
        whole, *last = layer(X, training=training)
        _, *middle = layer(X[:, :2], training=training)
        part, *end = layer(X[:, 2:], initial_state=middle, training=training)
        close([part, *end], [whole, *last])

    def test_a_mask_at_the_end_is_a_shorter_sequence(self, name, training):
        layer = getattr(cl, name)(5, return_state=True)
        mask = np.ones((3, 6), bool)
        mask[:, 4:] = False
        close(
            layer(X, mask=mask, training=training), layer(X[:, :4], training=training)
        )

    def test_masked_steps_might_not_exist(self, name, training):
        layer = getattr(cl, name)(5)
        mask = np.array([[True, False, True, True, False, False]] * 3)
        close(
            layer(X, mask=mask, training=training),
            layer(X[:, [0, 2, 3]], training=training),
        )

    def test_a_stateful_layer_goes_on(self, name, training):
        layer = getattr(cl, name)(5, stateful=True)
        layer(X[:, :2], training=training)
        part = layer(X[:, 2:], training=training)
        once = getattr(cl, name)(5)
        once.build(X.shape)
        once.set_weights(layer.get_weights())
        close(part, once(X, training=training))
        layer.reset_state()
        close(layer(X, training=training), once(X, training=training))

    def test_backwards_is_the_flipped_sequence(self, name, training):
        layer = getattr(cl, name)(5, go_backwards=True, return_sequences=True)
        ahead = getattr(cl, name)(5, return_sequences=True)
        ahead.build(X.shape)
        y = layer(X, training=training)
        ahead.set_weights(layer.get_weights())
        close(y, ahead(X[:, ::-1], training=training))

    def test_unrolled_is_looped(self, name, training):
        mask = RNG.random((3, 6)) > 0.3
        for options in ({}, {"return_sequences": True, "zero_output_for_mask": True}):
            loop, laid_out = (
                getattr(cl, name)(5, unroll=u, **options) for u in (False, True)
            )
            for given in (None, mask):
                y = loop(X, mask=given, training=training)
                laid_out.build(X.shape)
                laid_out.set_weights(loop.get_weights())
                close(laid_out(X, mask=given, training=training), y)


@tensorflow_only
@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        pytest.param({"return_sequences": True}, marks=pytest.mark.slow),
        pytest.param({"use_bias": False}, marks=pytest.mark.slow),
    ],
)
class TestTrainingLoop:
    """The loop that computes its own gradient, against what TensorFlow derives."""

    def gradients(self, layer, training, order=1, dtype="float32"):
        import tensorflow as tf

        x = tf.constant(X, dtype)
        state = [tf.ones((3, 5), dtype) * 0.1 for _ in layer.state_size]
        with tf.GradientTape(persistent=True) as outer:
            outer.watch([x, *state])
            with tf.GradientTape() as inner:
                inner.watch([x, *state])
                outputs = layer(x, initial_state=state, training=training)
                loss = tf.add_n(
                    [tf.reduce_sum(y**2) for y in keras.tree.flatten(outputs)]
                )
            sources = [x, *state, *(w.value for w in layer.trainable_weights)]
            found = inner.gradient(loss, sources)
            if order == 2:
                squares = tf.add_n([tf.reduce_sum(g**2) for g in found])
        return found if order == 1 else outer.gradient(squares, sources)

    @pytest.mark.parametrize(
        "form", ["eager", pytest.param("graph", marks=pytest.mark.slow), "xla"]
    )
    def test_the_gradients_agree(self, name, options, form):
        import tensorflow as tf

        layer = getattr(cl, name)(5, return_state=True, **options)
        layer.build(X.shape)
        expected = self.gradients(layer, training=False)

        def found():
            return self.gradients(layer, training=True)

        if form != "eager":
            found = tf.function(found, jit_compile=form == "xla", autograph=False)
        close(found(), expected, rtol=1e-4, atol=1e-5)

    def test_so_do_the_second_derivatives(self, name, options):
        layer = getattr(cl, name)(5, return_state=True, **options)
        layer.build(X.shape)
        close(
            self.gradients(layer, training=True, order=2),
            self.gradients(layer, training=False, order=2),
            rtol=1e-3,
            atol=1e-4,
        )

    def test_it_is_the_one_that_trains(self, name, options, monkeypatch):
        from custom_layers.fast import recurrence as module

        calls = []
        plain = module.Recurrence.__call__
        monkeypatch.setattr(
            module.Recurrence,
            "__call__",
            lambda self, *a: calls.append(1) or plain(self, *a),
        )
        layer = getattr(cl, name)(5, **options)
        for call, count in (
            ({}, 0),
            ({"training": True}, 1),
            ({"training": True, "mask": np.ones((3, 6), bool)}, 1),
        ):
            layer(X, **call)
            assert len(calls) == count, call


@tensorflow_only
@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_integers_train_as_with_the_namesake(name, wrapped):
    import tensorflow as tf

    x = np.arange(12, dtype="int32").reshape(2, 3, 2) % 5
    found = []
    for layers in (cl, keras.layers):
        layer = getattr(layers, name)(3)
        layer = layers.Bidirectional(layer) if wrapped else layer
        layer.build(x.shape)
        rng = np.random.default_rng(2)
        layer.set_weights([0.3 * rng.normal(size=w.shape) for w in layer.weights])
        with tf.GradientTape() as tape:
            y = layer(x, training=True)
            loss = tf.reduce_sum(y**2)
        weights = [w.value for w in layer.trainable_weights]
        found.append([y, *tape.gradient(loss, weights)])
    close(*found, rtol=1e-4, atol=1e-5)


class TestDropout:
    @tensorflow_only
    @pytest.mark.parametrize("name", LAYERS)
    @pytest.mark.parametrize(
        "rates", [(0.4, 0), (0, 0.4), (0.3, 0.3), (1.0, 0), (0, 1.0)]
    )
    def test_a_seed_silences_what_the_namesake_silences(self, name, rates):
        ours, theirs = pair(
            name, 5, dropout=rates[0], recurrent_dropout=rates[1], seed=3
        )
        for _ in range(2):
            close(ours(X, training=True), theirs(X, training=True))
        close(ours(X), theirs(X))

    @tensorflow_only
    @pytest.mark.parametrize("name", ["GRU", "LSTM"])
    def test_each_gate_can_have_a_mask_of_its_own(self, name):
        ours, theirs = pair(name, 5, dropout=0.5, seed=3, implementation=1)
        theirs.use_cudnn = False  # with it, Keras fails here
        close(ours(X, training=True), theirs(X, training=True))

    @pytest.mark.parametrize("name", LAYERS)
    def test_every_step_loses_the_same_inputs_and_every_call_others(self, name):
        layer = getattr(cl, name)(5, dropout=0.5, seed=1, return_sequences=True)
        same = np.repeat(X[:, :1], 2, axis=1)
        first, second = (numbers(layer(same, training=True)) for _ in range(2))
        assert np.any(first != second)
        np.testing.assert_array_equal(numbers(layer(same)), numbers(layer(same)))

    def test_a_cell_keeps_its_masks_until_they_are_reset(self):
        cell = cl.SimpleRNNCell(5, dropout=0.5, seed=1)
        x, h = X[:, 0], np.zeros((3, 5), "float32")
        first = numbers(cell(x, h, training=True)[0])
        np.testing.assert_array_equal(numbers(cell(x, h, training=True)[0]), first)
        cell.reset_dropout_mask()
        assert np.any(numbers(cell(x, h, training=True)[0]) != first)


class _Doubling(keras.layers.Layer):
    """A cell of a user: it has no projection, no initial state, one state."""

    state_size = 4

    def call(self, inputs, states):
        output = inputs + 2 * states[0]
        return output, [output]


class _Plain:
    """A cell that is no layer."""

    state_size = (4, 4)
    output_size = 4

    def call(self, inputs, states):
        return inputs + states[1], [states[1], inputs]


class TestRNN:
    @pytest.mark.parametrize("unroll", [False, True])
    def test_cells_of_users(self, unroll):
        y = numbers(cl.RNN(_Doubling(), unroll=unroll)(X))
        np.testing.assert_allclose(
            y, sum(2.0 ** (5 - t) * X[:, t] for t in range(6)), rtol=1e-5, atol=1e-5
        )
        y, a, b = cl.RNN(_Plain(), return_state=True, unroll=unroll)(X)
        close([y, a, b], [X[:, 5] + X[:, 4], X[:, 4], X[:, 5]])

    def test_a_subclass_of_a_cell_computes_what_it_says(self):
        class Halved(cl.SimpleRNNCell):
            def call(self, sequence, states, training=False):
                output, states = super().call(sequence, states, training)
                return output / 2, states

        layer, plain = cl.RNN(Halved(5)), cl.SimpleRNN(5)
        y = layer(X)
        plain.build(X.shape)
        plain.set_weights(layer.get_weights())
        close(y, numbers(plain(X)) / 2)

    @tensorflow_only
    def test_cells_of_keras(self):
        layer, theirs = (
            space.RNN(
                [keras.layers.LSTMCell(4), keras.layers.GRUCell(3, dropout=0.5)],
                return_state=True,
            )
            for space in (cl, keras.layers)
        )
        y = layer(X)
        theirs(X)
        theirs.set_weights(layer.get_weights())
        close(y, theirs(X))
        assert np.all(np.isfinite(numbers(layer(X, training=True)[0])))

    def test_states_of_a_stack_pass(self):
        layer = cl.RNN([cl.LSTMCell(4), cl.GRUCell(3)], return_state=True)
        whole = layer(X)
        _, *middle = layer(X[:, :3])
        close(layer(X[:, 3:], initial_state=middle), whole)

    @tensorflow_only
    def test_a_stack_drops_what_the_namesake_drops(self):
        ours, theirs = (
            space.RNN(
                [
                    space.LSTMCell(4, dropout=0.4, recurrent_dropout=0.2, seed=1),
                    space.GRUCell(3, dropout=0.4, seed=2),
                ]
            )
            for space in (cl, keras.layers)
        )
        ours(X)
        theirs.build(X.shape)
        theirs.set_weights(ours.get_weights())
        close(ours(X, training=True), theirs(X, training=True))

    def test_masks_of_outputs(self):
        x, mask = ops.array(X), ops.array(np.ones((3, 6), bool))
        assert cl.LSTM(2).compute_mask(x, mask) is None
        assert cl.LSTM(2, return_sequences=True).compute_mask(x, mask) is mask
        layer = cl.LSTM(2, return_sequences=True, return_state=True)
        assert layer.compute_mask(x, mask) == [mask, None, None]
        model = keras.Sequential(
            [cl.Embedding(9, 4, mask_zero=True)]
            if hasattr(cl, "Embedding")
            else [keras.layers.Embedding(9, 4, mask_zero=True)]
        )
        model.add(cl.LSTM(3))
        tokens = np.array([[1, 2, 0, 0], [3, 4, 5, 6]])
        y = numbers(model(tokens))
        np.testing.assert_allclose(
            y[:1], numbers(model(tokens[:1, :2])), rtol=1e-5, atol=1e-6
        )


def test_the_forget_gate_starts_open():
    layer = cl.LSTM(2)
    layer.build((None, None, 3))
    np.testing.assert_array_equal(numbers(layer.cell.bias), [0, 0, 1, 1, 0, 0, 0, 0])


class TestBidirectional:
    @pytest.mark.parametrize("merge", ["sum", "mul", "ave", "concat", None])
    @pytest.mark.parametrize("sequences", [False, True])
    def test_merging(self, merge, sequences):
        layer = cl.Bidirectional(
            cl.GRU(3, return_sequences=sequences, return_state=True), merge_mode=merge
        )
        found = layer(X)
        a, s = layer.forward_layer(X)
        b, t = layer.backward_layer(X)
        a, b = numbers(a), numbers(b)[:, ::-1] if sequences else numbers(b)
        expected = {
            "sum": [a + b],
            "mul": [a * b],
            "ave": [(a + b) / 2],
            "concat": [np.concatenate([a, b], -1)],
            None: [a, b],
        }[merge]
        close(list(found), [*expected, s, t])
        assert [tuple(y.shape) for y in found] == list(
            layer.compute_output_shape(X.shape)
        )

    def test_a_layer_of_its_own_reads_backwards(self):
        layer = cl.Bidirectional(
            cl.LSTM(3), backward_layer=cl.LSTM(3, activation="relu", go_backwards=True)
        )
        copy = cl.Bidirectional.from_config(layer.get_config())
        assert copy.backward_layer.activation is cl.activations.relu
        weights = [np.ones(w.shape) for w in pair("LSTM", 3)[0].weights]
        given = cl.Bidirectional(cl.LSTM(3), weights=[*weights, *weights])
        given(X)
        assert all(np.all(numbers(w) == 1) for w in given.weights)


class TestTimeDistributed:
    def test_batch_statistics_are_those_of_a_step(self):
        ours, theirs = (
            space.TimeDistributed(keras.layers.BatchNormalization())
            for space in (cl, keras.layers)
        )
        for training in (True, False):
            close(ours(X, training=training), theirs(X, training=training), atol=1e-5)
        close(ours.weights, theirs.weights)

    def test_layers_of_images_and_open_lengths(self):
        inputs = keras.Input((None, 6, 6, 2))
        model = keras.Model(inputs, cl.TimeDistributed(cl.Conv2D(3, 3))(inputs))
        assert model.output_shape == (None, None, 4, 4, 3)
        for length in (2, 5):
            y = model(np.ones((2, length, 6, 6, 2)))
            assert tuple(y.shape) == (2, length, 4, 4, 3)

    def test_a_wrapped_layer_sees_the_mask_of_its_step(self):
        class Masked(keras.layers.Layer):
            def call(self, inputs, mask=None):
                return inputs * ops.expand_dims(ops.cast(mask, inputs.dtype), -1)

        mask = RNG.random((3, 6)) > 0.5
        close(cl.TimeDistributed(Masked())(X, mask=mask), X * mask[..., None])


class TestTree:
    def test_a_chain_is_an_lstm(self):
        tree, lstm = (
            cl.ChildSumTreeLSTM(5, return_sequences=True),
            cl.LSTM(5, return_sequences=True),
        )
        chain = np.tile([1, 2, 3, 4, 5, -1], (3, 1))
        tree(X, chain)
        lstm.build(X.shape)
        lstm.set_weights(tree.get_weights())
        close(tree(X, chain), lstm(X))

    def test_a_binary_tree_is_that_of_socher(self):
        layer = cl.TreeRNN(5, use_bias=False)
        tree = np.array([[2, 2, 4, 4, -1]])  # ((a b) c)
        nodes = X[:1, :5] * np.array([1, 1, 0, 1, 0], "float32")[:, np.newaxis]
        found = layer(nodes, tree)
        kernel, both = layer.get_weights()
        a, b, c = np.tanh(nodes[0, [0, 1, 3]] @ kernel)
        inner = np.tanh(np.concatenate([a, b]) @ both)
        close(found[0], np.tanh(np.concatenate([inner, c]) @ both))

    def test_a_chain_is_a_simple_rnn(self):
        tree, rnn = (
            cl.TreeRNN(5, arity=1, return_sequences=True),
            cl.SimpleRNN(5, return_sequences=True),
        )
        chain = np.tile([1, 2, 3, 4, 5, -1], (3, 1))
        tree(X, chain)
        rnn.build(X.shape)
        rnn.set_weights(tree.get_weights())
        close(tree(X, chain), rnn(X))

    def test_the_order_of_nodes_does_not_matter(self):
        parents = np.array([4, 4, 5, -2, 5, -1])
        order = np.array([5, 2, 0, 4, 3, 1])
        places = np.argsort(order)
        moved = np.array([p if p < 0 else places[p] for p in parents[order]])
        layer = cl.ChildSumTreeLSTM(5)
        close(
            layer(X, np.tile(parents, (3, 1))),
            layer(X[:, order], np.tile(moved, (3, 1))),
        )

    def test_padding_changes_nothing(self):
        layer = cl.ChildSumTreeLSTM(5)
        tree = np.tile([2, 2, -1], (3, 1))
        padded = np.tile([2, 2, -1, -2, -2, -2], (3, 1))
        close(layer(X, padded), layer(X[:, :3], tree))

    @pytest.mark.slow
    def test_it_learns_what_depends_on_the_tree(self):
        rng = np.random.default_rng(2)
        x = rng.normal(size=(64, 4, 1)).astype("float32")
        chain, flat = [1, 2, 3, -1], [3, 3, 3, -1]
        parents = np.array([chain, flat] * 32)
        labels = np.array([0.0, 1.0] * 32)
        nodes, up = keras.Input((4, 1)), keras.Input((4,), dtype="int32")
        y = keras.layers.Dense(1)(cl.ChildSumTreeLSTM(8)(nodes, up))
        model = keras.Model([nodes, up], y)
        model.compile(keras.optimizers.Adam(0.05), "mse")
        history = model.fit([x, parents], labels, epochs=15, verbose=0)
        assert history.history["loss"][-1] < 0.05


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.slow
def test_it_learns_to_remember(name):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(256, 8, 2)).astype("float32")
    keras.utils.set_random_seed(1)
    model = keras.Sequential([getattr(cl, name)(16), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.02), "mse")
    history = model.fit(x, x[:, 3, 0], epochs=20, verbose=0)
    assert history.history["loss"][-1] < 0.3


@tensorflow_only
class TestExport:
    @pytest.mark.parametrize("length", [None, 5])
    @pytest.mark.parametrize(
        ("layer", "operator"),
        [
            (lambda: cl.LSTM(4), "LSTM"),
            (lambda: cl.LSTM(4, return_sequences=True, go_backwards=True), "LSTM"),
            (lambda: cl.LSTM(4, use_bias=False), "LSTM"),
            (lambda: cl.GRU(4), "GRU"),
            (lambda: cl.GRU(4, return_sequences=True), "GRU"),
            (lambda: cl.GRU(4, use_bias=False), "GRU"),
            (lambda: cl.GRU(4, reset_after=False), "GRU"),
            (lambda: cl.SimpleRNN(4), "RNN"),
            (lambda: cl.Bidirectional(cl.LSTM(4)), "LSTM"),
            (lambda: cl.Bidirectional(cl.GRU(4, return_sequences=True)), "GRU"),
        ],
    )
    def test_each_direction_is_one_operator(self, tmp_path, layer, operator, length):
        layer = layer()
        operators = _exported(tmp_path, layer, length)
        directions = 2 if isinstance(layer, cl.Bidirectional) else 1
        assert operators.count(operator) == directions
        assert not {"Loop", "Scan"} & set(operators)


def _exported(folder, layer, length):
    """Operators of the exported layer, which answers like it at every length."""
    import onnx

    x = keras.Input((length, 3), name="x")
    batches = [
        {"x": RNG.normal(size=(batch, steps, 3)).astype("float32")}
        for batch in (1, 7)
        for steps in ((length,) if length else (5, 9))
    ]
    model = keras.Model([x], {"y": layer(x)})
    file = compare_written(model, batches, "onnx", folder)
    return [node.op_type for node in onnx.load(file).graph.node]


_UNFIT = np.ones((3, 7), bool)
ERRORS = {
    "units": (lambda: cl.LSTM(0), r"`units`.*units=0"),
    "cell units": (lambda: cl.GRUCell(-1), r"`units`.*units=-1"),
    "rank": (lambda: cl.GRU(3)(X[0]), r"ndim=3"),
    "cudnn": (lambda: cl.LSTM(3, use_cudnn="yes"), r"`use_cudnn`.*use_cudnn=yes"),
    "cell": (lambda: cl.RNN(3), r"`cell`.*cell=3"),
    "state size": (lambda: cl.RNN(cl.Dense(3)), r"`state_size`"),
    "cells": (lambda: cl.StackedRNNCells([cl.Dense(3)]), r"`state_size`.*Dense"),
    "unroll": (
        lambda: cl.RNN(cl.LSTMCell(3), unroll=True).call(keras.Input((None, 4))),
        r"unroll.*\(None, None, 4\)",
    ),
    "open batch": (
        lambda: cl.LSTM(3, stateful=True)(keras.Input((6, 4))),
        r"batch size must be static.*\(None, 6, 4\)",
    ),
    "merge mode": (lambda: cl.Bidirectional(cl.LSTM(3), "max"), r"merge_mode=max"),
    "directions": (
        lambda: cl.Bidirectional(cl.LSTM(3), backward_layer=cl.LSTM(3)),
        r"`go_backwards`.*False",
    ),
    "unequal layers": (
        lambda: cl.Bidirectional(
            cl.LSTM(3),
            backward_layer=cl.LSTM(3, go_backwards=True, return_sequences=True),
        ),
        r"return_sequences",
    ),
    "wrapped": (lambda: cl.Bidirectional(3), r"`layer`.*layer=3"),
    "distributed": (lambda: cl.TimeDistributed(3), r"layer=3"),
    "distributed rank": (lambda: cl.TimeDistributed(cl.Dense(2))(X[0]), r"3 dim"),
    "distributed mask": (
        lambda: cl.TimeDistributed(cl.Dense(2))(X, mask=_UNFIT),
        r"`mask`.*\(3, 7\)",
    ),
    "arity": (lambda: cl.TreeRNN(3, arity=0), r"`arity`.*arity=0"),
    "tree_rnn": (
        lambda: cl.TreeRNN(3)(X, X),
        r"`TreeRNN`.*parents \(batch, nodes\).*\(3, 6, 4\)",
    ),
    "tree": (
        lambda: cl.ChildSumTreeLSTM(3)(X, X),
        r"parents \(batch, nodes\).*\(3, 6, 4\)",
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors_name_argument_and_value(case):
    call, message = ERRORS[case]
    with pytest.raises(ValueError, match=f"(?s){message}"):
        call()


def test_a_stateful_layer_keeps_its_batch_size():
    layer = cl.LSTM(3, stateful=True)
    layer(X)
    with pytest.raises(ValueError, match=r"Expected: 3. Received: 2"):
        layer(X[:2])
    with pytest.raises(AttributeError, match="stateful"):
        cl.Bidirectional(cl.LSTM(3)).reset_state()


@pytest.mark.parametrize("name", ["SimpleRNN", "GRU", "LSTM"])
def test_a_stateful_layer_trains(name):
    """With a backend that updates states in place, too."""
    layer = getattr(cl, name)(2, stateful=True, bias_initializer=cl.initializers.Ones())
    model = keras.Sequential([keras.Input(batch_shape=(4, 3, 2)), layer])
    model.compile(cl.optimizers.Adagrad(0.1), "mse")
    before = layer.get_weights()
    model.fit(np.ones((8, 3, 2)), np.ones((8, 2)), batch_size=4, verbose=0)
    for old, new in zip(before, layer.get_weights(), strict=True):
        assert not np.array_equal(old, new)
