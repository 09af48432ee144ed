"""Optimizers."""

from benchmarks.cases import OptimizerCase

_RULES = [
    ("SGD", {}),
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("Adagrad", {}),
    ("RMSprop", {}),
    # A constant gradient has no variance: epsilon keeps the step finite.
    ("RMSprop", {"centered": True, "epsilon": 1e-3}),
    ("RMSprop", {"momentum": 0.9}),
    ("Adadelta", {}),
    ("Adam", {}),
    ("Adam", {"amsgrad": True}),
    ("AdamW", {}),
]

CASES = [
    OptimizerCase(name, kwargs, rows=rows)
    for rows in (0, 32 * 50)
    for name, kwargs in _RULES
    # Keras' centered RMSprop fails where a word occurs twice in a batch.
    if not (rows and "centered" in kwargs)
]
