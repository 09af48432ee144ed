"""The context in which TensorFlow traces a component."""

import tensorflow as tf
from tensorflow.python.eager import record  # has no public name
from tensorflow.python.ops import control_flow_util  # has no public name


def compiles() -> bool:
    """Whether XLA will compile what is being traced."""
    graph = tf.compat.v1.get_default_graph()
    return control_flow_util.GraphOrParentsInXlaContext(graph)


def records() -> bool:
    """Whether a gradient tape records, so that a gradient may be requested."""
    return record.could_possibly_record()


def has_only_cpus() -> bool:
    """Whether there is no other device than CPUs."""
    return all(d.device_type == "CPU" for d in tf.config.list_logical_devices())
