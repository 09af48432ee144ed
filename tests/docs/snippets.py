"""The snippets of the documentation: fenced blocks, and what their info strings say.

```shell                     runs as printed; `zoo` is the command of this environment
```shell server              the same, but the last line is a server for what follows
```python                    runs as a program of its own
```python title="FILE"       a file that later snippets use
```shell skip="downloads"    does not run here, and why
"""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

PAGES = ["README.md", "examples/README.md"]
PAGES += sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/*.md"))
_FENCE = re.compile(r"^```(\w*)(.*)\n((?:.*\n)*?)```$", re.MULTILINE)
_PORT = "8501"
_SECONDS = 1200  # for a block, on a machine that does much else


@dataclass(frozen=True)
class Snippet:
    """A fenced block.

    Args:
        language: First word of the info string.
        words: The others: `server`, `title=...`, `skip=...`.
        code: The block.
    """

    language: str
    words: dict[str, str]
    code: str


def snippets(page: str) -> list[Snippet]:
    """Returns the fenced blocks of a page, in their order."""
    text = (ROOT / page).read_text()
    found = []
    for language, info, code in _FENCE.findall(text):
        words = (word.partition("=")[::2] for word in shlex.split(info))
        found.append(Snippet(language, dict(words), code))
    assert text.count("```") == 2 * len(found), page
    return found


def printed_file(page: str, title: str) -> str:
    """Returns the file of this title that a page prints."""
    (found,) = (s.code for s in snippets(page) if s.words.get("title") == title)
    return found


class Walk:
    """A reader who types a page into a terminal, in a folder where nothing else is.

    Args:
        page: Path of the page.
        folder: An empty folder, which gets a copy of `examples/`.
    """

    def __init__(self, page: str, folder: Path) -> None:
        self.page = page
        self.output = ""
        self._folder = folder / "clone"
        self._log = folder / "server.log"
        self._server = None
        shutil.copytree(ROOT / "examples", self._folder / "examples")
        commands = folder / "bin"
        commands.mkdir()
        for name, line in (("python", '"$@"'), ("zoo", '-m zoo "$@"')):
            (commands / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {line}\n')
            (commands / name).chmod(0o755)
        path = f"{commands}{os.pathsep}{os.environ['PATH']}"
        self._environment = os.environ | {
            "PATH": path,
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }
        with socket.socket() as free:  # other tests may serve at the same time
            free.bind(("127.0.0.1", 0))
            self._port = str(free.getsockname()[1])

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self._server is not None:
            with self._server as server:
                server.terminate()
            assert server.returncode == 0, (server.returncode, self._log.read_text())

    def follow(self, snippet: Snippet) -> None:
        """Runs a snippet, or writes its file."""
        if "skip" in snippet.words or snippet.language not in ("python", "shell"):
            return
        code = snippet.code.replace(_PORT, self._port)
        if title := snippet.words.get("title"):
            (self._folder / title).write_text(code)
        elif snippet.language == "python":
            self._run([sys.executable, "-c", code])
        elif "server" in snippet.words:
            *lines, serve = code.splitlines(keepends=True)
            self._shell("".join(lines))
            self._serve(serve.replace("zoo serve", "zoo serve --port 0"))
        else:
            self._shell(code)

    def _shell(self, code):
        # A line that fails ends the snippet, and so does the first half of a pipe.
        self._run(["bash", "-e", "-o", "pipefail", "-c", code])

    def _run(self, command):
        done = subprocess.run(
            command,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
        )
        self.output += done.stdout
        assert done.returncode == 0, f"{self.page}: {command[-1]}\n{done.stdout}"

    def _serve(self, line):
        with self._log.open("w") as log:
            self._server = subprocess.Popen(
                ["bash", "-c", f"exec {line}"],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        first = self._server.stdout.readline()
        assert f":{self._port}/v1/models/" in first, self._log.read_text()
