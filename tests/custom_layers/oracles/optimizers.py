"""Update rules and clipping in double precision."""

import numpy as np


def sgd(w, gradients, learning_rate, momentum=0.0, nesterov=False):
    v = np.zeros_like(w)
    for g in gradients:
        v = momentum * v - learning_rate * g
        w = w + (momentum * v - learning_rate * g if nesterov else v)
    return w


def adagrad(w, gradients, learning_rate, initial_accumulator_value=0.1, epsilon=1e-7):
    total = initial_accumulator_value
    for g in gradients:
        total = total + g**2
        w = w - learning_rate * g / np.sqrt(total + epsilon)
    return w


def rmsprop(
    w, gradients, learning_rate, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False
):
    square = mean = step = 0.0
    for g in gradients:
        square = rho * square + (1 - rho) * g**2
        mean = rho * mean + (1 - rho) * g
        variance = square - mean**2 if centered else square
        step = momentum * step + learning_rate * g / np.sqrt(variance + epsilon)
        w = w - step
    return w


def adadelta(w, gradients, learning_rate, rho=0.95, epsilon=1e-7):
    squares = steps = 0.0
    for g in gradients:
        squares = rho * squares + (1 - rho) * g**2
        step = np.sqrt(steps + epsilon) / np.sqrt(squares + epsilon) * g
        steps = rho * steps + (1 - rho) * step**2
        w = w - learning_rate * step
    return w


def adam(
    w, gradients, learning_rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False
):
    return adamw(
        w, gradients, learning_rate, 0.0, beta_1, beta_2, epsilon, amsgrad=amsgrad
    )


def adamw(
    w,
    gradients,
    learning_rate,
    weight_decay=0.004,
    beta_1=0.9,
    beta_2=0.999,
    epsilon=1e-7,
    amsgrad=False,
):
    m, v, highest = np.zeros_like(w), np.zeros_like(w), np.zeros_like(w)
    for t, g in enumerate(gradients, start=1):
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g**2
        highest = np.maximum(highest, v) if amsgrad else v
        rate = learning_rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        w = w - learning_rate * weight_decay * w
        w = w - rate * m / (np.sqrt(highest) + epsilon)
    return w


def perceptron_rule(w, gradients, learning_rate=1.0):
    return w - learning_rate * sum(gradients)


def clip_by_value(*gradients, limit):
    return [np.sign(g) * np.minimum(np.abs(g), limit) for g in gradients]


def clip_by_norm(*gradients, limit):
    return [clip_by_global_norm(g, limit=limit)[0] for g in gradients]


def clip_by_global_norm(*gradients, limit):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in gradients]))
    return [g * min(1, limit / norm) for g in gradients]
