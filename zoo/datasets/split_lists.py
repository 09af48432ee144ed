"""Lists of files beside folders of classes, which say the splits (Speech Commands).

`testing_list.txt` and `validation_list.txt` hold a path in each line, `cat/0a7c.wav`,
from the folder that they lie in; all others are for training.

Reference:
    Warden, 2018, Speech Commands: a dataset for limited-vocabulary speech recognition.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from zoo.datasets.charset import read_lines
from zoo.datasets.file_groups import File
from zoo.datasets.finding import Finding

_LISTS = {"test": "testing_list.txt", "validation": "validation_list.txt"}


def divided_by_lists(
    folder: Path, files: Sequence[File]
) -> tuple[Mapping[str, list[File]], list[Finding]]:
    """Divides the files as the lists say; all are for training where there is none.

    Args:
        folder: Of the folders of classes.
        files: Theirs.

    Raises:
        DatasetError: If a list cannot be read.
    """
    place: dict[str, str] = {}
    for split, name in _LISTS.items():
        if (folder / name).is_file():
            named = map(str.strip, read_lines(folder / name))
            place |= dict.fromkeys(named, split)
    found: dict[str, list[File]] = {"train": []}
    for file in files:
        path = file.path.relative_to(folder).as_posix()
        found.setdefault(place.get(path, "train"), []).append(file)
    if len(found) == 1 or not found["train"]:
        return {"train": list(files)}, []
    used = " and ".join(name for split, name in _LISTS.items() if split in found)
    counts = ", ".join(f"{len(each):,} {split}" for split, each in found.items())
    says = "say" if " and " in used else "says"
    return found, [Finding("split_lists", f"divided as {used} {says}: {counts}")]
