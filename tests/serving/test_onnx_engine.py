"""What ONNX Runtime would die of, or refuses, and what the client reads of it."""

import subprocess
import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from serving.engines import Traits, load_engine
from serving.errors import Code, StatusError

OPSET = [helper.make_opsetid("", 17)]
BATCH_AND_TIME = ["batch", "time", 2]


def save(folder, nodes, inputs, outputs, **constants):
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info(*each) for each in inputs],
        [helper.make_tensor_value_info(*each) for each in outputs],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=OPSET, ir_version=9)
    onnx.save(model, folder / "model.onnx")


def save_recurrent(folder, operator):
    gates = {"GRU": 3, "LSTM": 4, "RNN": 1}[operator]
    save(
        folder,
        [
            helper.make_node("Transpose", ["x"], ["by_time"], perm=[1, 0, 2]),
            helper.make_node(operator, ["by_time", "w", "r"], ["y"], hidden_size=3),
        ],
        [("x", TensorProto.FLOAT, BATCH_AND_TIME)],
        [("y", TensorProto.FLOAT, ["time", 1, "batch", 3])],
        w=np.ones((1, 3 * gates, 2), np.float32),
        r=np.ones((1, 3 * gates, 3), np.float32),
    )


def save_loop(folder):
    """`y` is `x` after as many steps as `n` says."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["condition"], ["go_on"]),
            helper.make_node("Add", ["value", "value"], ["twice"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("condition", TensorProto.BOOL, []),
            helper.make_tensor_value_info("value", TensorProto.FLOAT, ["batch"]),
        ],
        [
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("twice", TensorProto.FLOAT, ["batch"]),
        ],
    )
    save(
        folder,
        [helper.make_node("Loop", ["n", "", "x"], ["y"], body=body)],
        [("n", TensorProto.INT64, []), ("x", TensorProto.FLOAT, ["batch"])],
        [("y", TensorProto.FLOAT, ["batch"])],
    )


def save_lookup(folder):
    save(
        folder,
        [
            helper.make_node("Gather", ["table", "ids"], ["rows"]),
            helper.make_node("Add", ["rows", "shift"], ["y"]),
        ],
        [
            ("ids", TensorProto.INT32, ["batch"]),
            ("shift", TensorProto.FLOAT, ["batch", 2]),
        ],
        [("y", TensorProto.FLOAT, ["batch", 2])],
        table=np.float32([[1, 2], [3, 4]]),
    )


def refusal(engine, **inputs):
    with pytest.raises(StatusError) as caught:
        engine.predict("serving_default", inputs)
    assert "\n" not in str(caught.value)
    return caught.value.code, str(caught.value)


ASK = """
import pathlib, sys
import numpy as np
from serving.engines import load_engine
engine = load_engine(pathlib.Path(sys.argv[1]), "onnx")
for shape in (0, 4, 2), (4, 0, 2), (0, 0, 2), (1, 4, 2):
    try:
        print(engine.predict("serving_default", {"x": np.ones(shape, "f")})["y"].shape)
    except Exception as error:
        print(error)
"""


@pytest.mark.parametrize("operator", ["GRU", "LSTM", "RNN"])
def test_a_recurrent_operator_without_samples_does_not_end_the_process(
    operator, tmp_path
):
    """ONNX Runtime calls `abort` there, so a process of its own asks."""
    save_recurrent(tmp_path, operator)
    command = [sys.executable, "-c", ASK, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == [
        "Input 'x' has size 0 at axis 0 ('batch'); the model takes 1 and more",
        "Input 'x' has size 0 at axis 1 ('time'); the model takes 1 and more",
        "Input 'x' has size 0 at axis 0 ('batch'); the model takes 1 and more",
        "(4, 1, 1, 3)",
    ]


def test_an_empty_batch_is_answered_where_the_runtime_can(tmp_path):
    save_lookup(tmp_path)
    engine = load_engine(tmp_path, "onnx")
    empty = {"ids": np.zeros(0, np.int32), "shift": np.zeros((0, 2), np.float32)}
    assert engine.predict("serving_default", empty)["y"].shape == (0, 2)


def test_what_it_refuses_is_one_line_with_the_cause(tmp_path):
    save_lookup(tmp_path)
    engine = load_engine(tmp_path, "onnx")
    shift = np.zeros((1, 2), np.float32)
    assert refusal(engine, ids=np.int32([7]), shift=shift) == (
        Code.INVALID_ARGUMENT,
        "indices element out of data bounds, idx=7 must be within the inclusive range "
        "[-2,1]",
    )
    assert refusal(engine, ids=np.int32([[1]]), shift=shift) == (
        Code.INVALID_ARGUMENT,
        "Invalid rank for input: ids Got: 2 Expected: 1",
    )


def test_sizes_of_one_axis_have_to_agree(tmp_path):
    save_lookup(tmp_path)
    engine = load_engine(tmp_path, "onnx")
    assert refusal(
        engine, ids=np.int32([0, 1, 1]), shift=np.zeros((1, 2), np.float32)
    ) == (
        Code.INVALID_ARGUMENT,
        "Input 'shift' has size 1 at axis 'batch', input 'ids' has 3",
    )


def test_no_memory_is_resource_exhausted(tmp_path):
    save(
        tmp_path,
        [helper.make_node("Expand", ["x", "shape"], ["y"])],
        [("x", TensorProto.FLOAT, [1]), ("shape", TensorProto.INT64, ["rank"])],
        [("y", TensorProto.FLOAT, [None])],
    )
    engine = load_engine(tmp_path, "onnx")
    code, message = refusal(engine, x=np.float32([1]), shape=np.int64([2**46]))
    assert code is Code.RESOURCE_EXHAUSTED
    assert message == "Not enough memory for inputs of this size"


def test_loops_are_told_from_other_operators(tmp_path):
    save_loop(tmp_path)
    engine = load_engine(tmp_path, "onnx")
    assert engine.traits("serving_default") == Traits(True, False)
    outputs = engine.predict(
        "serving_default", {"n": np.array(3), "x": np.ones(1, "f")}
    )
    assert outputs["y"].tolist() == [8]
    save_lookup(tmp_path)
    engine = load_engine(tmp_path, "onnx")
    assert engine.traits("serving_default") == Traits(False, False)
