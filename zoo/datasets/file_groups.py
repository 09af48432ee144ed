"""Groups of files, such as the speakers of recordings, that no split may share."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from zoo.datasets.dataset import SPLIT_SEED
from zoo.datasets.finding import Finding, listed
from zoo.errors import DatasetError

Item = TypeVar("Item")
PLACE = "{group}"
HELD_OUT = "held_out_groups"  # kind of a finding
_FEW = 3  # names that a sentence holds
_SHARES = {"test": 0.2, "validation": 0.1}  # of what is to be divided
_SEPARATORS = re.compile(r"([_\-. ]+)")


class File(NamedTuple):
    """A file of a class.

    Args:
        path: Of the file.
        label: Name of its class.
        name: Its path within the folder of the class, without the suffix.
    """

    path: Path
    label: str
    name: str


def groups_of(pattern: str, files: Sequence[File]) -> list[str]:
    """Returns the group of each file by its name.

    Args:
        pattern: The name, with `{group}` where the group stands and `*` for what else
            there may be; with a `/`, of the path within the folder of the class.
        files: The files.

    Raises:
        DatasetError: If the pattern says no group, or a name is not like it.

    Example:

    >>> groups_of("*_{group}_*", [File(Path("7_theo_0.wav"), "7", "7_theo_0")])
    ['theo']
    """
    if pattern.count(PLACE) != 1:
        raise DatasetError(
            f"`group` must say where the group stands in the names of the files, such "
            f"as '*_{PLACE}_*'. Received: {pattern!r}"
        )
    form = _expression(pattern)
    found = []
    for file in files:
        name = file.name if "/" in pattern else Path(file.name).name
        match = form.fullmatch(name)
        if match is None:
            raise DatasetError(
                f"{file.path}: its name is not like {pattern!r}, by which --group says "
                "its group; rename it, or give another pattern."
            )
        found.append(match[1])
    return found


def divided_by_group(
    name: str,
    items: Mapping[str, Sequence[Item]],
    groups: Mapping[str, Sequence[str]],
    test_groups: Sequence[str] = (),
) -> tuple[dict[str, list[Item]], list[Finding]]:
    """Draws the splits that are missing, so that they share no group with training.

    Args:
        name: Of the dataset.
        items: Files, or what stands for them, of the splits that are there.
        groups: The group of each.
        test_groups: Those of the test split; drawn with a fixed seed if none, as those
            of the validation split are: some whole groups, for a fifth and a tenth.

    Returns:
        What each split holds, and what is to be said of it.

    Raises:
        DatasetError: If there are fewer groups than splits, or not such a one.
    """
    if test_groups and "test" in items:
        raise DatasetError(
            f"{name} has a test split; leave --test-group out, or put all into one."
        )
    sizes = Counter(groups["train"])
    names = sorted(sizes)
    unknown = sorted(set(test_groups) - set(names))
    if unknown:
        raise DatasetError(
            f"{name}: nothing is of the group {unknown[0]!r}; there are "
            f"{listed(names)}."
        )
    missing = [part for part in _SHARES if part not in items]
    kept = len(names) - len(set(test_groups))
    if missing and (len(names) <= len(missing) or kept < 2):
        raise DatasetError(
            f"{name} has {len(names)} groups ({listed(names)}); one or more are needed "
            f"for each of training, {' and '.join(missing)}."
        )
    place = _places(sizes, sorted(set(test_groups)), missing)
    splits: dict[str, list[Item]] = {part: list(held) for part, held in items.items()}
    splits |= {"train": [], **{part: [] for part in missing}}
    for item, group in zip(items["train"], groups["train"], strict=True):
        splits[place.get(group, "train")].append(item)
    findings = list(shared(groups))
    if missing:
        held_out = {
            part: few_of(sorted(g for g, where in place.items() if where == part))
            for part in missing
        }
        what = "; ".join(f"{part}: {named}" for part, named in held_out.items())
        findings.append(Finding(HELD_OUT, f"groups held out for {what}"))
    return splits, findings


def few_of(names: Sequence[str]) -> str:
    """Returns the first of some names for a sentence.

    >>> few_of("abcde")
    'a, b, c and 2 more'
    """
    shown = ", ".join(names[:_FEW])
    return shown + (f" and {len(names) - _FEW} more" if len(names) > _FEW else "")


def shared(splits: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """Yields a finding if groups stand in training and in another split.

    Args:
        splits: Groups of the files of each split.
    """
    for part in ("test", "validation"):
        both = sorted(set(splits["train"]) & set(splits.get(part, ())))
        if both:
            yield Finding(
                "shared_groups",
                f"{len(both)} groups stand in train and {part}, too ({listed(both)}), "
                "and flatter the figures",
                "move each to one of them, or join the splits into one folder",
                "warning",
            )


def look_for_groups(files: Sequence[File]) -> Finding | None:
    """Returns a finding if the names of files look as if they said a group.

    All have the same parts, separated by `_`, `-`, `.` or spaces, and one part has few
    values with letters, each in several classes.
    """
    parts = [_SEPARATORS.split(Path(file.name).name) for file in files]
    between = {tuple(each[1::2]) for each in parts}
    if len(between) != 1 or not next(iter(between)):
        return None
    separators = next(iter(between))
    for place in range(len(separators) + 1):
        classes = defaultdict(set)
        for file, each in zip(files, parts, strict=True):
            classes[each[2 * place]].add(file.label)
        with_letter = sum(any(map(str.isalpha, value)) for value in classes)
        in_several = all(len(labels) > 1 for labels in classes.values())
        if (
            1 < len(classes) <= len(files) / 4
            and in_several
            and 2 * with_letter > len(classes)
        ):
            pieces = ["*"] * (len(separators) + 1)
            pieces[place] = PLACE
            ends = (*separators, "")
            pattern = "".join(a + b for a, b in zip(pieces, ends, strict=True))
            return Finding(
                "groups",
                f"part {place + 1} of the files' names has {len(classes)} values, each "
                f"in several classes ({listed(sorted(classes))}): if these are "
                "speakers, cameras or the like, files of one stand in training and "
                "test, and flatter the figures",
                f"--group '{pattern}' keeps each in one split",
                "warning",
            )
    return None


def _expression(pattern: str) -> re.Pattern[str]:
    pieces = re.split(r"(\*|\{group\})", pattern)
    forms = {"*": ".*?", PLACE: "(.+?)"}
    return re.compile("".join(forms.get(each) or re.escape(each) for each in pieces))


def _places(
    sizes: Mapping[str, int], test: Sequence[str], missing: Sequence[str]
) -> dict[str, str]:
    """Returns the split of each group that is not for training."""
    total = sum(sizes.values())
    names = sorted(set(sizes) - set(test))
    left = [names[i] for i in np.random.default_rng(SPLIT_SEED).permutation(len(names))]
    found = dict.fromkeys(test, "test")
    drawn = [part for part in missing if part != "test" or not test]
    for number, part in enumerate(drawn):
        wanted = _SHARES[part] * total
        reserved = len(drawn) - number
        found |= dict.fromkeys(_drawn(left, sizes, wanted, reserved=reserved), part)
    return found


def _drawn(
    left: list[str], sizes: Mapping[str, int], wanted: float, *, reserved: int
) -> list[str]:
    """Takes groups from the end until more would not come nearer to a number of files.

    Some groups are reserved for the other splits.
    """
    taken = [left.pop()]
    wanted -= sizes[taken[0]]
    while len(left) > reserved and sizes[left[-1]] / 2 <= wanted:
        taken.append(left.pop())
        wanted -= sizes[taken[-1]]
    return taken
