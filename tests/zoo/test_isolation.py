"""Local workers reach each other, and nobody else reaches them."""

import contextlib
import json
import os
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from zoo.errors import ArgumentError
from zoo.machines import isolation
from zoo.machines.devices import choose
from zoo.machines.launching import launch

# Worker 0 listens on all interfaces, as TensorFlow does, until somebody has tried.
WORKER = """
import json, os, pathlib, socket, time

here = pathlib.Path(__file__).parent
config = json.loads(os.environ["TF_CONFIG"])
port = int(config["cluster"]["worker"][0].rpartition(":")[2])
if config["task"]["index"] == 0:
    with socket.create_server(("", port)):
        (here / "port").write_text(str(port))
        while not ((here / "tried").exists() and (here / "reached").exists()):
            time.sleep(0.05)
else:
    while not (here / "port").exists():
        time.sleep(0.05)
    socket.create_connection(("127.0.0.1", port), timeout=10).close()
    (here / "reached").write_text("by the other worker")
"""


@pytest.fixture
def isolated():
    """Skips where the system does not allow it."""
    try:
        with isolation.isolated_network():
            pass
    except isolation.IsolationError as error:
        pytest.skip(f"no network namespaces here: {error}")


def try_it(folder, found):
    """Connects from outside as soon as worker 0 listens."""
    deadline = time.monotonic() + 60
    while not (folder / "port").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    try:
        port = int((folder / "port").read_text())
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        found.append("reached")
    except OSError as error:
        found.append(type(error).__name__)
    (folder / "tried").write_text("")


def outcome(folder, **options):
    (folder / "worker.py").write_text(WORKER)
    found = []
    other = threading.Thread(target=try_it, args=(folder, found))
    other.start()
    code = launch(["--import", str(folder / "worker.py"), "list", "mlp"], 2, **options)
    other.join()
    assert code == 0
    assert (folder / "reached").exists()
    return found


def test_nobody_else_reaches_them(tmp_path, isolated):
    before = children()
    assert outcome(tmp_path) == ["ConnectionRefusedError"]
    assert children() == before


def test_what_the_option_gives_away(tmp_path):
    assert outcome(tmp_path, insecure_network=True) == ["reached"]


def children():
    path = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return path.read_text() if path.exists() else ""


def test_where_the_system_has_no_such_networks(monkeypatch):
    @contextlib.contextmanager
    def refuse():
        raise isolation.IsolationError("Operation not permitted")
        yield

    monkeypatch.setattr(isolation, "isolated_network", refuse)
    with pytest.raises(ArgumentError, match="not permitted.*--insecure-network"):
        launch(["--version"], 2)


def test_a_system_without_namespaces_says_why(monkeypatch, capsys):
    monkeypatch.setattr(sys, "platform", "darwin")
    isolation._hold()
    assert capsys.readouterr().out == "darwin has no network namespaces\n"


@pytest.mark.parametrize("reachable", [True, False])
def test_workers_on_a_network_warn(monkeypatch, capsys, reachable):
    ports = "127.0.0.1:21001", "127.0.0.1:21002"
    config = {"cluster": {"worker": ports}, "task": {"type": "worker", "index": 0}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(config))
    monkeypatch.setattr(isolation, "is_reachable", lambda: reachable)
    monkeypatch.setattr("zoo.machines.devices._joined", lambda cluster: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        choose("multiworker")
    said = capsys.readouterr().err
    assert ("whoever reaches 127.0.0.1:21001 can read and write" in said) == reachable
