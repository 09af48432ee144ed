"""The files of a TFDS set, checked before TFDS and TensorFlow read them."""

import io
import os
import re
import stat
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from zoo.bounds import parse_json, read_bytes
from zoo.datasets.picture_file import are_too_many
from zoo.errors import DatasetError

_HEAD, LEAST_RECORD = 12, 16  # bytes before a record, and around it
_FORMATTING = re.compile(r"\{[A-Z_]*[^A-Z_}]")  # within braces
_PNG = b"\x89PNG\r\n\x1a\n"
_FORMATS = ("PNG", "JPEG")  # those that TFDS writes


def check_files(folder: Path) -> None:
    """Checks that a set consists of files of its own.

    TensorFlow waits for a pipe without end, and takes no signal meanwhile.

    Args:
        folder: Of the set, with its configurations and versions.

    Raises:
        DatasetError: If it holds a pipe, a device, or a link that leads out of it.
    """
    root = folder.resolve()
    for place, folders, files in os.walk(root):
        for path in (Path(place, name) for name in (*folders, *files)):
            target = Path(os.path.realpath(path))  # also of links in a circle
            if path.is_symlink() and not target.is_relative_to(root):
                raise DatasetError(
                    f"{path} is a link that leads out of the set; copy what it leads "
                    "to into its place."
                )
            mode = target.stat().st_mode if target.exists() else 0
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise DatasetError(
                    f"{path} is no regular file; a set with such files is not read."
                )


def check_splits(folder: Path) -> None:
    """Checks how the splits of a set name their files, before TFDS makes the names.

    A name is made for each shard, by `str.format`, in which `{A:999999999}` asks for
    as many characters.

    Args:
        folder: Of the set, with its configurations and versions.

    Raises:
        DatasetError: If a name is made of anything but names in braces, or there are
            more shards than files.
    """
    for path in sorted(folder.rglob("dataset_info.json")):
        try:
            content = parse_json(read_bytes(path))
        except (OSError, ValueError) as error:
            raise DatasetError(
                f"{path} is damaged; prepare the set again. ({error})"
            ) from error
        splits = content.get("splits") if isinstance(content, dict) else None
        files = sum(1 for _ in path.parent.iterdir())
        for split in splits if isinstance(splits, list) else ():
            if not isinstance(split, dict):
                continue
            held = {key.replace("_", "").lower(): split[key] for key in split}
            template, shards = held.get("filepathtemplate"), held.get("shardlengths")
            if _FORMATTING.search(str(template)):
                raise DatasetError(
                    f"{path} says that files are called {str(template)[:100]!r}, as "
                    "TFDS calls none; prepare the set again."
                )
            if isinstance(shards, list) and len(shards) > files:
                raise DatasetError(
                    f"{path} says that a split has {len(shards):,} files; {files:,} "
                    "are there. Prepare the set again."
                )


def check_shards(name: str, builder: Any) -> None:
    """Checks that the files of all splits are whole, and stand beside the others.

    Args:
        name: Of the set.
        builder: A TFDS builder whose set is prepared.

    Raises:
        DatasetError: If a file is missing or damaged, or its place another one; if the
            set is not stored as TFRecord files, or has other numbers of examples.
    """
    kind = builder.info.file_format
    if kind is not None and kind.value != "tfrecord":
        raise DatasetError(
            f"TFDS set {name!r} is stored as {kind.value}; prepare it again as "
            "TFRecord files, the default of `tfds build`."
        )
    folder = Path(builder.data_path).resolve()
    for split, info in builder.info.splits.items():
        if not info.num_examples:
            raise DatasetError(
                f"TFDS set {name!r} says that {split} has no examples; prepare the set "
                "again."
            )
        held = 0
        for path in map(Path, info.filepaths):
            if path.parent.resolve() != folder:
                raise DatasetError(
                    f"TFDS set {name!r} says that records of it are in {path}, which "
                    "is in another folder; it is not read."
                )
            held += _count_records(path)
        if held != info.num_examples:
            raise DatasetError(
                f"TFDS set {name!r} says that {split} has {info.num_examples:,} "
                f"examples; its files hold {held:,}. Prepare the set again."
            )


def _count_records(path: Path) -> int:
    r"""Counts the records of a file by what each says of its length :math:`n`.

    A record has the bytes

    .. math::

        \text{length}_8 \; \text{checksum}_4 \; \text{data}_n \; \text{checksum}_4

    TensorFlow allocates as many as a record says, and compares the checksums.
    """
    place, count = 0, 0
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        while place < size:
            head = file.read(_HEAD)
            place += LEAST_RECORD + int.from_bytes(head[:8], "little")
            if len(head) < _HEAD or place > size:
                raise DatasetError(
                    f"{path} is cut off or damaged; prepare the set again."
                )
            file.seek(place)
            count += 1
    return count


def check_images(name: str, images: Sequence[bytes], shape: tuple[int, ...]) -> None:
    """Checks the headers of pictures, before TensorFlow decodes them.

    Args:
        name: Of the set.
        images: As they are stored; those that are decoded together.
        shape: What the set says of each: height, width and channels.

    Raises:
        DatasetError: If one has another size, or is neither PNG nor JPEG; if they
            unfold to far more than their bytes.
    """
    height, width = shape[:2]
    held = sum(map(len, images))
    if are_too_many(len(images) * height * width, held):
        raise DatasetError(
            f"TFDS set {name!r} says that {len(images)} images have {width:,} x "
            f"{height:,} pixels in {held:,} bytes, which no pictures have."
        )
    for data in images:
        size = _size(name, data)
        if size != (width, height):
            raise DatasetError(
                f"TFDS set {name!r} says that its images have {width} x {height} "
                f"pixels; one has {size[0]:,} x {size[1]:,}. Prepare the set again."
            )


def _size(name: str, data: bytes) -> tuple[int, int]:
    if data.startswith(_PNG):  # without Pillow, which takes longer
        return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                return image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DatasetError(
            f"TFDS set {name!r} holds an image that is neither PNG nor JPEG, or "
            "damaged; prepare the set again."
        ) from error
