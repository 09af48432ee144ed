"""A command in a terminal of a given size.

    python -m tests.cli.terminal

writes the stored captures in `tests/cli/captures` again, to be read before a commit.
"""

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

CAPTURES = Path(__file__).with_name("captures")
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# Commands of one folder, in this order; a `run` and its artifact are made on the way.
COMMANDS = {
    "list": "list lenet*",
    "info": "info lenet5.mnist",
    "train": "train mlp --dataset iris --epochs 3 --output run",
    "runs": "runs .",
    "export": "export run",
    "verify": "verify models/mlp/1",
    "predict": "predict lenet5.mnist seven.png --top 3",
}
WIDTHS = (80, 120)


def run_in_terminal(arguments, folder, columns, **environment):
    """Runs `zoo` and returns what a terminal of so many columns receives."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    names = ("COLUMNS", "LINES", "NO_COLOR", "TF_CPP_MIN_LOG_LEVEL")
    kept = {key: value for key, value in os.environ.items() if key not in names}
    process = subprocess.Popen(
        [sys.executable, "-m", "zoo", *arguments],
        cwd=folder,
        env=kept | {"TERM": "xterm-256color", **environment},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    received = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # how Linux tells that the other end is closed
            break
        if not part:
            break
        received += part
    os.close(ours)
    assert process.wait() == 0, received.decode()
    return received.decode()


def shown(received):
    """The lines that stay on the screen, without colours.

    >>> shown("a bar\\r     \\rdone\\r\\n")
    ['done']
    """
    text = ESCAPE.sub("", received.replace("\r\n", "\n"))
    return [line.split("\r")[-1].rstrip() for line in text.split("\n")][:-1]


def masked(lines):
    """The lines with what differs between two runs or processors replaced.

    >>> masked(["loss 0.1234  1.2 s"])
    ['loss #  # s']
    """
    return [re.sub(r"[\d.]*\d(e-\d+)?", "#", line) for line in lines]


def capture(name, folder, columns):
    """Runs one of `COMMANDS`; returns the lines to compare."""
    shutil.copy(CAPTURES / "seven.png", folder)
    lines = shown(run_in_terminal(COMMANDS[name].split(), folder, columns))
    return lines if name in ("list", "info") else masked(lines)


def main():
    """Writes the captures."""
    for columns in WIDTHS:
        with tempfile.TemporaryDirectory() as folder:
            for name in COMMANDS:
                lines = capture(name, folder, columns)
                path = CAPTURES / f"{name}.{columns}.txt"
                path.write_text("\n".join(lines) + "\n")
                print(path.name, max(map(len, lines)))


if __name__ == "__main__":
    main()
