"""What to do with a folder that holds no sub-folders of classes."""

from pathlib import Path

from zoo.datasets.dataset_type import dataset_types
from zoo.datasets.other_forms import conversion, is_unread_medium
from zoo.datasets.picture_file import is_hidden

_FEW = 2  # names that a sentence holds


def folder_hint(folder: Path, wanted: str) -> str:
    """Returns a sentence about a folder in which no class was found.

    Args:
        folder: The folder.
        wanted: What was looked for, such as `images`.
    """
    files = sorted(p for p in folder.iterdir() if p.is_file() and not is_hidden(p.name))
    if not any(not is_hidden(each.name) for each in folder.iterdir()):
        return f"{folder} is empty."
    unread = next(filter(is_unread_medium, sorted(folder.rglob("*"))), None)
    if unread is not None:
        return (
            f"{folder} holds files of the form {unread.suffix}, which is not read; "
            f"{conversion(unread)}"
        )
    kinds = {path: _kind(path) for path in files}
    named = ", ".join(path.name for path in files[:_FEW])
    more = f" and {len(files) - _FEW} more files" if len(files) > _FEW else ""
    if files and set(kinds.values()) == {"text"}:
        return (
            f"{folder} holds {named}{more} side by side, and no classes; put those of "
            "each class into a sub-folder with the name of the class, or give one file."
        )
    if files and all(kinds.values()):
        return (
            f"{folder} holds {named}{more}; give one of them, or call them "
            f"train{files[0].suffix}, valid{files[0].suffix} and test{files[0].suffix}."
        )
    below = {p.suffix for p in folder.glob("*/*") if not is_hidden(p.name)}
    if len(below) == 1 and not files:
        return (
            f"{folder} holds folders of {below.pop() or 'nameless'} files, which are "
            "read neither as pictures nor as sounds nor as texts; texts end in .txt."
        )
    return (
        f"{folder} holds no sub-folders with {wanted}; put those of each class into a "
        "sub-folder with the name of the class."
    )


def _kind(path: Path) -> str:
    name = path.name.lower()
    return next((t.name for t in dataset_types() if name.endswith(t.suffixes)), "")
