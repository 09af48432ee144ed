"""A folder of sounds with a sub-folder for each class."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from zoo.datasets.class_folders import Medium, read_class_folders
from zoo.datasets.dataset import Dataset, Split, make_dataset
from zoo.datasets.dataset_type import DatasetType, register_dataset_type
from zoo.datasets.picture_file import holds_pictures
from zoo.datasets.read_sounds import read_sounds
from zoo.datasets.sound_file import (
    find_sounds,
    holds_sounds,
)
from zoo.datasets.split_folders import say_classes

SOUNDS = Medium("sounds", find_sounds, holds_sounds)


def load(
    path: Path,
    *,
    rate: int | None = None,
    seconds: float | None = None,
    group: str | None = None,
    test_group: Sequence[str] = (),
) -> Dataset:
    """Loads `<path>/<class>/<sound>`, or `<path>/<split>/<class>/<sound>`.

    The splits have any of their usual names, such as `Training` and `val`. Sounds are
    one channel, the mean of those there are, between -1 and 1; of one rate, by
    resampling, and one length, cut or continued by silence at their end.

    Args:
        path: The folder.
        rate: Samples a second; the commonest of the training sounds if None, at most
            16,000.
        seconds: How long samples are; if None, as the training sounds that 98 % do not
            exceed.
        group: Where the files' names say a group, such as the speaker, see
            `file_groups.groups_of`: no group stands in two splits.
        test_group: Groups of the test split; drawn if none.

    Raises:
        DatasetError: If a class has no sounds, or one is unreadable, empty, or longer
            than ten minutes.
    """
    folders = read_class_folders(path, SOUNDS, group, test_group)
    x, rate, findings = read_sounds(folders.paths, rate, seconds)
    splits = {part: Split(x[part], folders.targets(part)) for part in x}
    held_out = splits.get("test"), splits.get("validation")
    data = make_dataset(str(path), folders.labels, splits["train"], *held_out)
    found = (*folders.findings, *findings)
    return dataclasses.replace(
        data, sampling_rate=rate, findings=found, groups=folders.groups
    )


def _matches(path: str | Path) -> bool:
    folder = Path(path)
    return folder.is_dir() and holds_sounds(folder) and not holds_pictures(folder)


register_dataset_type(
    DatasetType(
        name="sound_folder",
        help="a folder of sounds (.wav, .flac, .ogg, .mp3) with a sub-folder for each "
        "class",
        matches=_matches,
        load=lambda path, data_dir, **given: load(Path(path), **given),
        priority=12,
        options=("rate", "seconds", "group", "test_group"),
        targets=say_classes,
    )
)
