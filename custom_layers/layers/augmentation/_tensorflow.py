"""What TensorFlow offers beyond `keras.ops`."""

from typing import Any


def has_affine_operation(backend: Any) -> bool:
    """Tells whether one operation can move all pixels of an image.

    TensorFlow has one, faster in a plain graph than reading the pixels one by
    one; XLA, and with it a TPU, has not.
    """
    if backend.name != "tensorflow":
        return False
    import tensorflow as tf
    from tensorflow.python.ops import control_flow_util  # has no public name

    graph = tf.compat.v1.get_default_graph()
    return not control_flow_util.GraphOrParentsInXlaContext(graph)
