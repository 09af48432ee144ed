"""Layers of object detection."""

from custom_layers.layers.detection.anchors import AnchorBoxes
from custom_layers.layers.detection.decoding import decode_boxes
from custom_layers.layers.detection.overlap import intersection_over_union
from custom_layers.layers.detection.suppression import NonMaxSuppression

__all__ = [
    "AnchorBoxes",
    "NonMaxSuppression",
    "decode_boxes",
    "intersection_over_union",
]
