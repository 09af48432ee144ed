"""What an examination of data finds."""

import dataclasses
import shlex
from typing import Literal

from zoo import messages

Level = Literal["note", "warning", "refusal"]


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing that who trains on the data should know.

    Args:
        kind: A name for programs, such as `row_number`.
        what: A clause that says it, with where and how many.
        remedy: What to do about it; nothing where nothing needs to be done.
        level: `note`: what was decided by content; `warning`: the model may be wrong;
            `refusal`: nothing is trained on it.
    """

    kind: str
    what: str
    remedy: str = ""
    level: Level = "note"

    def __str__(self) -> str:
        """The sentence for a terminal."""
        return f"{self.what}; {self.remedy}." if self.remedy else f"{self.what}."


def say(name: str, findings: tuple[Finding, ...]) -> None:
    """Says on standard error what was found in the data of this name."""
    for finding in findings:
        speak = messages.inform if finding.level == "note" else messages.warn
        speak(f"{name}: {finding}")


def listed(names: list[str], few: int = 4) -> str:
    """Returns names for a sentence.

    >>> listed(["a", "b"]), listed(["a", "b", "c"], few=2)
    ("'a' and 'b'", "'a', 'b' and 1 more")
    """
    quoted = [repr(name) for name in names]
    if len(quoted) > few:
        return f"{', '.join(quoted[:few])} and {len(quoted) - few} more"
    return " and ".join(filter(None, [", ".join(quoted[:-1]), *quoted[-1:]]))


def flags(option: str, names: list[str], few: int = 12) -> str:
    """Returns options as they are typed.

    >>> flags("ignore", ["id", "a b"])
    "--ignore id --ignore 'a b'"
    >>> flags("ignore", ["a", "b", "c"], few=2)
    '--ignore a --ignore b and 1 more'
    """
    typed = " ".join(f"--{option} {shlex.quote(name)}" for name in names[:few])
    return f"{typed} and {len(names) - few} more" if len(names) > few else typed
