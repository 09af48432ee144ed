"""What attention, positions and transformer blocks do beyond the shared checks."""

import keras
import numpy as np
import pytest
from keras import ops

import custom_layers as cl

from .backends import BACKEND, gradient, not_torch, numbers, tensorflow_only
from .oracles import attention as oracles


def _normal(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def _close(actual, expected, tolerance=1e-5):
    np.testing.assert_allclose(
        numbers(actual), numbers(expected), rtol=tolerance, atol=tolerance
    )


def _pair(**kwargs):
    """Our layer and Keras' with the same weights."""
    layers = [
        package.MultiHeadAttention(2, 4, **kwargs)
        for package in (cl.layers, keras.layers)
    ]
    for layer in layers:
        layer.build((None, 5, 6), (None, 5, 6))
    weights = [_normal(*w.shape, seed=i) for i, w in enumerate(layers[0].weights)]
    for layer in layers:
        layer.set_weights(weights)
    return layers


def test_function_is_that_of_keras():
    query, key, value = (_normal(2, 3, 5, 4, seed=i) for i in range(3))
    mask = np.random.default_rng(3).random((2, 1, 5, 5)) > 0.4
    swapped = [np.swapaxes(x, 1, 2) for x in (query, key, value)]
    theirs = ops.dot_product_attention(*swapped, mask=mask, is_causal=True)
    ours = cl.scaled_dot_product_attention(query, key, value, mask, is_causal=True)
    _close(ours, np.swapaxes(numbers(theirs), 1, 2))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_a_query_that_sees_nothing_gets_the_mean(dtype):
    query, key, value = (ops.array(_normal(2, 5, 4, seed=i), dtype) for i in range(3))
    mask = np.zeros((2, 5, 5), bool)
    outputs = cl.scaled_dot_product_attention(query, key, value, mask)
    mean = np.broadcast_to(numbers(value).astype("float32").mean(1)[:, None], (2, 5, 4))
    _close(
        numbers(outputs).astype("float32"), mean, 1e-5 if dtype == "float32" else 0.02
    )


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize(
    "kwargs", [{}, {"return_attention_scores": True}], ids=["outputs", "scores"]
)
def test_rows_that_see_nothing_are_those_of_the_namesake(kwargs, dtype):
    x = _normal(2, 5, 6)
    mask = np.random.default_rng(3).random((2, 5, 5)) > 0.5
    mask[0, 1] = mask[1, :2] = False
    ours, theirs = (
        keras.tree.flatten(layer(x, x, attention_mask=mask, **kwargs))
        for layer in _pair(dtype=dtype)
    )
    for y, expected in zip(ours, theirs, strict=True):
        assert np.all(np.isfinite(numbers(y)))
        if BACKEND == "torch" and dtype == "float16":
            continue  # Keras hides half precision by too little there
        _close(y, expected, 1e-5 if dtype == "float32" else 0.03)


@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("causal", [False, True])
def test_every_mask_is_that_of_the_namesake(dropout, causal):
    tokens = np.array([[1, 2, 3, 0, 0], [3, 3, 1, 1, 2]])
    embed = keras.layers.Embedding(4, 6, mask_zero=True)
    rng = np.random.default_rng(2)
    masks = {
        "attention_mask": rng.random((2, 5, 5)) > 0.3,
        "key_mask": rng.random((2, 5)) > 0.3,
        "use_causal_mask": causal,
    }
    outputs = []
    for layer in _pair(dropout=dropout, sliding_window=4):
        query, value, key = embed(tokens), embed(tokens[::-1]), embed(tokens)
        outputs.append(layer(query, value, key, **masks))
        carried = keras.src.backend.get_keras_mask(outputs[-1])
        np.testing.assert_array_equal(numbers(carried), tokens != 0)
    _close(*outputs)


def test_the_query_s_mask_counts_only_where_the_query_carries_it():
    """As in Keras, which overrides the argument."""
    x, mask = _normal(2, 5, 6), np.array([[True, False, True, False, True]] * 2)
    _close(*(layer(x, x, query_mask=mask) for layer in _pair(dropout=0.1)))


def test_an_input_keeps_its_mask_for_the_next_layer():
    tokens = np.array([[1, 2, 0]])
    embedded = keras.layers.Embedding(4, 6, mask_zero=True)(tokens)
    layer, _ = _pair()
    first = layer(_normal(1, 3, 6), embedded)
    _close(layer(_normal(1, 3, 6), embedded), first)


def test_one_tensor_or_three_equal_ones_give_the_same():
    """The maps of a tensor are applied by one product, those of copies are not."""
    layer, _ = _pair(use_gate=True)
    x = ops.array(_normal(2, 5, 6))
    copies = [ops.array(_normal(2, 5, 6)) for _ in range(3)]
    _close(layer(x, x), layer(*copies))
    _close(layer(copies[0], x), layer(*copies))


def test_scores_have_the_length_of_the_keys():
    """Also symbolically, where Keras takes the queries' length for it."""
    layer = cl.MultiHeadAttention(2, 4)
    query, value = keras.Input((5, 6)), keras.Input((3, 7))
    _, scores = layer(query, value, return_attention_scores=True)
    assert scores.shape == (None, 2, 5, 3)
    _, scores = layer(_normal(1, 5, 6), _normal(1, 3, 7), return_attention_scores=True)
    assert tuple(scores.shape) == (1, 2, 5, 3)
    _close(ops.sum(scores, axis=-1), np.ones((1, 2, 5)))


def test_a_mask_may_differ_by_head():
    layer, theirs = _pair()
    x = _normal(3, 5, 6)
    mask = np.random.default_rng(3).random((3, 2, 5, 5)) > 0.4
    _close(layer(x, x, attention_mask=mask), theirs(x, x, attention_mask=mask))


def test_a_subclass_may_attend_in_its_own_way():
    class Mean(cl.MultiHeadAttention):
        def _compute_attention(self, query, key, value, *args, **kwargs):
            return ops.ones_like(query) * ops.mean(value, axis=1, keepdims=True), None

    layer = Mean(2, 4)
    y = numbers(layer(_normal(2, 5, 6), _normal(2, 3, 6)))
    _close(y[:, :1], y[:, 1:2])


def test_maps_of_one_layer_start_differently():
    layer = cl.MultiHeadAttention(2, 4)
    layer.build((None, 5, 8), (None, 5, 8))
    kernels = [numbers(w) for w in layer.weights if w.name == "kernel"]
    for i, kernel in enumerate(kernels[:3]):
        for other in kernels[i + 1 : 3]:
            assert not np.allclose(kernel, other)


@pytest.mark.parametrize("name", ["glorot_uniform", "he_normal", "orthogonal", "ones"])
def test_kernels_start_as_those_of_the_namesake(name):
    kernels = []
    for layers in (cl.layers, keras.layers):
        layer = layers.MultiHeadAttention(8, 32, kernel_initializer=name)
        layer.build((None, 5, 64), (None, 5, 64))
        kernels.append([numbers(w) for w in layer.weights if w.name == "kernel"])
    for ours, theirs in zip(*kernels, strict=True):
        np.testing.assert_allclose(ours.std(), theirs.std(), rtol=0.05, atol=1e-7)


def test_weights_of_the_namesake_load(tmp_path):
    def model(layers):
        x = keras.Input((5, 6))
        attended = layers.MultiHeadAttention(2, 4, dropout=0.1, use_gate=True)(x, x)
        return keras.Model(x, layers.Attention(use_scale=True)([x, attended]))

    theirs, ours = model(keras.layers), model(cl.layers)
    theirs.save_weights(tmp_path / "w.weights.h5")
    ours.load_weights(tmp_path / "w.weights.h5")
    x = _normal(3, 5, 6)
    _close(ours.predict(x, verbose=0), theirs.predict(x, verbose=0))


@pytest.mark.parametrize("causal", [False, True])
def test_masks_of_luong_attention_are_those_of_the_namesake(causal):
    query, value = _normal(2, 4, 3), _normal(2, 5, 3, seed=2)
    masks = [
        np.array([[True, True, False, True], [False, True, True, True]]),
        np.array([[True, False, True, True, False], [True, True, False, False, True]]),
    ]
    outputs = []
    for layer in (cl.Attention(), keras.layers.Attention()):
        outputs.append(
            layer(
                [query, value],
                mask=masks,
                return_attention_scores=True,
                use_causal_mask=causal,
            )
        )
    for ours, theirs in zip(*outputs, strict=True):
        _close(ours, theirs)
    _close(outputs[0][0], oracles.luong(query, value, mask=masks, causal=causal))
    assert numbers(cl.Attention().compute_mask([query, value], masks)).tolist() == (
        masks[0].tolist()
    )


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_luong_attention_to_nothing_is_that_of_the_namesake(dtype):
    query, value = _normal(2, 4, 3), _normal(2, 5, 3, seed=2)
    masks = [None, np.zeros((2, 5), bool)]
    ours, theirs = (
        layers.Attention(dtype=dtype)([query, value], mask=masks)
        for layers in (cl.layers, keras.layers)
    )
    assert np.all(np.isfinite(numbers(ours).astype("float32")))
    if BACKEND == "torch" and dtype == "float16":
        return  # Keras gives NaN there
    _close(numbers(ours).astype("float32"), numbers(theirs).astype("float32"), 1e-2)


def _self_attending():
    return {
        "attention": (cl.Attention(), lambda layer, x, **o: layer([x, x], **o)),
        "multi-head": (
            cl.MultiHeadAttention(2, 4),
            lambda layer, x, **o: layer(x, x, **o),
        ),
    }


@pytest.mark.parametrize("name", _self_attending())
def test_causal_attention_does_not_see_the_future(name):
    layer, call = _self_attending()[name]
    x = _normal(2, 6, 8)
    changed = x.copy()
    changed[:, 4:] += 1
    before, after = (
        numbers(call(layer, ops.array(v), use_causal_mask=True)) for v in (x, changed)
    )
    _close(before[:, :4], after[:, :4])
    assert np.all(np.abs(before[:, 4:] - after[:, 4:]).max(axis=-1) > 1e-3)
    free = numbers(call(layer, ops.array(changed)))
    assert np.abs(free[:, :4] - numbers(call(layer, ops.array(x)))[:, :4]).max() > 1e-3


@pytest.mark.parametrize("name", _self_attending())
def test_without_positions_order_does_not_matter(name):
    layer, call = _self_attending()[name]
    x, order = _normal(2, 6, 8), np.array([3, 0, 5, 1, 2, 4])
    _close(numbers(call(layer, ops.array(x)))[:, order], call(layer, x[:, order]))


@pytest.mark.parametrize("positions", [cl.SinePositionEncoding(), None])
def test_with_positions_order_matters(positions):
    positions = positions or cl.PositionEmbedding(6)
    layer, order = cl.MultiHeadAttention(2, 4), np.array([3, 0, 5, 1, 2, 4])
    x = _normal(2, 6, 8)

    def encode(x):
        x = ops.array(x)
        x = x + positions(x)
        return numbers(layer(x, x))

    assert np.abs(encode(x)[:, order] - encode(x[:, order])).max() > 1e-3


@pytest.mark.parametrize("normalize_first", [False, True])
def test_padding_is_as_if_it_were_not_there(normalize_first):
    encoder = cl.TransformerEncoder(8, 2, normalize_first=normalize_first)
    decoder = cl.TransformerDecoder(8, 2, normalize_first=normalize_first)
    x, padding = _normal(2, 6, 4), np.arange(6) < np.array([[4], [4]])
    encoded = encoder(x, padding_mask=padding)
    short = encoder(x[:, :4])
    _close(numbers(encoded)[:, :4], short)
    y = _normal(2, 3, 4, seed=2)
    _close(decoder(y, encoded, encoder_padding_mask=padding), decoder(y, short))
    z = decoder(x, encoded, decoder_padding_mask=padding, use_causal_mask=False)
    assert np.all(np.isfinite(numbers(z)))


def test_blocks_obey_and_hand_on_the_mask_of_an_embedding():
    tokens = np.array([[1, 2, 3, 0, 0]])
    embed = keras.layers.Embedding(4, 8, mask_zero=True)
    blocks = [cl.TransformerEncoder(8, 2) for _ in range(2)]
    decoder = cl.TransformerDecoder(8, 2)
    padded, short = embed(tokens), embed(tokens[:, :3])
    for block in blocks:
        padded, short = block(padded), block(short)
    mask = keras.src.backend.get_keras_mask(padded)
    np.testing.assert_array_equal(numbers(mask), tokens != 0)
    _close(numbers(padded)[:, :3], short)
    target = _normal(1, 4, 8)
    _close(decoder(target, padded), decoder(target, short))


@pytest.mark.parametrize("normalize_first", [False, True])
def test_all_steps_at_once_or_one_by_one(normalize_first):
    """Teacher forcing computes what step-by-step generation does."""
    decoder = cl.TransformerDecoder(8, 2, normalize_first=normalize_first)
    x, encoded = _normal(2, 5, 4), _normal(2, 3, 6, seed=2)
    at_once = numbers(decoder(x, encoded))
    for t in range(1, 6):
        _close(numbers(decoder(x[:, :t], encoded))[:, -1], at_once[:, t - 1])


@pytest.mark.slow
def test_a_language_model_trains_to_copy_the_step_before():
    keras.utils.set_random_seed(5)
    tokens = np.random.default_rng(1).integers(0, 5, size=(128, 6))
    inputs = keras.Input((6,), dtype="int32")
    x = keras.layers.Embedding(5, 16)(inputs)
    x = x + cl.PositionEmbedding(6)(x)
    x = cl.TransformerDecoder(32, 2)(x)
    model = keras.Model(inputs, cl.Dense(5)(x))
    model.compile(
        cl.optimizers.Adam(0.01),
        cl.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    before = np.concatenate([tokens[:, :1], tokens[:, :-1]], axis=1)
    history = model.fit(tokens, before, batch_size=16, epochs=25, verbose=0)
    assert history.history["loss"][-1] < 0.1 < history.history["loss"][0]


def test_positions_start_where_they_are_told():
    x = _normal(2, 8, 6)
    for layer in (cl.SinePositionEncoding(), cl.PositionEmbedding(8)):
        whole = numbers(layer(x))
        _close(layer(x[:, :3], start_index=5), whole[:, 5:])
        chosen = np.array([[0, 2, 7], [1, 1, 3]])
        _close(layer(x[:, :3], positions=chosen), whole[0][chosen])


def test_waves_keep_their_precision_in_half_precision():
    x = np.zeros((1, 3000, 4), "float16")
    layer = cl.SinePositionEncoding(dtype="float16")
    _close(numbers(layer(x))[0, -50:], oracles.waves(x)[0, -50:], 2e-3)


def test_rotated_products_depend_on_the_distance_alone():
    layer, (q, k) = cl.RotaryEmbedding(50), (_normal(1, 1, 6, seed=s) for s in (1, 2))
    products = [
        float(ops.sum(layer(q, start_index=i) * layer(k, start_index=i + 3)))
        for i in (0, 1, 40)
    ]
    assert products == pytest.approx([products[0]] * 3, abs=1e-5)
    moved = float(ops.sum(layer(q) * layer(k, start_index=4)))
    assert abs(moved - products[0]) > 1e-3


@pytest.mark.parametrize(
    "options", [{}, {"sliding_window": 4, "rope_max_wavelength": 50}]
)
def test_steps_with_a_cache_are_the_whole_sequence(options):
    """Also where the sequence is longer than the cache, which is a ring then."""
    decoder = cl.TransformerDecoder(8, 2, normalize_first=True, **options)
    x = _normal(2, 9, 4)
    whole = numbers(decoder(x))
    cache = np.zeros((2, *decoder.cache_shape(options.get("sliding_window", 9))))
    cache = cache.astype("float32")
    for t in range(9):
        y, cache = decoder(
            x[:, t : t + 1],
            self_attention_cache=cache,
            self_attention_cache_update_index=np.full(2, t, "int32"),
        )
        _close(y[:, 0], whole[:, t])


@pytest.mark.parametrize("sequence_length", [None, 6])
def test_embedded_tokens_keep_their_mask(sequence_length):
    """A sum of both embeddings by `+` would lose it, and padding would count."""
    tokens = np.array([[1, 2, 3, 0, 0], [0, 0, 0, 0, 0]])
    embed = cl.TokenAndPositionEmbedding(4, 8, sequence_length, mask_zero=True)
    inputs = keras.Input((None,), dtype="int32")
    x = cl.TransformerEncoder(8, 2)(embed(inputs))
    model = keras.Model(inputs, cl.GlobalAveragePooling1D()(x))
    padded, short = (numbers(model(each)) for each in (tokens, tokens[:, :3]))
    _close(padded[0], short[0])
    assert np.isfinite(padded).all()


@tensorflow_only
def test_open_time_axis():
    import tensorflow as tf

    layers = (
        cl.SinePositionEncoding(),
        cl.PositionEmbedding(7),
        cl.TransformerEncoder(8, 2),
        cl.TransformerDecoder(8, 2),
    )
    for layer in layers:
        layer.build((None, None, 4))
        spec = [tf.TensorSpec((None, None, 4))]
        traced = tf.function(lambda x, layer=layer: layer(x), input_signature=spec)
        for shape in ((1, 5, 4), (3, 7, 4)):
            _close(traced(_normal(*shape)), layer(_normal(*shape)))
    embed = tf.function(lambda x: layers[1](x), input_signature=spec)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Expected size"):
        embed(_normal(1, 8, 4))


@pytest.mark.slow
@tensorflow_only
def test_sequences_of_any_length_export(tmp_path):
    import onnxruntime
    import tensorflow as tf

    from export import signature
    from export.formats import find_format

    source = keras.Input((None, 8), name="source")
    target = keras.Input((None, 8), name="target")
    encoded = cl.TransformerEncoder(8, 2)(source + cl.PositionEmbedding(9)(source))
    x = target + cl.SinePositionEncoding()(target)
    x = cl.TransformerDecoder(8, 2, normalize_first=True)(x, encoded)
    x = x + cl.Attention(use_scale=True)([x, encoded])
    model = keras.Model([source, target], {"y": x})
    signatures = {signature.NAME: signature.signature_of(model)}
    for name in ("saved_model", "onnx"):
        find_format(name).write(signatures, tmp_path, {"name": "attention"})
    loaded = tf.saved_model.load(tmp_path)
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    for batch, steps, more in ((1, 4, 6), (7, 9, 3)):
        feed = {"source": _normal(batch, steps, 8), "target": _normal(batch, more, 8)}
        expected = model(feed)["y"]
        _close(session.run(["y"], feed)[0], expected)
        serve = loaded.signatures["serving_default"]
        _close(serve(**{k: tf.constant(v) for k, v in feed.items()})["y"], expected)


@pytest.mark.slow
def test_dropout_of_attention_keeps_the_mean():
    layer = cl.MultiHeadAttention(2, 4, dropout=0.5, seed=3)
    x = ops.array(_normal(1, 20, 6))
    y = numbers(layer(x, x))
    drawn = [numbers(layer(x, x, training=True)) for _ in range(300)]
    assert np.abs(drawn[0] - drawn[1]).max() > 1e-3
    spread = np.std(drawn, axis=0) / np.sqrt(len(drawn))
    assert np.all(np.abs(np.mean(drawn, axis=0) - y) < 6 * spread + 1e-6)


@not_torch
def test_gradient_by_queries_of_masked_rows_is_that_of_the_namesake():
    layers, x = _pair(), _normal(2, 5, 6)
    mask = np.tril(np.ones((5, 5), bool))
    mask[0] = False
    values = _normal(2, 5, 6, seed=2)
    ours, theirs = (
        gradient(
            lambda q, layer=layer: layer(q, values, attention_mask=mask) ** 2,
            x,
        )
        for layer in layers
    )
    _close(ours, theirs, 1e-4)


X = np.ones((2, 5, 6), "float32")
ERRORS = {
    "heads": (lambda: cl.MultiHeadAttention(0, 4), "`num_heads`.*num_heads=0"),
    "key": (lambda: cl.MultiHeadAttention(2, 1.5), "`key_dim`.*key_dim=1.5"),
    "value": (lambda: cl.MultiHeadAttention(2, 4, 0), "`value_dim`.*value_dim=0"),
    "window": (
        lambda: cl.MultiHeadAttention(2, 4, sliding_window=-1),
        "`sliding_window`.*=-1",
    ),
    "output": (
        lambda: cl.MultiHeadAttention(2, 4, output_shape=8.0),
        "`output_shape`.*=8.0",
    ),
    "axes": (
        lambda: cl.MultiHeadAttention(2, 4, attention_axes="x"),
        "`attention_axes`.*=x",
    ),
    "flash": (
        lambda: cl.MultiHeadAttention(2, 4, flash_attention=True, dropout=0.1),
        "Dropout is not supported.*dropout=0.1",
    ),
    "flash scores": (
        lambda: cl.MultiHeadAttention(2, 4, flash_attention=True)(
            X, X, return_attention_scores=True
        ),
        "scores is not supported when flash",
    ),
    "keys": (
        lambda: cl.MultiHeadAttention(2, 4)(X, X, X[:, :3]),
        r"must be equal.*\(2, 5, 6\).*\(2, 3, 6\)",
    ),
    "mode": (lambda: cl.Attention(score_mode="x"), "score_mode=x"),
    "no list": (lambda: cl.Attention()(X), "on a list of inputs.*Received"),
    "too many": (lambda: cl.Attention()([X] * 4), "Received length: 4"),
    "mask": (lambda: cl.Attention()([X, X], mask=X), "mask must be a list"),
    "masks": (lambda: cl.Attention()([X, X], mask=[X]), "length 2 or 3.*length: 1"),
    "wavelength": (
        lambda: cl.SinePositionEncoding(0),
        "`max_wavelength`.*max_wavelength=0",
    ),
    "rotary wavelength": (
        lambda: cl.RotaryEmbedding(-1),
        "`max_wavelength`.*max_wavelength=-1",
    ),
    "odd": (lambda: cl.RotaryEmbedding()(X[..., :5]), r"even.*\(2, 5, 5\)"),
    "positions": (
        lambda: cl.PositionEmbedding(1.5),
        "`sequence_length`.*sequence_length=1.5",
    ),
    "too long": (lambda: cl.PositionEmbedding(4)(X), "positions.*: 4.*5 steps"),
    "too far": (
        lambda: cl.PositionEmbedding(6)(X, start_index=3),
        "5 steps, start_index=3",
    ),
    "intermediate": (
        lambda: cl.TransformerEncoder(0, 2),
        "`intermediate_dim`.*intermediate_dim=0",
    ),
    "block heads": (lambda: cl.TransformerDecoder(4, None), "`num_heads`.*=None"),
    "shared heads": (lambda: cl.TransformerEncoder(4, 7)(X), "num_heads=7.*5, 6"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_say_what_came(name):
    act, pattern = ERRORS[name]
    with pytest.raises(ValueError, match=f"(?s){pattern}"):
        act()


@pytest.mark.parametrize("first", [(X,), (X, X)])
def test_a_block_has_an_encoded_sequence_always_or_never(first):
    block = cl.TransformerDecoder(4, 2)
    block(*first)
    with pytest.raises(ValueError, match="`encoder_sequence` must be given in every"):
        block(*((X, X) if len(first) == 1 else (X,)))


@tensorflow_only
def test_tensorflow_has_no_flash_attention():
    for layers in (cl.layers, keras.layers):
        with pytest.raises(ValueError, match="not supported in tensorflow"):
            layers.MultiHeadAttention(2, 4, flash_attention=True)(X, X)


def _cores():
    rng = np.random.default_rng(7)
    query, key, value = (rng.normal(size=(2, 3, n, 4)) for n in (5, 6, 6))
    mask = rng.random((2, 1, 5, 6)) > 0.5
    mask[0, 0, 2] = False
    return (query, key, value), np.where(mask, 0, -2e38)


@tensorflow_only
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "float64"])
@pytest.mark.parametrize("masked", [False, True])
def test_tensorflow_s_attention_is_the_portable_one(dtype, masked):
    """In values and in gradients by queries, keys and values."""
    import tensorflow as tf

    from custom_layers.fast import attention
    from custom_layers.layers.attention import _core

    arrays, bias = _cores()
    bias = tf.constant(bias, "float32") if masked else None
    upstream = tf.constant(_normal(2, 3, 5, 4), dtype)
    found = []
    for core in (attention.attend, _core.attend.__wrapped__):
        tensors = [tf.constant(x, dtype) for x in arrays]
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            outputs = core(*tensors, bias)
        found.append([outputs, *tape.gradient(outputs, tensors, upstream)])
    tolerance = {"float64": 1e-10, "float32": 1e-5, "float16": 0.01}.get(dtype, 0.1)
    for ours, portable in zip(*found, strict=True):
        assert ours.dtype == portable.dtype
        ours, portable = (tf.cast(x, "float64").numpy() for x in (ours, portable))
        np.testing.assert_allclose(ours, portable, rtol=tolerance, atol=tolerance)


@tensorflow_only
@pytest.mark.parametrize("form", ["eager", "graph", "xla"])
def test_the_gradient_of_the_gradient_is_the_portable_one(form):
    import tensorflow as tf

    from custom_layers.fast import attention
    from custom_layers.layers.attention import _core

    arrays, _ = _cores()
    tensors = [tf.constant(x) for x in arrays]
    found = []
    for core in (attention.attend, _core.attend.__wrapped__):

        def penalty(*tensors, core=core):
            with tf.GradientTape(persistent=True) as outer:
                outer.watch(tensors)
                with tf.GradientTape() as tape:
                    tape.watch(tensors)
                    total = tf.reduce_sum(core(*tensors, None) ** 2)
                slopes = tape.gradient(total, tensors)
                size = sum(tf.reduce_sum(slope**2) for slope in slopes)
            return outer.gradient(size, tensors)

        if form != "eager":
            penalty = tf.function(penalty, jit_compile=form == "xla", autograph=False)
        found.append(penalty(*tensors))
    for ours, portable in zip(*found, strict=True):
        np.testing.assert_allclose(ours.numpy(), portable.numpy(), rtol=1e-8)


def test_parts_of_other_leading_sizes_are_broadcast():
    """One key and one value for all heads, and a mask of its own for each sample."""
    query, key, value = _normal(2, 3, 5, 4), _normal(1, 1, 6, 4), _normal(1, 1, 6, 2)
    for mask in (None, np.random.default_rng(1).random((2, 1, 5, 6)) > 0.3):
        outputs = cl.scaled_dot_product_attention(query, key, value, mask)
        _close(outputs, oracles.scaled_dot_product(query, key, value, mask))
    slope = gradient(
        lambda k: cl.scaled_dot_product_attention(query, k, value) ** 2, key
    )
    assert tuple(slope.shape) == key.shape
