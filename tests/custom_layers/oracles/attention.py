"""Attention, positions and the blocks of a transformer."""

import numpy as np

from .activations import relu, sigmoid, softmax
from .recurrent import gru_step


def _allowed(scores, mask, causal):
    allowed = np.ones(scores.shape, dtype=bool)
    if mask is not None:
        allowed &= np.asarray(mask).astype(bool)
    if causal:
        queries, keys = scores.shape[-2:]
        allowed &= np.arange(queries)[:, None] >= np.arange(keys)
    return allowed


def scaled_dot_product(query, key, value, mask=None, is_causal=False, scale=None):
    scale = query.shape[-1] ** -0.5 if scale is None else scale
    scores = np.einsum("...qd,...kd->...qk", query, key) * scale
    weights = softmax(np.where(_allowed(scores, mask, is_causal), scores, -1e30))
    return np.einsum("...qk,...kd->...qd", weights, value)


def luong(query, value, key=None, scale=1.0, mask=None, causal=False):
    """Each query by itself."""
    key = value if key is None else key
    query_mask, value_mask = mask if mask else (None, None)
    outputs = np.zeros((*query.shape[:2], value.shape[-1]))
    for b, i in np.ndindex(*query.shape[:2]):
        if query_mask is not None and not query_mask[b, i]:
            continue
        seen = [
            j
            for j in range(value.shape[1])
            if (value_mask is None or value_mask[b, j]) and (j <= i or not causal)
        ]
        weights = softmax(scale * key[b, seen] @ query[b, i])
        outputs[b, i] = weights @ value[b, seen]
    return outputs


def attention_decoder(features, *weights, length):
    """Sample by sample, and step by step."""
    table, keys, u, b, v, first, first_bias, *cell, output, output_bias = weights
    logits = np.zeros((len(features), length, len(table)))
    for sample, f in enumerate(features):
        state = np.tanh(f.mean(axis=0) @ first + first_bias)
        before = table[0]
        for t in range(length):
            scores = [np.tanh(each @ keys + state @ u + b) @ v[:, 0] for each in f]
            context = softmax(np.array(scores)) @ f
            state, _ = gru_step(np.concatenate([before, context]), [state], *cell)
            both = np.concatenate([state, context])
            logits[sample, t] = both @ output + output_bias
            before = softmax(logits[sample, t]) @ table
    return logits


def additive(query, value, scale, weight):
    sums = np.tanh(scale * (query[:, :, None] + value[:, None]))
    return softmax(weight * sums.sum(axis=-1)) @ value


def multi_head(
    query,
    value,
    *weights,
    key=None,
    gate=None,
    attention_mask=None,
    value_mask=None,
    use_causal_mask=False,
    window=None,
    longest=None,
    return_attention_scores=False,
):
    """Heads one after the other; weights alternate kernel and bias."""
    key = value if key is None else key
    maps = [weights[i : i + 2] for i in range(0, len(weights), 2)]
    (kernel, bias), maps = maps[-1], maps[:-1]
    output, all_scores = 0.0, []
    for head in range(kernel.shape[0]):
        inputs = [query, key, query, value] if gate else [query, key, value]
        parts = [
            x @ k[:, head] + b[head] for x, (k, b) in zip(inputs, maps, strict=True)
        ]
        q, k, v = parts[0], parts[1], parts[-1]
        if longest is not None:
            q, k = rotary(q, longest), rotary(k, longest)
        scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
        mask = np.ones(scores.shape, dtype=bool)
        if attention_mask is not None:
            mask &= attention_mask.astype(bool)
        if value_mask is not None:
            mask &= value_mask[:, None].astype(bool)
        if window is not None:
            steps = np.arange(scores.shape[-2])[:, None], np.arange(scores.shape[-1])
            mask &= np.abs(steps[0] - steps[1]) < window
        mask = _allowed(scores, mask, use_causal_mask)
        weights_of_head = softmax(np.where(mask, scores, -1e30))
        all_scores.append(weights_of_head)
        mixed = weights_of_head @ v
        if gate:
            mixed = mixed * sigmoid(parts[2])
        output = output + np.tensordot(mixed, kernel[head], 1)
    output = output + bias
    return (output, np.stack(all_scores, axis=1)) if return_attention_scores else output


def over_two_axes(query, value, *weights):
    """The axes between batch and features are one sequence."""
    q, v = (x.reshape(len(x), -1, x.shape[-1]) for x in (query, value))
    return multi_head(q, v, *weights).reshape(query.shape)


def over_rows(query, value, *weights):
    """Every second index of the inputs is a sequence of its own."""
    return np.stack(
        [multi_head(query[:, i], value[:, i], *weights) for i in range(query.shape[1])],
        axis=1,
    )


def waves(x, longest=10000, start_index=0):
    y = np.empty(x.shape)
    for t, i in np.ndindex(*x.shape[-2:]):
        angle = (t + start_index) / longest ** (2 * (i // 2) / x.shape[-1])
        y[..., t, i] = np.cos(angle) if i % 2 else np.sin(angle)
    return y


def positions(x, embeddings, start_index=0):
    steps = np.arange(x.shape[-2]) + start_index
    return np.broadcast_to(embeddings[steps], x.shape)


def rotary(x, longest=10000, start_index=0):
    """Pairs of features as complex numbers, turned one by one."""
    half = x.shape[-1] // 2
    y = np.empty(x.shape)
    for t, i in np.ndindex(x.shape[1], half):
        turn = np.exp(1j * (t + start_index) / longest ** (i / half))
        turned = (x[:, t, ..., i] + 1j * x[:, t, ..., i + half]) * turn
        y[:, t, ..., i], y[:, t, ..., i + half] = turned.real, turned.imag
    return y


def tokens_and_positions(x, embeddings, places=None):
    vectors = embeddings[x.astype(int)]
    if places is not None:
        return vectors + places[: x.shape[1]]
    return vectors * np.sqrt(vectors.shape[-1]) + waves(vectors)


def layer_norm(x, scale, offset, epsilon=1e-5):
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = (centred**2).mean(axis=-1, keepdims=True)
    return scale * centred / np.sqrt(variance + epsilon) + offset


def _around(part, norm, x, first):
    return x + part(layer_norm(x, *norm)) if first else layer_norm(x + part(x), *norm)


def _feed_forward(x, weights, first, activation):
    w1, b1, w2, b2, *norm = weights
    return _around(lambda x: activation(x @ w1 + b1) @ w2 + b2, norm, x, first)


def encoder(
    x, *weights, first=False, activation=relu, padding_mask=None, attention_mask=None
):
    def attend(x):
        return multi_head(
            x,
            x,
            *weights[:8],
            value_mask=padding_mask,
            attention_mask=attention_mask,
        )

    x = _around(attend, weights[8:10], x, first)
    return _feed_forward(x, weights[10:], first, activation)


def language_decoder(x, *weights, first=False, **masks):
    x = _attend_back(x, weights, first, **masks)
    return _feed_forward(x, weights[10:], first, relu)


def decoder(x, encoded, *weights, first=False, encoder_padding_mask=None, **masks):
    x = _attend_back(x, weights, first, **masks)

    def attend(x):
        return multi_head(x, encoded, *weights[10:18], value_mask=encoder_padding_mask)

    x = _around(attend, weights[18:20], x, first)
    return _feed_forward(x, weights[20:], first, relu)


def next_step(x, *weights, self_attention_cache, self_attention_cache_update_index):
    """Attends to the keys and values of a cache, and to the step itself."""
    cache = self_attention_cache.copy()
    length, outputs = cache.shape[2], np.empty(x.shape)
    for b, place in enumerate(self_attention_cache_update_index):
        for i, (kernel, bias) in enumerate((weights[2:4], weights[4:6])):
            cache[b, i, place % length] = np.einsum("f,fhs->hs", x[b, 0], kernel) + bias
        q = np.einsum("f,fhs->hs", x[b, 0], weights[0]) + weights[1]
        k, v = cache[b, :, : place + 1]
        scores = np.einsum("hs,khs->hk", q, k) / np.sqrt(q.shape[-1])
        mixed = np.einsum("hk,khs->hs", softmax(scores), v)
        outputs[b, 0] = np.einsum("hs,hsf->f", mixed, weights[6]) + weights[7]
    x = _around(lambda _: outputs, weights[8:10], x, first=False)
    return _feed_forward(x, weights[10:], False, relu), cache


def _attend_back(
    x, weights, first, use_causal_mask=True, decoder_padding_mask=None, **options
):
    def attend(x):
        return multi_head(
            x,
            x,
            *weights[:8],
            use_causal_mask=use_causal_mask,
            value_mask=decoder_padding_mask,
            **options,
        )

    return _around(attend, weights[8:10], x, first)
