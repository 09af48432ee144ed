"""Recurrent layers in double precision, one sample and one step at a time."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def simple_step(x, states, kernel, recurrent, bias=0.0):
    h = np.tanh(x @ kernel + states[0] @ recurrent + bias)
    return h, [h]


def lstm_step(x, states, kernel, recurrent, bias=0.0):
    h, c = states
    n = len(h)
    a = x @ kernel + h @ recurrent + bias
    i, f, o = sigmoid(a[:n]), sigmoid(a[n : 2 * n]), sigmoid(a[3 * n :])
    c = f * c + i * np.tanh(a[2 * n : 3 * n])
    h = o * np.tanh(c)
    return h, [h, c]


def gru_step(x, states, kernel, recurrent, bias=None):
    """Reset after the product; two rows of bias."""
    (h,) = states
    n = len(h)
    b, d = np.zeros((2, 3 * n)) if bias is None else bias
    a, inner = x @ kernel + b, h @ recurrent + d
    z, r = sigmoid(a[:n] + inner[:n]), sigmoid(a[n : 2 * n] + inner[n : 2 * n])
    new = np.tanh(a[2 * n :] + r * inner[2 * n :])
    h = z * h + (1 - z) * new
    return h, [h]


def gru_before_step(x, states, kernel, recurrent, bias):
    """Reset before the product; one bias."""
    (h,) = states
    n = len(h)
    a = x @ kernel + bias
    z = sigmoid(a[:n] + h @ recurrent[:, :n])
    r = sigmoid(a[n : 2 * n] + h @ recurrent[:, n : 2 * n])
    new = np.tanh(a[2 * n :] + (r * h) @ recurrent[:, 2 * n :])
    h = z * h + (1 - z) * new
    return h, [h]


def stacked_step(*parts):
    """A step of several cells; each part is (step, number of weights, of states)."""

    def step(x, states, *weights):
        new_states = []
        for one, count, kept in parts:
            x, new = one(x, states[:kept], *weights[:count])
            new_states += new
            weights, states = weights[count:], states[kept:]
        return x, new_states

    return step


def starts(weights, count, units=None):
    """Zero states of the size that the recurrent kernel has rows."""
    return [np.zeros(units or weights[1].shape[0]) for _ in range(count)]


def rnn(
    step,
    states=1,
    sequences=False,
    state=False,
    backwards=False,
    zero=False,
    sizes=None,
):
    """The layer around a step; `sizes` are those of the states where they differ."""

    def one(x, mask, first, weights):
        now = [np.array(s) for s in first]
        order = range(len(x))[::-1] if backwards else range(len(x))
        outputs, last = [], None
        for t in order:
            y, new = step(x[t], now, *weights)
            if mask[t]:
                last, now = y, new
            else:
                last = np.zeros_like(y) if zero or last is None else last
            outputs.append(last)
        return np.array(outputs) if sequences else outputs[-1], now

    def layer(x, *weights, mask=None, initial_state=None):
        mask = np.ones(x.shape[:2], bool) if mask is None else mask
        found = []
        for b in range(len(x)):
            if initial_state is None:
                first = (
                    [np.zeros(n) for n in sizes] if sizes else starts(weights, states)
                )
            else:
                given = (
                    initial_state
                    if isinstance(initial_state, list | tuple)
                    else [initial_state]
                )
                first = [np.asarray(s)[b] for s in given]
            found.append(one(x[b], mask[b], first, weights))
        outputs = np.array([y for y, _ in found])
        if not state:
            return outputs
        lasts = zip(*(now for _, now in found), strict=True)
        return (outputs, *(np.array(s) for s in lasts))

    return layer


def cell(step, states):
    """One step for a batch; returns the output and the new states."""

    def call(x, *rest):
        given, weights = rest[:states], rest[states:]
        found = [step(x[b], [s[b] for s in given], *weights) for b in range(len(x))]
        news = zip(*(new for _, new in found), strict=True)
        return (np.array([y for y, _ in found]), *(np.array(s) for s in news))

    return call


def bidirectional(forward, backward, merge, weights_each, sequences=False):
    def layer(x, *weights, mask=None):
        options = {} if mask is None else {"mask": mask}
        a = forward(x, *weights[:weights_each], **options)
        b = backward(x, *weights[weights_each:], **options)
        return merge(a, b[:, ::-1] if sequences else b)

    return layer


def time_distributed(function):
    def layer(x, *weights):
        steps = [function(x[:, t], *weights) for t in range(x.shape[1])]
        return np.stack(steps, axis=1)

    return layer


def tree_lstm(sequences=False):
    """Child-sum, from the root downwards by recursion."""

    def node(j, x, parents, kernel, recurrent, bias):
        n = recurrent.shape[0]
        children = [
            node(k, x, parents, kernel, recurrent, bias)
            for k in range(len(parents))
            if parents[k] == j
        ]
        total = sum((h for h, _ in children), np.zeros(n))
        a, u = x[j] @ kernel + bias, total @ recurrent
        i, g, o = (a[k * n : k * n + n] + u[k * n : k * n + n] for k in (0, 2, 3))
        c = sigmoid(i) * np.tanh(g)
        for h_k, c_k in children:
            f = a[n : 2 * n] + h_k @ recurrent[:, n : 2 * n]
            c = c + sigmoid(f) * c_k
        return sigmoid(o) * np.tanh(c), c

    return _tree(node, sequences)


def tree_rnn(arity=2, sequences=False):
    """Recursive network, from the root downwards by recursion."""

    def node(j, x, parents, kernel, recurrent, bias):
        children = [k for k in range(len(parents)) if parents[k] == j]
        total = x[j] @ kernel + bias
        for place, k in enumerate(children):
            n, p = recurrent.shape[1], min(place, arity - 1)
            h, _ = node(k, x, parents, kernel, recurrent, bias)
            total = total + h @ recurrent[p * n : (p + 1) * n]
        return np.tanh(total), None

    return _tree(node, sequences)


def _tree(node, sequences):
    def layer(x, parents, *weights):
        outputs = []
        for one, up in zip(x, parents.astype(int), strict=True):
            h = [node(j, one, up, *weights)[0] * (up[j] >= -1) for j in range(len(up))]
            roots = [h[j] for j in range(len(up)) if up[j] == -1]
            outputs.append(np.array(h) if sequences else np.sum(roots, axis=0))
        return np.array(outputs)

    return layer
