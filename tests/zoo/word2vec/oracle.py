"""The updates of a block as word2vec's papers define them, pair by pair."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def centres(block, window, size):
    """Yields the places of each word of a block that has a window, and of its words."""
    edge = 2 * window
    for j in range(len(block.words)):
        inside = [
            i
            for i in range(max(0, j - block.width[j]), j + block.width[j] + 1)
            if i != j
            and i < len(block.words)
            and block.sentence[i] == block.sentence[j] >= 0
        ]
        yield j, inside, edge <= j < edge + size


def ns_skip_gram(v, u, block, rate, window, negatives, sizes):
    """Skip-gram with negative sampling: pairs whose context is a word of the block."""
    size, group, shared = sizes
    dv, du, loss, count = np.zeros_like(v), np.zeros_like(u), 0.0, 0
    edge = 2 * window
    for j, inside, _ in centres(block, window, size):
        for i in inside:
            if not edge <= i < edge + size:
                continue
            noise = block.negatives[(i - edge) // group]
            loss += _pair(v, u, block.words[i], block.words[j], 1, 1, rate, dv, du)
            for k in noise:
                weight = negatives / shared
                loss += _pair(v, u, block.words[i], k, 0, weight, rate, dv, du)
            count += 1
    return v + dv, u + du, loss, count


def _pair(v, u, i, j, label, weight, rate, dv, du):
    p = sigmoid(v[i] @ u[j])
    g = rate * weight * (label - p)
    dv[i] += g * u[j]
    du[j] += g * v[i]
    return -weight * np.log(p if label else 1 - p)


def ns_cbow(v, u, block, rate, window, negatives, sizes):
    """CBOW with negative sampling; every word of a window gets the whole error."""
    size, group, shared = sizes
    dv, du, loss, count = np.zeros_like(v), np.zeros_like(u), 0.0, 0
    for j, inside, is_inner in centres(block, window, size):
        if not inside or not is_inner:
            continue
        h = np.mean([v[block.words[i]] for i in inside], axis=0)
        noise = block.negatives[(j - 2 * window) // group]
        error = np.zeros_like(h)
        targets = [(block.words[j], 1, 1.0)]
        targets += [(k, 0, negatives / shared) for k in noise]
        for k, label, weight in targets:
            p = sigmoid(h @ u[k])
            g = rate * weight * (label - p)
            error += g * u[k]
            du[k] += g * h
            loss -= weight * np.log(p if label else 1 - p)
        for i in inside:
            dv[block.words[i]] += error
        count += 1
    return v + dv, u + du, loss, count


def _path(h, u, codes, points, rate, du):
    error, loss = np.zeros_like(h), 0.0
    for code, node in zip(codes, points, strict=True):
        if code < 0:
            break
        p = sigmoid(h @ u[node])
        g = rate * (1 - code - p)
        error += g * u[node]
        du[node] += g * h
        loss -= np.log(p if code == 0 else 1 - p)
    return error, loss


def hs_cbow(v, u, block, rate, window, codes, points, size):
    """CBOW with hierarchical softmax."""
    dv, du, loss, count = np.zeros_like(v), np.zeros_like(u), 0.0, 0
    for j, inside, is_inner in centres(block, window, size):
        if not inside or not is_inner:
            continue
        word = block.words[j]
        h = np.mean([v[block.words[i]] for i in inside], axis=0)
        error, more = _path(h, u, codes[word], points[word], rate, du)
        for i in inside:
            dv[block.words[i]] += error
        loss, count = loss + more, count + 1
    return v + dv, u + du, loss, count


def hs_skip_gram(v, u, block, rate, window, codes, points, size):
    """Skip-gram with hierarchical softmax: pairs whose target is in the block."""
    dv, du, loss, count = np.zeros_like(v), np.zeros_like(u), 0.0, 0
    for j, inside, is_inner in centres(block, window, size):
        for i in inside if is_inner else ():
            target, word = block.words[j], block.words[i]
            error, more = _path(v[word], u, codes[target], points[target], rate, du)
            dv[word] += error
            loss, count = loss + more, count + 1
    return v + dv, u + du, loss, count
