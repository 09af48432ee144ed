"""Images: resizing to a size, and convolution in three dimensions with groups."""

from typing import Any

import numpy as np
from onnx import TensorProto
from tf2onnx.onnx_opset.nn import ConvOp

from export.onnx_conversion.nodes import add, constant, replace
from export.onnx_conversion.refusals import inexpressible

_MODES = {
    "ResizeBilinear": {"mode": "linear"},
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


def resize_to_nearest(graph: Any, node: Any, *_: Any) -> None:
    r"""Row :math:`i` of the new image is row :math:`\lfloor (i + 1/2) h / h' \rfloor`.

    It is computed in single precision, as TensorFlow does: the modes of ONNX' `Resize`
    round some of the rows otherwise.
    """
    images, size = node.input
    if node.get_attr_value("align_corners", False):
        raise inexpressible("it has no ResizeNearestNeighbor with aligned corners")
    shift = 0.5 if node.get_attr_value("half_pixel_centers", False) else 0.0
    size = add(graph, "Cast", [size], attr={"to": TensorProto.INT64})
    for axis in (1, 2):
        rows = _nearest(graph, images, size, axis, shift)
        if axis == 1:
            images = add(graph, "Gather", [images, rows], attr={"axis": axis})
        else:
            replace(graph, node, "Gather", [images, rows], attr={"axis": axis})


def _nearest(graph: Any, images: str, size: str, axis: int, shift: float) -> str:
    zero, one = (constant(graph, each, "int64") for each in (0, 1))
    index = constant(graph, axis, "int64")
    before = add(graph, "Gather", [add(graph, "Shape", [images]), index])
    after = add(graph, "Gather", [size, constant(graph, axis - 1, "int64")])
    to_float = {"to": TensorProto.FLOAT}
    scale = add(
        graph,
        "Div",
        [add(graph, "Cast", [each], attr=to_float) for each in (before, after)],
    )
    places = add(graph, "Range", [zero, after, one])
    places = add(graph, "Cast", [places], attr=to_float)
    places = add(graph, "Add", [places, constant(graph, shift, "float32")])
    places = add(graph, "Floor", [add(graph, "Mul", [places, scale])])
    rows = add(graph, "Cast", [places], attr={"to": TensorProto.INT64})
    return add(graph, "Min", [rows, add(graph, "Sub", [before, one])])


def convolution_3d(graph: Any, node: Any, *_: Any) -> None:
    """A `Conv` with as many groups as the kernel's channels fit into the image's."""
    is_last = node.get_attr_str("data_format") == "NDHWC"
    channels = graph.get_shape(node.input[0])[-1 if is_last else 1]
    kernel = graph.get_shape(node.input[1])[-2]
    ConvOp.any_version(graph.opset, graph, node)
    node.set_attr("group", int(np.floor_divide(channels, kernel)))
