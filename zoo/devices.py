"""Where a training computes: one device, several, or several machines."""

import contextlib
import dataclasses
import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import keras

from zoo.errors import ArgumentError


@dataclasses.dataclass(frozen=True)
class Devices:
    """What computes, and how it shares the work.

    Args:
        name: `cpu`, `gpu`, `mirrored`, `multiworker` or `tpu`.
        told: What was taken, in words.
        scope: Makes the context that models are built and trained in.
        replicas: Copies of the model that share each batch.
        is_chief: Whether this process writes the run folder.
        strategy: TensorFlow's strategy where replicas or a TPU need one.
        accelerated: Whether the devices are GPUs or TPUs.
    """

    name: str
    told: str
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

    Raises:
        ArgumentError: If there is no such strategy, or not what it needs.

    Example:

    >>> choose("cpu").told
    'the CPU'
    """
    if strategy == "auto":
        strategy = _automatic()
    if strategy not in _CHOICES:
        raise ArgumentError(
            f"Unknown strategy {strategy!r}; choose one of {', '.join(STRATEGIES)}."
        )
    return _CHOICES[strategy]()


def _automatic() -> str:
    if len(_workers()) > 1:
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
    told = f"{len(devices)} devices of this machine ({', '.join(devices)})"
    accelerated = bool(accelerators())
    if keras.backend.backend() == "jax":
        return _data_parallel("mirrored", told, devices, accelerated)
    import tensorflow as tf

    return _under(
        "mirrored", told, tf.distribute.MirroredStrategy(devices), accelerated
    )


def _multiworker() -> Devices:
    workers = _workers()
    if not workers:
        raise ArgumentError(
            "Strategy 'multiworker' finds the workers in TF_CONFIG, which is not set; "
            "`zoo launch --workers 2 -- train ...` tries it on this machine."
        )
    if keras.backend.backend() != "tensorflow":
        raise ArgumentError(
            "Strategy 'multiworker' needs the TensorFlow backend; set "
            "KERAS_BACKEND=tensorflow."
        )
    import tensorflow as tf

    try:
        strategy = tf.distribute.MultiWorkerMirroredStrategy()
    except (ValueError, KeyError, tf.errors.OpError) as error:
        raise ArgumentError(
            f"The workers of TF_CONFIG cannot be reached or it is wrong: {error}"
        ) from error
    task = strategy.cluster_resolver.task_type, strategy.cluster_resolver.task_id
    is_chief = task[0] == "chief" or (task == ("worker", 0) and not _has_chief())
    told = (
        f"{len(workers)} workers ({', '.join(workers)}), "
        f"{strategy.num_replicas_in_sync} replicas"
    )
    return dataclasses.replace(
        _under("multiworker", told, strategy, bool(accelerators())), is_chief=is_chief
    )


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
    return _under("tpu", f"{strategy.num_replicas_in_sync} TPU cores", strategy, True)


_CHOICES = {
    "cpu": _cpu,
    "gpu": _gpu,
    "mirrored": _mirrored,
    "multiworker": _multiworker,
    "tpu": _tpu,
}
STRATEGIES = ("auto", *_CHOICES)


def _under(name: str, told: str, strategy: Any, accelerated: bool) -> Devices:
    return Devices(
        name,
        told,
        scope=strategy.scope,
        replicas=strategy.num_replicas_in_sync,
        strategy=strategy,
        accelerated=accelerated,
    )


def _data_parallel(
    name: str, told: str, devices: list[str], accelerated: bool
) -> Devices:
    distribution = keras.distribution.DataParallel(devices=devices)
    return Devices(
        name,
        told,
        scope=distribution.scope,
        replicas=len(devices),
        strategy=distribution,
        accelerated=accelerated,
    )


def _workers() -> list[str]:
    """The addresses that `TF_CONFIG` names, as Kubernetes, Vertex or Slurm set it."""
    text = os.environ.get("TF_CONFIG", "")
    try:
        cluster = (json.loads(text) if text else {}).get("cluster", {})
        return [*cluster.get("chief", []), *cluster.get("worker", [])]
    except (ValueError, AttributeError, TypeError) as error:
        raise ArgumentError(
            "TF_CONFIG is not JSON with a `cluster` of `worker` addresses: "
            f"{text[:80]!r}"
        ) from error


def _has_chief() -> bool:
    return bool(json.loads(os.environ["TF_CONFIG"])["cluster"].get("chief"))


def _is_tpu(device: str) -> bool:
    return device.lower().startswith("tpu")
