"""Operators for which NaN means something else in ONNX Runtime than in TensorFlow.

TensorFlow's maximum of numbers and NaN is NaN. ONNX leaves it open, and ONNX Runtime
compares in an order in which NaN may be left out, takes it for the smallest or largest
number in `TopK`, and may lose it in the gates of `LSTM`.
"""

from pathlib import Path

OPERATORS = (
    *("MaxPool", "ReduceMax", "ReduceMin", "TopK", "ArgMax", "ArgMin", "Softmax"),
    "LSTM",
)


def concerned(file: Path) -> list[str]:
    """Returns which of these operators an ONNX file has.

    Args:
        file: `model.onnx`.
    """
    import onnx

    graph = onnx.load(file, load_external_data=False).graph
    return sorted({node.op_type for node in graph.node} & set(OPERATORS))
