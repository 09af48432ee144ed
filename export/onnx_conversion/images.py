"""Images: resizing to a size, and convolution in three dimensions with groups."""

from typing import Any

import numpy as np
from onnx import TensorProto
from tf2onnx.onnx_opset.nn import ConvOp

from export.onnx_conversion.nodes import add, constant, replace

_MODES = {
    "ResizeBilinear": {"mode": "linear"},
    "ResizeNearestNeighbor": {"mode": "nearest"},
    "ResizeBicubic": {"mode": "cubic", "cubic_coeff_a": -0.5, "exclude_outside": 1},
}


def resize(graph: Any, node: Any, *_: Any) -> None:
    """A `Resize` to sizes: by scales, as tf2onnx has it, 12 pixels become 6, not 7."""
    images, size = node.input
    attributes = _MODES[node.type] | _coordinates(node)
    channels_first = add(graph, "Transpose", [images], attr={"perm": [0, 3, 1, 2]})
    size = add(graph, "Cast", [size], attr={"to": TensorProto.INT64})
    numbers = [constant(graph, each, "int64") for each in ([0], [2])]
    shape = add(graph, "Shape", [channels_first])
    first = add(graph, "Slice", [shape, *numbers])
    sizes = add(graph, "Concat", [first, size], attr={"axis": 0})
    resized = add(graph, "Resize", [channels_first, "", "", sizes], attr=attributes)
    replace(graph, node, "Transpose", [resized], attr={"perm": [0, 2, 3, 1]})


def _coordinates(node: Any) -> dict[str, str]:
    if node.get_attr_value("align_corners", False):
        return {
            "coordinate_transformation_mode": "align_corners",
            "nearest_mode": "round_prefer_ceil",
        }
    if node.get_attr_value("half_pixel_centers", False):
        return {
            "coordinate_transformation_mode": "half_pixel",
            "nearest_mode": "round_prefer_ceil",
        }
    return {
        "coordinate_transformation_mode": "asymmetric",
        "nearest_mode": "floor",
    }


def convolution_3d(graph: Any, node: Any, *_: Any) -> None:
    """A `Conv` with as many groups as the kernel's channels fit into the image's."""
    is_last = node.get_attr_str("data_format") == "NDHWC"
    channels = graph.get_shape(node.input[0])[-1 if is_last else 1]
    kernel = graph.get_shape(node.input[1])[-2]
    ConvOp.any_version(graph.opset, graph, node)
    node.set_attr("group", int(np.floor_divide(channels, kernel)))
