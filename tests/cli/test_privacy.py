"""No command, and no library in it, connects to anything but this machine."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from zoo.cli.main import GROUPS

ROOT = Path(__file__).parents[2]
LOCAL = re.compile(
    r"AF_UNIX|AF_NETLINK|127\.0\.0\.1|\"::1\"|::ffff:127\.0\.0\.1|0\.0\.0\.0"
)
EXPORT = """
import sys, export
artifact = export.export_model("mlp.iris", sys.argv[1], formats=("onnx",))
export.verify(artifact.path)
"""
EXAMPLES = ROOT / "examples"
# Each goes on with what those above it made.
COMMANDS = f"""
list lenet*
info mlp.iris
data {EXAMPLES}/fruit.csv --page page.html
train mlp --dataset iris --epochs 1 --output run
tune mlp --dataset iris --trials 1 --output search
runs run
report run
evaluate mlp.iris
show xor --output shown
predict mlp.iris row.json
explain lenet5.digits {EXAMPLES}/seven.png --output why
generate char_rnn.tiny_shakespeare --length 5
sample vae.digits --count 1 --output sample.png
translate translator.dates 1969
play dqn.cartpole --episodes 1
neighbours words.txt king
vectors analogy words.txt king queen man
compress {EXAMPLES}/seven.png --output seven.zooc
decompress seven.zooc
export mlp.iris --base-path models
inspect models/mlp.iris/1
verify models/mlp.iris/1
deploy kubernetes deployment --model-base-path models
"""
VECTORS = "4 2\nking 1 0\nqueen 1 1\nman .5 0\nwoman .5 1\n"
RUN_ALL = """
import shlex, sys
from zoo.__main__ import main
for line in sys.argv[1].strip().splitlines():
    sys.argv = ["zoo", *shlex.split(line)]
    try:
        main()
    except SystemExit as ended:
        assert not ended.code, line
"""

needs_strace = pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace traces what libraries connect to"
)


def run(folder, *command):
    """Runs a program traced, in a home of its own; returns what it connected to."""
    kept = ("PATH", "LANG", "TERM", "LD_LIBRARY_PATH")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)}
    (folder / "home").mkdir(exist_ok=True)
    trace = folder / "trace"
    traced = ["strace", "-f", "-qq", "-e", "trace=connect,sendto", "-o", str(trace)]
    done = subprocess.run(
        [*traced, *map(str, command)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    calls = [line for line in trace.read_text().splitlines() if "sa_family=" in line]
    return [line for line in calls if not LOCAL.search(line)]


def reported(folder):
    """What libraries keep in the home for a later report."""
    found = (folder / "home").rglob("*")
    names = "onnxruntime.db", "usage_stats.json"
    return [str(path) for path in found if path.name.startswith(names)]


@needs_strace
def test_the_tracing_sees_a_connection(tmp_path):
    # Of the addresses for documentation: nobody has them.
    code = "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
    code += "s.connect_ex(('192.0.2.1', 9))"
    (call,) = run(tmp_path, sys.executable, "-c", code)
    assert "192.0.2.1" in call


@pytest.mark.slow
@needs_strace
def test_nothing_is_reported(tmp_path):
    assert run(tmp_path, sys.executable, "-c", EXPORT, tmp_path / "models") == []
    assert reported(tmp_path) == []


@pytest.mark.slow
@needs_strace
def test_commands_connect_to_this_machine_alone(tmp_path):
    (tmp_path / "words.txt").write_text(VECTORS)
    (tmp_path / "row.json").write_text("[[5.1, 3.5, 1.4, 0.2]]")
    assert run(tmp_path, sys.executable, "-c", RUN_ALL, COMMANDS) == []
    assert reported(tmp_path) == []


@pytest.mark.slow
@needs_strace
def test_quickstart_connects_to_this_machine_alone(tmp_path):
    assert run(tmp_path, sys.executable, "-m", "zoo", "quickstart") == []
    assert reported(tmp_path) == []


def test_every_command_is_traced():
    traced = {line.split()[0] for line in COMMANDS.strip().splitlines()}
    # The workers of `launch` have a network of their own: tests/zoo/test_isolation.py.
    apart = {"quickstart", "serve", "bench", "launch"}
    assert {name for names in GROUPS.values() for name in names} == traced | apart


@pytest.mark.slow
@needs_strace
def test_a_server_connects_to_this_machine_alone(tmp_path):
    run(tmp_path, sys.executable, "-c", EXPORT, tmp_path / "models")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    serve = ["-m", "zoo", "serve", "--rest-api-port", str(port), "--port", "0"]
    code = (
        "import subprocess, sys, time, signal, urllib.request, os\n"
        f"server = subprocess.Popen([sys.executable, *{serve!r}, "
        f"'--model-base-path', {str(tmp_path / 'models')!r}])\n"
        "deadline = time.monotonic() + 120\n"
        "while True:\n"
        "    try:\n"
        f"        urllib.request.urlopen('http://127.0.0.1:{port}/v1/models/mlp.iris')\n"
        "        break\n"
        "    except OSError:\n"
        "        assert time.monotonic() < deadline and server.poll() is None\n"
        "        time.sleep(0.2)\n"
        "bench = [sys.executable, '-m', 'zoo', 'bench']\n"
        f"subprocess.run([*bench, 'http://127.0.0.1:{port}', 'mlp.iris', "
        "'--concurrency', '1', '--seconds', '.5', '--warmup', '0'], check=True)\n"
        "server.send_signal(signal.SIGTERM)\n"
        "server.wait(60)\n"
    )
    assert run(tmp_path, sys.executable, "-c", code) == []
    assert reported(tmp_path) == []
