"""Folders of files with a table beside them that says what is to be learned."""

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo.cli.main import run
from zoo.errors import DatasetError


def draw(folder, names):
    """Grey pictures, each of its own brightness, which is returned."""
    folder.mkdir(parents=True)
    values = np.random.default_rng(0).integers(20, 235, size=len(names)).tolist()
    for name, value in zip(names, values, strict=True):
        Image.fromarray(np.full((6, 6), value, "uint8")).save(folder / name)
    return values


def write(path, header, rows):
    lines = [",".join(map(str, row)) for row in (header, *rows)]
    path.write_text("\n".join(lines) + "\n")


def houses(folder, *, inside="img", suffix=".png"):
    """A price for each picture: half its brightness more."""
    names = [f"h{i:02}" for i in range(30)]
    values = draw(folder / inside, [f"{name}.png" for name in names])
    rows = [(f"{n}{suffix}", v * 1.5) for n, v in zip(names, values, strict=True)]
    write(folder / "prices.csv", ("image", "price"), rows)
    return folder


def assert_prices(data):
    assert (data.task, data.targets) == ("regression", ("price",))
    for split in data.splits.values():
        np.testing.assert_allclose(split.y[:, 0], split.x[:, 0, 0, 0] * 1.5)


@pytest.mark.parametrize("suffix", [".png", ""])
@pytest.mark.parametrize("inside", ["img", "train", "."])
def test_a_folder_of_pictures_and_a_table(tmp_path, inside, suffix):
    folder = tmp_path / "houses"
    if inside == ".":
        (tmp_path / "houses").mkdir()
        folder.rmdir()
    assert_prices(zoo.load_dataset(houses(folder, inside=inside, suffix=suffix)))


def test_names_without_suffix_in_a_table(tmp_path):
    houses(tmp_path / "houses", suffix="")
    assert_prices(zoo.load_dataset(tmp_path / "houses/prices.csv"))


def test_folders_of_classes_stay_classes(tmp_path):
    for kind in ("sun", "sea"):
        draw(tmp_path / kind, [f"{kind}{i}.png" for i in range(20)])
    rows = [(f"sun{i}.png", i / 7) for i in range(20)]
    write(tmp_path / "sizes.csv", ("file", "size"), rows)
    assert zoo.load_dataset(tmp_path).labels == ("sea", "sun")
    data = zoo.load_dataset(tmp_path / "sizes.csv")
    assert data.task == "regression"


def test_several_tables_are_a_question(tmp_path):
    houses(tmp_path)
    (tmp_path / "more.csv").write_bytes((tmp_path / "prices.csv").read_bytes())
    with pytest.raises(DatasetError, match=r"'more.csv' and 'prices.csv', which all"):
        zoo.load_dataset(tmp_path)


def test_the_folder_of_the_pictures_alone_says_where_the_table_is(tmp_path, capsys):
    houses(tmp_path)
    command = ["train", "lenet5", "--dataset", str(tmp_path / "img")]
    assert run([*command, "--output", str(tmp_path / "run")]) == 1
    err = capsys.readouterr().err
    assert "prices.csv beside the folder names pictures" in err
    assert f"--dataset {tmp_path / 'prices.csv'} learns what it says" in err
    # An autoencoder takes them as they are.
    assert zoo.load_dataset(tmp_path / "img").task == "reconstruction"


def test_numbers_are_no_names_of_files(tmp_path):
    rows = [(i, i % 7, "ab"[i % 2]) for i in range(30)]
    write(tmp_path / "t.csv", ("a", "b", "label"), rows)
    draw(tmp_path / "plots", ["0.png", "1.png", "loss.png"])
    assert zoo.load_dataset(tmp_path / "t.csv").input_shape == (2,)
