"""Arrays in `.npz` files."""

import numpy as np

from tests.zoo.odd_files.making import N, Row, X, Y, file, npz

ARRAYS = [
    Row("x and y", npz(x=X, y=Y), task="classification", labels=("0", "1"), shape=(3,)),
    Row(
        "with labels",
        npz(x=X, y=Y, labels=np.array(["no", "yes"])),
        task="classification",
        labels=("no", "yes"),
        shape=(3,),
    ),
    Row(
        "splits",
        npz(x_train=X, y_train=Y, x_test=X[:10], y_test=Y[:10]),
        task="classification",
        samples=50,
        labels=("0", "1"),
    ),
    Row(
        "pictures without channels",
        npz(x=np.zeros((N, 8, 8), "uint8"), y=Y),
        task="classification",
        shape=(8, 8, 1),
    ),
    Row("quantities", npz(x=X, y=X.sum(axis=1)), task="regression", shape=(3,)),
    Row(
        "NaN",
        npz(x=np.where(X > 2, np.nan, X) * np.nan, y=Y),
        refused="NaN or infinity",
    ),
    Row("of other lengths", npz(x=X, y=Y[:-1]), refused="40 samples but 39 labels"),
    Row("labels from 1", npz(x=X, y=Y + 1), refused="add some or renumber the labels"),
    Row("other names", npz(data=X, target=Y), refused="it must hold `x` and `y`"),
    Row(
        "truncated",
        file("t.npz", b"PK\x03\x04" + bytes(40)),
        refused="not a readable .npz",
    ),
    Row("one-hot labels", npz(x=X, y=np.eye(2)[Y]), refused="y.argmax(axis=1)"),
    Row("strings", npz(x=X.astype(str), y=Y), refused="numbers"),
]
