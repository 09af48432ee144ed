"""Runs `zoo` commands in forks of this process, and kills them while they write.

Reads a JSON object a line, and answers each with one:

    {"arguments": ["train", ...], "pattern": "*/checkpoints/*", "event": 3, "bytes": 0}

The events of a command are its changes of paths that match the pattern: a file opened
for writing, a folder made, anything renamed or removed. The command is killed at the
event of this number, counted from 1: before it happens, or, with `bytes`, when a file
grows to that size afterwards. The answer holds the exit status, the number of events,
and what the command wrote to standard error.
"""

import fnmatch
import json
import os
import resource
import signal
import sys
import tempfile

from tests.zoo.faulty import register_models
from zoo.cli.main import run
from zoo.training import loop

_CHANGES = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"}
_WRITING = os.O_WRONLY | os.O_RDWR


class Events:
    """Counts the changes of matching paths, and kills the process at one of them."""

    def __init__(self, pattern, event, size):
        self.pattern, self.event, self.size = pattern, event, size
        self.count = 0

    def __call__(self, name, arguments):
        if name not in _CHANGES or not isinstance(arguments[0], str | os.PathLike):
            return
        if name == "open" and not arguments[2] & _WRITING:
            return
        # A renamed path counts by its new name.
        path = arguments[1] if name == "os.rename" else arguments[0]
        if not fnmatch.fnmatch(os.fspath(path), self.pattern):
            return
        self.count += 1
        if self.count == self.event:
            self._kill()

    def _kill(self):
        if not self.size:
            os.kill(os.getpid(), signal.SIGKILL)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, self.size))


def _command(order, out, err):
    os.dup2(err, 1)
    os.dup2(err, 2)
    events = Events(order["pattern"], order["event"], order["bytes"])
    sys.addaudithook(events)
    status = run(order["arguments"])
    os.write(out, str(events.count).encode())
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def answer(order):
    """Runs one command to its end, or to its death."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            _command(order, out.fileno(), err.fileno())
        _, status = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        return {
            "status": os.waitstatus_to_exitcode(status),
            "events": int(out.read() or 0),
            "errors": err.read().decode(),
        }


if __name__ == "__main__":
    register_models()
    loop.SAVE_SECONDS = 0.0
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
