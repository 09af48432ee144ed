"""The devices of a training: one, several, or those of several machines."""

import contextlib
import dataclasses
import faulthandler
import functools
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import keras

from zoo import messages
from zoo.errors import ArgumentError, RunError
from zoo.machines import isolation
from zoo.machines.cluster import Cluster, read_cluster

JOIN_SECONDS = 60  # for workers that have started to find each other


@dataclasses.dataclass(frozen=True)
class Devices:
    """The devices of a training and its distribution strategy.

    Args:
        name: `cpu`, `gpu`, `mirrored`, `multiworker` or `tpu`.
        description: The devices, as text.
        scope: Makes the context that models are built and trained in.
        replicas: Number of replicas of the model, which share each batch.
        is_chief: Whether this process writes the run folder.
        strategy: TensorFlow's strategy where replicas or a TPU need one.
        accelerated: Whether the devices are GPUs or TPUs.
    """

    name: str
    description: str
    scope: Callable[[], AbstractContextManager] = contextlib.nullcontext
    replicas: int = 1
    is_chief: bool = True
    strategy: Any = None
    accelerated: bool = False


def accelerators() -> list[str]:
    """Lists the GPUs and TPUs that Keras sees, such as `gpu:0`."""
    # Without a kind: JAX raises an error when asked for one that is not there.
    found = keras.distribution.list_devices()
    return [device for device in found if not device.lower().startswith("cpu")]


def choose(strategy: str) -> Devices:
    """Takes the devices that `strategy` names.

    Args:
        strategy: `auto` takes several workers where `TF_CONFIG` names them, else a
            TPU, else all GPUs, else the CPU; `cpu`, `gpu` (the first), `mirrored`
            (all of this machine), `multiworker` and `tpu` insist.

    Several workers have to be chosen before TensorFlow computes anything else. They
    wait for each other until all have started, ten minutes at most.

    Raises:
        ArgumentError: If there is no such strategy, or not what it needs, or Keras
            computes with another backend than TensorFlow or JAX.
        RunError: If a worker does not start, or the workers do not come together.

    Example:

    >>> choose("cpu").description
    'the CPU'
    """
    backend = keras.backend.backend()
    if backend not in ("tensorflow", "jax"):
        raise ArgumentError(
            f"Models train with the TensorFlow and JAX backends, not with {backend}; "
            "set KERAS_BACKEND=tensorflow."
        )
    if strategy == "auto":
        strategy = _automatic()
    if strategy not in _CHOICES:
        raise ArgumentError(
            f"Unknown strategy {strategy!r}; choose one of {', '.join(STRATEGIES)}."
        )
    return _CHOICES[strategy]()


def _automatic() -> str:
    cluster = read_cluster()
    if cluster and cluster.others:
        return "multiworker"
    found = accelerators()
    if any(_is_tpu(device) for device in found) or os.environ.get("TPU_NAME"):
        return "tpu"
    return {0: "cpu", 1: "gpu"}.get(len(found), "mirrored")


def _cpu() -> Devices:
    return Devices("cpu", "the CPU", scope=lambda: keras.device("cpu:0"))


def _gpu() -> Devices:
    if not any("gpu" in device.lower() for device in accelerators()):
        raise ArgumentError("No GPU was found; use strategy 'auto' or 'cpu'.")
    return Devices(
        "gpu", "one GPU", scope=lambda: keras.device("gpu:0"), accelerated=True
    )


def _mirrored() -> Devices:
    # Several logical CPUs are devices, too: that is how a laptop tries it out.
    devices = accelerators() or keras.distribution.list_devices()
    if len(devices) < 2:
        raise ArgumentError(
            "Strategy 'mirrored' shares batches between the devices of a machine, and "
            f"here is only {devices[0]}; use strategy 'auto'."
        )
    description = f"{len(devices)} devices of this machine ({', '.join(devices)})"
    accelerated = bool(accelerators())
    if keras.backend.backend() == "jax":
        return _data_parallel("mirrored", description, devices, accelerated)
    return _with_strategy(
        "mirrored", description, _mirrored_strategy(tuple(devices)), accelerated
    )


# One for the process: a second one repeats the names of the first one's messages.
@functools.cache
def _mirrored_strategy(devices: tuple[str, ...]) -> Any:
    import tensorflow as tf

    return tf.distribute.MirroredStrategy(list(devices))


def _multiworker() -> Devices:
    cluster = read_cluster()
    if cluster is None:
        raise ArgumentError(
            "Strategy 'multiworker' finds the workers in TF_CONFIG, which is not set; "
            "`zoo launch --workers 2 -- train ...` tries it on this machine."
        )
    if keras.backend.backend() != "tensorflow":
        raise ArgumentError(
            "Strategy 'multiworker' needs the TensorFlow backend; set "
            "KERAS_BACKEND=tensorflow."
        )
    if cluster.others and isolation.is_reachable():
        messages.warn(
            "TensorFlow's server listens on all interfaces and has no credentials: "
            f"whoever reaches {cluster.addresses[cluster.own]} can read and write "
            "files as you; let only the workers reach it (a private network, a "
            "firewall)."
        )
    strategy = _joined(cluster)
    description = (
        f"{len(cluster.addresses)} workers ({', '.join(cluster.addresses.values())}), "
        f"{strategy.num_replicas_in_sync} replicas"
    )
    return dataclasses.replace(
        _with_strategy("multiworker", description, strategy, bool(accelerators())),
        is_chief=cluster.is_chief,
    )


# TensorFlow can join the others once in a process only.
@functools.lru_cache(maxsize=1)
def _join() -> Any:
    import tensorflow as tf

    return tf.distribute.MultiWorkerMirroredStrategy()


def _joined(cluster: Cluster) -> Any:
    """The strategy of all workers, once they have started."""
    if _join.cache_info().currsize:
        return _join()
    import tensorflow as tf

    cluster.wait_for_all()
    try:
        with _default_signal_handlers(), _exit_after(JOIN_SECONDS):
            return _join()
    except RuntimeError as error:
        raise ArgumentError(
            "Strategy 'multiworker' must be chosen before TensorFlow computes anything "
            "else; train at the start of a new process."
        ) from error
    except tf.errors.OpError as error:
        raise RunError(
            f"The workers {cluster.describe(list(cluster.addresses))} did not come "
            "together; start all of them again at about the same time."
        ) from error


@contextlib.contextmanager
def _default_signal_handlers() -> Iterator[None]:
    """Lets Ctrl-C and SIGTERM end the process while TensorFlow keeps Python waiting."""
    previous = {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                previous[number] = signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _exit_after(seconds: float) -> Iterator[None]:
    """Ends the process when the block takes longer, even inside C++."""
    faulthandler.dump_traceback_later(seconds, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def _tpu() -> Devices:
    if keras.backend.backend() == "jax":
        devices = [device for device in accelerators() if _is_tpu(device)]
        if not devices:
            raise ArgumentError("JAX found no TPU; use strategy 'auto'.")
        return _data_parallel("tpu", f"{len(devices)} TPU cores", devices, True)
    import tensorflow as tf

    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver.connect()
    except (ValueError, OSError, tf.errors.OpError) as error:
        raise ArgumentError(
            "No TPU was found; set TPU_NAME to its name or `local`, or use strategy "
            f"'auto'. ({error})"
        ) from error
    strategy = tf.distribute.TPUStrategy(resolver)
    return _with_strategy(
        "tpu", f"{strategy.num_replicas_in_sync} TPU cores", strategy, True
    )


_CHOICES = {
    "cpu": _cpu,
    "gpu": _gpu,
    "mirrored": _mirrored,
    "multiworker": _multiworker,
    "tpu": _tpu,
}
STRATEGIES = ("auto", *_CHOICES)


def _with_strategy(
    name: str, description: str, strategy: Any, accelerated: bool
) -> Devices:
    return Devices(
        name,
        description,
        scope=strategy.scope,
        replicas=strategy.num_replicas_in_sync,
        strategy=strategy,
        accelerated=accelerated,
    )


def _data_parallel(
    name: str, description: str, devices: list[str], accelerated: bool
) -> Devices:
    distribution = keras.distribution.DataParallel(devices=devices)
    return Devices(
        name,
        description,
        scope=distribution.scope,
        replicas=len(devices),
        strategy=distribution,
        accelerated=accelerated,
    )


def _is_tpu(device: str) -> bool:
    return device.lower().startswith("tpu")
