"""Arrays in `.npz` files."""

import numpy as np

from tests.zoo.odd_files.making import N, Row, X, Y, file, npz

# Of three labels, samples have the first, the others, or none.
SEVERAL = np.array([(1, 0, 0), (0, 1, 1), (0, 0, 0), (1, 1, 0)], "uint8")[
    np.arange(N) % 4
]

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
    Row("other names", npz(a=X, b=Y), refused="it must hold `x` and `y`"),
    Row(
        "data and target, as scikit-learn calls them",
        npz(data=X, target=Y),
        task="classification",
        labels=("0", "1"),
        shape=(3,),
    ),
    Row(
        "all of a set of scikit-learn",
        npz(
            data=X,
            target=Y,
            frame=np.array(None),
            target_names=np.array(["no", "yes"]),
            DESCR=np.array("of flowers"),
        ),
        task="classification",
        labels=("no", "yes"),
        shape=(3,),
        finds=("unused_arrays",),
    ),
    Row(
        "objects as targets",
        npz(data=X, target=np.array([None] * N)),
        refused="target.npy: it holds Python objects, not numbers or texts",
    ),
    Row(
        "MedMNIST",
        npz(
            train_images=np.full((N, 8, 8), 7, "uint8"),
            train_labels=Y[:, None].astype("uint8"),
            val_images=np.full((6, 8, 8), 8, "uint8"),
            val_labels=Y[:6, None].astype("uint8"),
            test_images=np.full((10, 8, 8), 9, "uint8"),
            test_labels=Y[:10, None].astype("uint8"),
        ),
        task="classification",
        samples=56,
        labels=("0", "1"),
        shape=(8, 8, 1),
        check=lambda d: (
            [d.train.x.max(), d.validation.x.max(), d.test.x.min()] == [7, 8, 9]
            and d.test.y.tolist() == [0, 1] * 5
        ),
    ),
    Row(
        "several labels, as in ChestMNIST",
        npz(train_images=np.zeros((N, 8, 8), "uint8"), train_labels=SEVERAL),
        task="multi_label",
        labels=("0", "1", "2"),
        shape=(8, 8, 1),
        check=lambda d: sum(split.y.sum() for split in d.splits.values()) == 50,
    ),
    Row(
        "several labels with names",
        npz(x=X, y=SEVERAL.astype("float32"), labels=np.array(["sun", "rain", "fog"])),
        task="multi_label",
        labels=("sun", "rain", "fog"),
    ),
    Row(
        "images and their classes, called otherwise",
        npz(images=X, labels=np.array(["no", "yes"]), y=Y),
        task="classification",
        labels=("no", "yes"),
        shape=(3,),
    ),
    Row(
        "samples and names of classes without labels",
        npz(x=X, labels=np.array(["no", "yes"])),
        refused="40 samples but 2 labels",
    ),
    Row(
        "truncated",
        file("t.npz", b"PK\x03\x04" + bytes(40)),
        refused="not a readable .npz",
    ),
    Row("one-hot labels", npz(x=X, y=np.eye(2)[Y]), refused="y.argmax(axis=1)"),
    Row(
        "big-endian numbers",
        npz(x=X.astype(">f4"), y=Y.astype(">i8")),
        task="classification",
        labels=("0", "1"),
        check=lambda d: d.train.x.dtype.isnative and abs(d.train.x).max() < 9,
    ),
    Row(
        "numbers of 80 bits",
        npz(x=X.astype("longdouble"), y=Y),
        task="classification",
        check=lambda d: d.train.x.dtype == "float32",
    ),
    Row(
        "numbers beyond float32",
        npz(x=X * 1e300, y=Y),
        refused="40 of 40 samples hold NaN or infinity (in float32)",
    ),
    Row("strings", npz(x=X.astype(str), y=Y), refused="numbers"),
    Row(
        "X and y as scikit-learn has them",
        npz(X=X, y=Y),
        task="classification",
        labels=("0", "1"),
        shape=(3,),
    ),
    Row(
        "a split called val",
        npz(X_train=X, y_train=Y, X_val=X[:10], y_val=Y[:10]),
        task="classification",
        samples=50,
        check=lambda d: len(d.validation.y) == 10,
    ),
    Row(
        "an array beside",
        npz(x=X, y=Y, ids=np.arange(N)),
        task="classification",
        finds=("unused_arrays",),
    ),
    Row(
        "names as labels",
        npz(x=X, y=np.array(["no", "yes"])[Y]),
        task="classification",
        labels=("no", "yes"),
        check=lambda d: set(d.test.y) == {0, 1},
    ),
    Row(
        "a name in test alone",
        npz(
            x_train=X, y_train=np.array(list("ab"))[Y], x_test=X[:2], y_test=list("ac")
        ),
        refused="the label 'c' stands in no training sample",
    ),
    Row(
        "channels first",
        npz(x=np.zeros((N, 3, 32, 32), "uint8"), y=Y),
        task="classification",
        finds=("channels_first",),
    ),
    Row(
        "numbers that float32 cannot tell apart",
        npz(x=np.arange(N * 3).reshape(N, 3) + 10**12, y=Y),
        refused="of 40 different values in column 0 of x, 1 are left in float32",
    ),
    Row(
        "quantities as labels",
        npz(x=X, y=np.arange(N) * 3),
        refused="give --task regression if these are quantities",
    ),
]
