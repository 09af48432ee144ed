"""Folders of pictures."""

import numpy as np
from PIL import Image

from tests.zoo.odd_files.making import (
    MATRIX,
    PICTURES,
    Row,
    csv,
    file,
    picture,
    pictures,
    plain,
    tree,
)


def named_pictures(name, below=""):
    """A folder of pictures, and a table with a label of each."""
    rows = "".join(f"{name(i)},{'ab'[i % 2]}\n" for i in range(24))
    files = {f"{below}{i}.png": picture(value=9 * i + 1) for i in range(24)}
    return tree(files | {"labels.csv": "file,label\n" + rows})


def beside_numbered_pictures(folder):
    """A table whose label, 0 to 3, is what the pictures beside it are called."""
    tree({f"im/{i}.png": picture() for i in range(5)})(folder)
    rows = {**plain(), "label": lambda i: i % 4}
    return csv(rows, "data/t.csv")(folder)


PICTURE_ROWS = [
    Row("PNG", tree(pictures()), **PICTURES, shape=(6, 8, 3)),
    Row("JPEG", tree(pictures(suffix="jpg", kind="JPEG")), **PICTURES, shape=(6, 8, 3)),
    Row(
        ".jfif", tree(pictures(suffix="jfif", kind="JPEG")), **PICTURES, shape=(6, 8, 3)
    ),
    Row(
        ".JPEG", tree(pictures(suffix="JPEG", kind="JPEG")), **PICTURES, shape=(6, 8, 3)
    ),
    Row("GIF", tree(pictures(suffix="gif", kind="GIF", mode="P")), **PICTURES),
    Row("BMP", tree(pictures(suffix="bmp", kind="BMP")), **PICTURES, shape=(6, 8, 3)),
    Row(
        "WebP",
        tree(pictures(suffix="webp", kind="WEBP", lossless=True)),
        **PICTURES,
        shape=(6, 8, 3),
    ),
    Row(
        "TIFF", tree(pictures(suffix="tiff", kind="TIFF")), **PICTURES, shape=(6, 8, 3)
    ),
    Row(
        "no suffix",
        tree(
            {name.removesuffix(".png"): content for name, content in pictures().items()}
        ),
        **PICTURES,
        shape=(6, 8, 3),
    ),
    Row(
        "grey",
        tree(pictures(mode="L")),
        **PICTURES,
        shape=(6, 8, 1),
        check=lambda d: set(np.unique(d.train.x)) <= set(range(10, 130, 10)),
    ),
    Row("palette", tree(pictures(mode="P")), **PICTURES),
    Row(
        "CMYK",
        tree(pictures(suffix="jpg", kind="JPEG", mode="CMYK")),
        **PICTURES,
        shape=(6, 8, 3),
    ),
    Row(
        "16 bits",
        tree(pictures(mode="I;16")),
        **PICTURES,
        shape=(6, 8, 1),
        check=lambda d: abs(int(max(s.x.max() for s in d.splits.values())) - 120) <= 1,
    ),
    Row(
        "transparent",
        tree(pictures(mode="RGBA")),
        **PICTURES,
        shape=(6, 8, 3),
        check=lambda d: d.train.x.min() == 255,
    ),
    Row(
        "grey and transparent",
        tree(pictures(mode="LA")),
        **PICTURES,
        check=lambda d: d.train.x.min() == 255,
    ),
    Row(
        "of two sizes",
        tree(pictures() | {"cat/big.png": picture((16, 12))}),
        **PICTURES | {"samples": 25},
        shape=(6, 8, 3),
    ),
    Row(
        "hidden copies",
        tree(
            pictures()
            | {f"{k}/.ipynb_checkpoints/0.png": picture() for k in ("cat", "dog")}
            | {".git/a.png": picture(), "cat/Thumbs.db": b"x", "cat/.DS_Store": b"x"}
        ),
        **PICTURES,
    ),
    Row("an extra folder on top", tree(pictures(below="archive/")), **PICTURES),
    Row(
        "splits of other names",
        tree(
            {
                f"{s}/{k}/{i}.png": picture(value=20 * i + 1)
                for s in ("Training", "Valid", "Testing")
                for k in ("cat", "dog")
                for i in range(4)
            }
        ),
        **PICTURES,
        check=lambda d: [len(s.y) for s in d.splits.values()] == [8, 8, 8],
    ),
    Row(
        "train and val",
        tree(
            {
                f"{s}/{k}/{i}.png": picture(value=20 * i + 1)
                for s in ("train", "val")
                for k in ("cat", "dog")
                for i in range(6)
            }
        ),
        **PICTURES,
        check=lambda d: len(d.validation.y) == 12,
    ),
    Row(
        "a class in test alone",
        tree(
            {f"train/{k}/{i}.png": picture() for k in ("cat", "dog") for i in range(6)}
            | {"test/fox/1.png": picture()}
        ),
        refused="holds classes that train lacks: fox",
    ),
    Row(
        "a folder beside the splits",
        tree(
            {
                f"{s}/{k}/{i}.png": picture(value=9 * i + 1)
                for s in ("train", "test")
                for k in ("cat", "dog")
                for i in range(6)
            }
            | {"extra/cat/1.png": picture()}
        ),
        **PICTURES,
        finds=("unused_folder",),
    ),
    Row("one class", tree(pictures(classes=("cat",))), refused="one class"),
    Row("an empty class", tree(pictures() | {"fox/readme.txt": "none"}), refused="fox"),
    Row(
        "a broken picture",
        tree(pictures() | {"cat/bad.png": picture()[:40]}),
        refused="bad.png",
    ),
    Row(
        "text called PNG",
        tree(pictures() | {"cat/bad.png": b"hello"}),
        refused="bad.png",
    ),
    Row("an empty folder", lambda folder: folder, refused="is empty"),
    Row(
        "turned by EXIF",
        tree(
            pictures(
                suffix="jpg",
                kind="JPEG",
                exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0",
            )
        ),
        **PICTURES,
        shape=(8, 6, 3),
    ),
    Row(
        "a target for folders of classes",
        tree(pictures()),
        refused="a folder of images: its folders are the classes ('cat' and 'dog'), so "
        "leave it out; to learn something else of the files, give a .csv table",
        reading={"target": "cat"},
    ),
    Row(
        "a target for folders of splits",
        tree(pictures(below="train/") | pictures(below="test/")),
        refused="its folders are the classes ('cat' and 'dog')",
        reading={"target": "cat"},
    ),
    Row(
        "a target for pictures alone",
        tree({f"{i}.png": picture(value=9 * i + 1) for i in range(24)}),
        refused="its images have no labels; give a .csv table",
        reading={"target": "cat"},
    ),
    Row(
        "classes that differ in case",
        tree(pictures() | pictures(classes=("Cat",))),
        task="classification",
        samples=36,
        labels=("Cat", "cat", "dog"),
        finds=("near_twins",),
    ),
    Row(
        "a table with paths of Windows",
        named_pictures(lambda i: f"im\\{i}.png", "im/"),
        task="classification",
        samples=24,
        labels=("a", "b"),
    ),
    Row(
        "a table with paths of another machine",
        named_pictures(lambda i: f"C:\\data\\im\\{i}.png", "im/"),
        task="classification",
        samples=24,
        labels=("a", "b"),
    ),
    Row(
        "a table with a row of no file",
        named_pictures(lambda i: "" if i == 3 else f"{i}.png"),
        task="classification",
        samples=23,
        finds=("missing_files",),
    ),
    Row(
        "labels of pictures in JSON",
        tree(
            {f"{i}.png": picture(value=9 * i + 1) for i in range(24)}
            | {"annotations.json": "{}"}
        ),
        task="reconstruction",
        samples=24,
        finds=("table_inside", "unlabelled"),
    ),
    Row(
        "animated",
        tree(
            {
                f"{label}/{i}.gif": picture(
                    kind="GIF",
                    value=9 * i + 5,
                    save_all=True,
                    append_images=[Image.new("RGB", (8, 6))],
                )
                for label in ("cat", "dog")
                for i in range(12)
            }
        ),
        **PICTURES,
        shape=(6, 8, 3),
        finds=("frames",),
        check=lambda d: d.train.x[...].max() > 90,
    ),
    Row(
        "12 of 16 bits",
        tree(
            {
                f"{label}/{i}.tif": picture(mode="I;16", kind="TIFF", value=i)
                for label in ("cat", "dog")
                for i in range(12)
            }
        ),
        **PICTURES,
        shape=(6, 8, 1),
        finds=("scaled", "dark"),
    ),
    Row(
        "one picture",
        file("t.png", picture()),
        refused="t.png is one picture; a dataset is a folder with one for each class",
    ),
    Row(
        "a table of whole numbers beside numbered pictures",
        beside_numbered_pictures,
        task="classification",
        labels=("0", "1", "2", "3"),
        shape=MATRIX,
    ),
]
