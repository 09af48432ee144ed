"""Folders of pictures as people have them: each is read right, or refused in a line."""

import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo.datasets import picture_file
from zoo.datasets.picture_file import read_picture
from zoo.datasets.split_folders import split_of
from zoo.errors import DatasetError

ORIENTATION = 0x0112


def write(folder, count=12, value=10, mode="L"):
    folder.mkdir(parents=True)
    for i in range(count):
        Image.new(mode, (6, 5), value + i).save(folder / f"{i}.png")


def classes(folder):
    for number, label in enumerate(("cat", "dog")):
        write(folder / label, value=100 * number)


def said(data):
    return " ".join(str(finding) for finding in data.findings)


def sizes(data):
    return {name: len(split.y) for name, split in data.splits.items()}


def test_a_large_picture_is_laid_on_white_band_by_band(tmp_path, monkeypatch):
    """Whole, one of 100 million pixels took 1.9 GB."""
    pixels = np.random.default_rng(0).integers(256, size=(1000, 3, 4)).astype("uint8")
    Image.fromarray(pixels).save(tmp_path / "x.png")
    white = Image.new("RGBA", (3, 1000), "white")
    expected = Image.alpha_composite(white, Image.fromarray(pixels)).convert("RGB")
    heights, compose = [], Image.alpha_composite

    def composed(below, above):
        heights.append(above.height)
        return compose(below, above)

    monkeypatch.setattr(picture_file.Image, "alpha_composite", composed)
    found = read_picture(tmp_path / "x.png")
    np.testing.assert_array_equal(np.asarray(found), np.asarray(expected))
    assert sum(heights) == 1000 and max(heights) <= 256


@pytest.mark.parametrize(
    ("train", "validation", "test"),
    [
        ("Training", "Valid", "Testing"),
        ("TRAIN", "dev", "Test"),
        ("train_set", "val_set", "test_set"),
        ("train-images", "validation-images", "eval"),
        ("01_training", "02_development", "03_holdout"),
        ("Trainset", "valset", "TestSet"),
    ],
)
def test_splits_under_any_usual_name(tmp_path, train, validation, test):
    for split in (train, validation, test):
        classes(tmp_path / split)
    data = zoo.load_dataset(tmp_path)
    assert data.labels == ("cat", "dog")
    assert sizes(data) == {"train": 24, "validation": 24, "test": 24}


def test_a_class_may_be_called_train(tmp_path):
    for label in ("train", "bus", "test"):
        write(tmp_path / label)
    assert zoo.load_dataset(tmp_path).labels == ("bus", "test", "train")


def test_a_folder_beside_the_splits_is_said(tmp_path):
    for split in ("train", "test"):
        classes(tmp_path / split)
    write(tmp_path / "unlabeled")
    data = zoo.load_dataset(tmp_path)
    assert data.labels == ("cat", "dog")
    assert "unlabeled beside the splits: not used." in said(data)


def test_two_folders_of_one_split_are_a_question(tmp_path):
    for split in ("train", "Training"):
        classes(tmp_path / split)
    with pytest.raises(DatasetError, match="'Training' and 'train' are both for train"):
        zoo.load_dataset(tmp_path)


def test_splits_without_one_to_train_on_are_refused(tmp_path):
    for split in ("val", "test"):
        classes(tmp_path / split)
    with pytest.raises(DatasetError, match="no folder to train on; call it train"):
        zoo.load_dataset(tmp_path)


@pytest.mark.parametrize(
    "name", ["cats", "trains", "vehicle_train_bus", "", "validity"]
)
def test_other_names_are_no_splits(name):
    assert split_of(name) is None


def test_the_folder_of_an_archive_is_entered(tmp_path):
    classes(tmp_path / "flowers" / "flower_photos")
    data = zoo.load_dataset(tmp_path)
    assert data.labels == ("cat", "dog")
    assert "reads flowers, the only folder" in said(data)


def test_what_programs_put_there_is_left_out(tmp_path):
    classes(tmp_path)
    write(tmp_path / ".ipynb_checkpoints")
    write(tmp_path / "cat" / ".ipynb_checkpoints")
    write(tmp_path / "__MACOSX" / "cat")
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "._0.png"):
        (tmp_path / "cat" / name).write_bytes(b"\0\1")
    data = zoo.load_dataset(tmp_path)
    assert data.labels == ("cat", "dog")
    assert sum(sizes(data).values()) == 24
    assert data.findings == ()


def test_other_files_are_said(tmp_path):
    classes(tmp_path)
    for name in ("a.txt", "b.csv", "c.pdf", "d.xmp"):
        (tmp_path / "cat" / name).write_text("no picture")
    data = zoo.load_dataset(tmp_path)
    assert sum(sizes(data).values()) == 24
    assert "a.txt, b.csv, d.xmp: no images, not used." in said(data)
    assert "c.pdf are not read; convert each to .png" in said(data)


@pytest.mark.parametrize("name", ["photo", "photo.jfif", "photo.JPG", "scan.0001"])
def test_pictures_of_any_suffix_are_seen(tmp_path, name):
    classes(tmp_path)
    Image.new("L", (6, 5), 250).save(tmp_path / "cat" / name, format="JPEG")
    assert sum(sizes(zoo.load_dataset(tmp_path)).values()) == 25


def test_a_pipe_is_no_picture(tmp_path):
    classes(tmp_path)
    os.mkfifo(tmp_path / "cat" / "pipe.png")
    assert sum(sizes(zoo.load_dataset(tmp_path)).values()) == 24


def corners():
    """A picture whose four corners differ."""
    pixels = np.full((16, 24), 128, "uint8")
    pixels[:8, :12], pixels[:8, 12:] = 0, 80
    pixels[8:, :12], pixels[8:, 12:] = 160, 240
    return pixels


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(tmp_path, orientation):
    # What a viewer does with the stored pixels, by the meaning of each value in EXIF.
    stored = {
        1: lambda x: x,
        2: np.fliplr,
        3: lambda x: np.rot90(x, 2),
        4: np.flipud,
        5: np.transpose,
        6: lambda x: np.rot90(x, 1),
        7: lambda x: np.rot90(np.transpose(x), 2),
        8: lambda x: np.rot90(x, -1),
    }[orientation](corners())
    picture = Image.fromarray(np.ascontiguousarray(stored))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    picture.save(tmp_path / "x.png", exif=exif)
    np.testing.assert_array_equal(
        np.asarray(read_picture(tmp_path / "x.png")), corners()
    )


def test_turned_pictures_have_one_size_and_are_said(tmp_path):
    classes(tmp_path)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    Image.new("L", (5, 6)).save(tmp_path / "cat" / "turned.jpg", exif=exif)
    data = zoo.load_dataset(tmp_path)
    assert data.input_shape == (5, 6, 1)
    assert "1 of 25 images are turned upright, as EXIF says." in said(data)
    assert "resized" not in said(data)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_black_icons_stay_visible(tmp_path, mode):
    icon = Image.new("RGBA", (6, 5), (0, 0, 0, 0))
    icon.putpixel((2, 2), (0, 0, 0, 255))
    if mode == "P":
        icon = icon.convert("RGB").quantize(2)
        icon.putpixel((0, 0), 0)
        icon.info["transparency"] = 0
        icon.save(tmp_path / "x.png", transparency=0)
        assert np.asarray(read_picture(tmp_path / "x.png"))[0, 0].tolist() == [255] * 3
        return
    icon.convert(mode).save(tmp_path / "x.png")
    pixels = np.asarray(read_picture(tmp_path / "x.png").convert("L"))
    assert pixels[2, 2] == 0
    assert pixels.sum() == 255 * 29


def test_sixteen_bits_are_scaled(tmp_path):
    classes(tmp_path)
    deep = np.array([[0, 32768, 65535]], "uint16").repeat(5, 0).repeat(2, 1)
    Image.fromarray(deep).save(tmp_path / "cat" / "deep.png")
    read = np.asarray(read_picture(tmp_path / "cat" / "deep.png"))
    assert read[0].tolist() == [0, 0, 128, 128, 255, 255]
    data = zoo.load_dataset(tmp_path)
    assert "1 of 25 images have 16 bits, scaled to 0..255." in said(data)


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "RGB"])
def test_colours(tmp_path, mode):
    Image.new("RGB", (6, 5), (200, 30, 60)).convert(mode).save(
        tmp_path / "x.tif", compression="raw"
    )
    pixels = np.asarray(read_picture(tmp_path / "x.tif"))
    np.testing.assert_allclose(pixels[0, 0], [200, 30, 60], atol=3)


def png(width, height):
    """The header of a picture of that size, and no pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + header
        + struct.pack(">I", zlib.crc32(header))
    )


@pytest.mark.parametrize("size", [60_000, 12_000])
def test_a_picture_of_billions_of_pixels_is_refused(tmp_path, size):
    classes(tmp_path)
    (tmp_path / "cat" / "zz.png").write_bytes(png(size, size))
    with pytest.raises(DatasetError, match="zz.png"):
        zoo.load_dataset(tmp_path)
    assert size**2 > picture_file.MAX_PIXELS


@pytest.mark.parametrize("length", [0, 1, 9, 20, 40, 50])
def test_a_damaged_picture_is_one_line(tmp_path, length):
    classes(tmp_path)
    path = tmp_path / "dog" / "3.png"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(DatasetError, match=r"3\.png is (truncated|not a readable)"):
        zoo.load_dataset(tmp_path)
