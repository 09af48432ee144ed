"""The workers that `TF_CONFIG` names, as Kubernetes, Vertex AI or Slurm set it."""

import contextlib
import dataclasses
import json
import os
import re
import socket
import time

from zoo import messages
from zoo.errors import ArgumentError, RunError

WAIT_SECONDS = 600.0  # for the other workers to start
ANNOUNCE_SECONDS = 5.0  # until it is said who is waited for
_JOBS = "chief", "worker"


@dataclasses.dataclass(frozen=True)
class Cluster:
    """The workers of a training, this process among them.

    Args:
        addresses: `host:port` of each by its name, such as `worker 0`; the chief,
            who writes, is the first.
        own: Name of this process.
    """

    addresses: dict[str, str]
    own: str

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the run folder."""
        return self.own == next(iter(self.addresses))

    @property
    def others(self) -> list[str]:
        """Names of the other workers."""
        return [name for name in self.addresses if name != self.own]

    def missing(self) -> list[str]:
        """Names of the other workers whose port does not answer."""
        return [name for name in self.others if not _answers(self.addresses[name])]

    def lost(self, message: str) -> list[str]:
        """Finds the workers that are lost when TensorFlow fails with `message`."""
        named = [
            f"{job} {index}"
            for job, index in re.findall(
                r"/job:(\w+)(?:/replica:\d+)?/task:(\d+)", message
            )
        ]
        return self.missing() or [name for name in self.others if name in named]

    def describe(self, names: list[str]) -> str:
        """Names and addresses, for a message."""
        return ", ".join(f"{name} ({self.addresses[name]})" for name in names)

    def wait_for_all(self, seconds: float = WAIT_SECONDS) -> None:
        """Returns when every other worker has started.

        TensorFlow's own wait has no end that can be set, names nobody and cannot be
        interrupted. Until all are there, this holds the port that TensorFlow listens
        on later, so whoever answers there has started.

        Args:
            seconds: How long to wait.

        Raises:
            RunError: If the port is taken or a worker does not start in time.
        """
        port = int(self.addresses[self.own].rpartition(":")[2])
        start, is_announced = time.monotonic(), False
        with _listening(port):
            while missing := self.missing():
                waited = time.monotonic() - start
                if waited >= seconds:
                    raise RunError(
                        f"{self.describe(missing)} did not start within {seconds:g} "
                        "seconds; start all workers that TF_CONFIG names, and see that "
                        "they reach each other."
                    )
                if waited >= ANNOUNCE_SECONDS and not is_announced:
                    messages.inform(f"Waiting for {self.describe(missing)} ...")
                    is_announced = True
                time.sleep(0.2)


def read_cluster() -> Cluster | None:
    """Reads `TF_CONFIG`; `None` where it is not set or names no workers.

    Raises:
        ArgumentError: If it is not what TensorFlow expects.
    """
    text = os.environ.get("TF_CONFIG", "")
    try:
        config = json.loads(text) if text else {}
        cluster = config.get("cluster") or {}
        addresses = {
            f"{job} {i}": _checked(address)
            for job in _JOBS
            for i, address in enumerate(cluster.get(job, []))
        }
        if not addresses:
            return None
        task = config["task"]
        own = f"{task['type']} {int(task['index'])}"
    except (ValueError, AttributeError, TypeError, KeyError) as error:
        raise ArgumentError(
            "TF_CONFIG is not JSON with a `cluster` of `worker` addresses host:port "
            f"and a `task` with `type` and `index`: {text[:200]!r}"
        ) from error
    if own not in addresses:
        raise ArgumentError(
            f"TF_CONFIG makes this process {own!r}, but it trains only as one of "
            f"{', '.join(addresses)}."
        )
    return Cluster(addresses, own)


def is_chief() -> bool:
    """Whether this process is the chief, or the only one."""
    cluster = read_cluster()
    return cluster is None or cluster.is_chief


def _checked(address: str) -> str:
    int(address.rpartition(":")[2])
    return address


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with contextlib.suppress(OSError):  # not yet started, or not yet in the DNS
        socket.create_connection((host.strip("[]"), int(port)), timeout=2).close()
        return True
    return False


def _listening(port: int) -> socket.socket:
    both = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both else socket.AF_INET
    try:
        return socket.create_server(
            ("", port), family=family, dualstack_ipv6=both, backlog=1024
        )
    except OSError as error:
        raise RunError(
            f"Port {port}, which TF_CONFIG gives this worker, cannot be used: "
            f"{error.strerror}; is another training still running?"
        ) from error
