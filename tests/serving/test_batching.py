"""Batches across requests: what is merged, and that no answer changes by it."""

import asyncio
import threading

import numpy as np
import pytest

from serving.engines import Traits, load_engine
from serving.errors import Code, ServingError, StatusError
from serving.models import batching
from serving.models.batching import (
    BatchingParameters,
    has_independent_rows,
    read_batching_parameters,
)
from serving.options import ServerOptions

from .test_onnx_engine import save
from .test_scheduler import LONG, NAME, SHORT, FakeServable, began, run


def rows(*values):
    return {"x": np.float32([[value] for value in values])}


async def ask_all(scheduler, servable, requests):
    """Submits all in one iteration of the loop; answers and errors in their order."""
    return await asyncio.gather(
        *(scheduler.run(servable, NAME, each) for each in requests),
        return_exceptions=True,
    )


def answers(outputs):
    return [each["y"].tolist() for each in outputs]


def test_requests_of_one_iteration_are_one_batch():
    servable = FakeServable(seconds=SHORT, independent=True)
    requests = [rows(1), rows(2, 3), rows(4)]
    outputs = run(lambda scheduler: ask_all(scheduler, servable, requests))
    assert servable.engine.batches == [[[1], [2], [3], [4]]]
    assert answers(outputs) == [[[2]], [[4], [6]], [[8]]]


def test_rows_that_are_not_known_to_be_independent_stay_alone():
    servable = FakeServable(seconds=SHORT)
    outputs = run(lambda scheduler: ask_all(scheduler, servable, [rows(1), rows(2)]))
    assert servable.engine.batches == [[[1]], [[2]]]
    assert answers(outputs) == [[[2]], [[4]]]


def test_other_shapes_types_and_models_are_other_batches():
    first = FakeServable("first", SHORT, independent=True)
    second = FakeServable("second", SHORT, independent=True)

    async def ask(scheduler):
        await asyncio.gather(
            scheduler.run(first, NAME, rows(1)),
            scheduler.run(first, NAME, {"x": np.float32([[1, 2]])}),
            scheduler.run(first, NAME, {"x": np.float64([[5]])}),
            scheduler.run(second, NAME, rows(7)),
            scheduler.run(first, NAME, rows(3)),
        )

    run(ask)
    assert first.engine.batches == [[[1], [3]], [[1, 2]], [[5]]]
    assert second.engine.batches == [[[7]]]


def test_what_waits_for_a_thread_is_merged():
    servable = FakeServable(seconds=LONG, independent=True)
    servable.engine.gate.clear()

    async def ask(scheduler):
        scheduler._max_running = 1
        tasks = [asyncio.create_task(scheduler.run(servable, NAME, rows(0)))]
        await began(servable.engine)
        tasks += [
            asyncio.create_task(scheduler.run(servable, NAME, rows(i)))
            for i in (1, 2, 3)
        ]
        await asyncio.sleep(0.01)
        servable.engine.gate.set()
        outputs = await asyncio.gather(*tasks)
        assert answers(outputs) == [[[0]], [[2]], [[4]], [[6]]]
        assert scheduler.lanes["model"].batch_sizes == {1: 1, 3: 1}

    run(ask)
    assert servable.engine.batches == [[[0]], [[1], [2], [3]]]


def test_a_bad_row_fails_alone():
    servable = FakeServable(seconds=SHORT, independent=True)
    requests = [rows(1), rows(-1), rows(3)]
    first, bad, last = run(lambda scheduler: ask_all(scheduler, servable, requests))
    assert (bad.code, str(bad)) == (Code.INVALID_ARGUMENT, "negative")
    assert answers([first, last]) == [[[2]], [[6]]]


def test_a_batch_that_takes_longer_than_its_calls_is_not_made():
    servable = FakeServable(independent=True)
    profile = servable.profiles[NAME]
    profile.record(1, SHORT)
    profile.record(4, 10 * SHORT)
    requests = [rows(i) for i in range(4)]
    run(lambda scheduler: ask_all(scheduler, servable, requests))
    assert servable.engine.batches[0] == [[0]]


def test_a_batch_that_was_slow_is_tried_again():
    servable = FakeServable(independent=True)
    profile = servable.profiles[NAME]
    profile.record(1, SHORT)
    profile.record(4, 8 * SHORT)
    tries = [profile.is_faster_together(1, 4) for _ in range(40)]
    assert not tries[0]
    assert tries[-1]


def test_an_output_without_rows_is_not_cut():
    servable = FakeServable(seconds=SHORT, independent=True)
    servable.engine.predict = lambda name, inputs: {"y": inputs["x"].sum()}
    outputs = run(lambda scheduler: ask_all(scheduler, servable, [rows(1), rows(2)]))
    assert answers(outputs) == [1, 2]


def parameters_file(tmp_path, text):
    path = tmp_path / "batching.txt"
    path.write_text(text)
    return {"enable_batching": True, "batching_parameters_file": path}


def test_large_calls_are_computed_in_parts_where_that_is_asked_for(tmp_path):
    options = parameters_file(
        tmp_path,
        "max_batch_size { value: 8 } enable_large_batch_splitting { value: true } "
        "max_execution_batch_size { value: 4 } allowed_batch_sizes: [2, 4]",
    )
    servable = FakeServable(seconds=SHORT)
    requests = [rows(1, 2, 3, 4, 5), rows(6, 7, 8), rows(*range(9))]
    first, second, third = run(
        lambda scheduler: ask_all(scheduler, servable, requests), **options
    )
    # Of TensorFlow Serving's two limits, one is that of a call.
    assert answers([first, second]) == [[[2], [4], [6], [8], [10]], [[12], [14], [16]]]
    assert str(third) == "Task size 9 is larger than maximum input batch size 8"
    assert sorted(servable.engine.batches) == [
        [[1], [2], [3], [4]],
        [[5], [5]],
        [[6], [7], [8], [6]],
    ]


def test_parts_are_not_asked_for_by_their_size_alone(tmp_path):
    text = "max_batch_size { value: 8 } max_execution_batch_size { value: 4 }"
    options = ServerOptions(**parameters_file(tmp_path, text))
    assert read_batching_parameters(options).computed_rows == 8


def test_allowed_sizes_pad_and_a_larger_request_is_refused(tmp_path):
    options = parameters_file(
        tmp_path,
        "max_batch_size { value: 4 } allowed_batch_sizes: 2 allowed_batch_sizes: 4",
    )
    servable = FakeServable(seconds=SHORT)
    requests = [rows(1), rows(2, 3), rows(1, 2, 3, 4, 5)]
    first, second, third = run(
        lambda scheduler: ask_all(scheduler, servable, requests), **options
    )
    assert servable.engine.batches == [[[1], [2], [3], [1]]]
    assert answers([first, second]) == [[[2]], [[4], [6]]]
    assert (third.code, str(third)) == (
        Code.INVALID_ARGUMENT,
        "Task size 5 is larger than maximum input batch size 4",
    )


def test_the_largest_batch(tmp_path):
    options = parameters_file(tmp_path, "max_batch_size { value: 2 }")
    servable = FakeServable(seconds=SHORT)
    requests = [rows(i) for i in range(5)]
    run(lambda scheduler: ask_all(scheduler, servable, requests), **options)
    assert servable.engine.batches == [[[0], [1]], [[2], [3]], [[4]]]


def test_lengths_are_padded_where_it_is_asked_for(tmp_path):
    options = parameters_file(tmp_path, "pad_variable_length_inputs: true")
    servable = FakeServable(seconds=SHORT)
    requests = [{"x": np.float32([[1, 2, 3]])}, {"x": np.float32([[4]])}]
    run(lambda scheduler: ask_all(scheduler, servable, requests), **options)
    assert servable.engine.batches == [[[1, 2, 3], [4, 4, 4]]]


def test_a_timeout_waits_for_others_and_a_full_batch_for_none(tmp_path):
    options = parameters_file(
        tmp_path,
        "max_batch_size { value: 3 } batch_timeout_micros { value: 30000 }",
    )
    servable = FakeServable(seconds=SHORT)

    async def ask(scheduler):
        clock = asyncio.get_running_loop().time
        first = asyncio.create_task(scheduler.run(servable, NAME, rows(1)))
        started = clock()
        await asyncio.sleep(0.001)
        await asyncio.gather(first, scheduler.run(servable, NAME, rows(2)))
        assert clock() - started >= 0.03
        await ask_all(scheduler, servable, [rows(i) for i in range(3)])
        await scheduler.drain()

    run(ask, **options)
    assert servable.engine.batches == [[[1], [2]], [[0], [1], [2]]]


def test_the_length_of_the_queue(tmp_path):
    options = parameters_file(
        tmp_path,
        "max_batch_size { value: 1 } max_enqueued_batches { value: 2 } "
        "num_batch_threads { value: 1 }",
    )
    servable = FakeServable(seconds=LONG)
    servable.engine.gate.clear()

    async def ask(scheduler):
        running = asyncio.create_task(scheduler.run(servable, NAME, rows(0)))
        await began(servable.engine)
        tasks = [
            asyncio.create_task(scheduler.run(servable, NAME, rows(i)))
            for i in range(3)
        ]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        servable.engine.gate.set()
        await running
        return await asyncio.gather(*tasks, return_exceptions=True)

    outputs = run(ask, **options)
    assert [isinstance(each, StatusError) for each in outputs] == [False, False, True]
    assert outputs[2].code is Code.UNAVAILABLE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("max_batch_size { value: 0 }", "max_batch_size must be positive"),
        ("num_batch_threads { value: -1 }", "num_batch_threads must be positive"),
        ("allowed_batch_sizes: [4, 2]", r"must be positive and increase.*\[4, 2\]"),
        (
            "max_batch_size { value: 8 } allowed_batch_sizes: [2, 4]",
            "the last of allowed_batch_sizes must be max_batch_size, 8. Received: 4",
        ),
        (
            "max_batch_size { value: 8 } max_execution_batch_size { value: 9 } "
            "enable_large_batch_splitting { value: true }",
            "max_execution_batch_size must not be above max_batch_size, 8. Received: 9",
        ),
        (
            "max_batch_size { value: 8 } max_execution_batch_size { value: 4 } "
            "enable_large_batch_splitting { value: true } allowed_batch_sizes: 8",
            "allowed_batch_sizes must be max_execution_batch_size, 4. Received: 8",
        ),
        ("max_batch {", r"batching.txt.*1:1"),
    ],
)
def test_wrong_parameters_are_one_line(text, message, tmp_path):
    options = ServerOptions(**parameters_file(tmp_path, text))
    with pytest.raises(ServingError, match=message) as caught:
        read_batching_parameters(options)
    assert "\n" not in str(caught.value)


def test_without_a_file_the_parameters_are_those_of_tensorflow_serving(tmp_path):
    assert read_batching_parameters(ServerOptions()) is None
    asked = read_batching_parameters(ServerOptions(enable_batching=True))
    assert asked == BatchingParameters(1000, 0, 10)
    missing = ServerOptions(
        enable_batching=True, batching_parameters_file=tmp_path / "none.txt"
    )
    with pytest.raises(ServingError, match="Cannot read .*none.txt"):
        read_batching_parameters(missing)


def onnx_engine(folder, operator, shape=("batch", 2), **attributes):
    """An engine of one operator from `x` to `y`."""
    from onnx import TensorProto, helper

    save(
        folder,
        [helper.make_node(operator, ["x"], ["y"], **attributes)],
        [("x", TensorProto.FLOAT, list(shape))],
        [("y", TensorProto.FLOAT, list(shape))],
    )
    return load_engine(folder, "onnx")


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("operator", "attributes", "expected"),
    [
        ("Softmax", {"axis": -1}, True),
        ("Softmax", {"axis": 0}, False),
        ("MeanVarianceNormalization", {"axes": [0]}, False),
        ("Relu", {}, True),
    ],
)
def test_independent_rows_are_proven(operator, attributes, expected, rows, tmp_path):
    """Also from a sample whose rows are all the same, as warm-up records are."""
    engine = onnx_engine(tmp_path, operator, **attributes)
    sample = {"x": np.full((rows, 2), 0.5, np.float32)}
    signature = engine.signatures[NAME]
    assert has_independent_rows(engine, signature, sample) is expected


def test_nothing_is_proven_of_fixed_axes_or_side_effects(tmp_path):
    sample = {"x": np.ones((1, 2), np.float32)}
    engine = onnx_engine(tmp_path, "Relu", shape=(1, 2))
    assert not has_independent_rows(engine, engine.signatures[NAME], sample)
    engine = onnx_engine(tmp_path, "Relu")
    engine.traits = lambda name: Traits(False, has_side_effects=True)
    assert not has_independent_rows(engine, engine.signatures[NAME], sample)


def test_merged_answers_are_those_of_a_lone_request(tmp_path):
    """Through the scheduler and a real engine, from several iterations at once."""
    servable = FakeServable(seconds=SHORT, independent=True)
    servable.engine = onnx_engine(tmp_path, "Softmax", axis=-1)
    random = np.random.default_rng(0)
    requests = [
        {"x": random.normal(size=(1 + i % 3, 2)).astype(np.float32)} for i in range(50)
    ]
    outputs = run(lambda scheduler: ask_all(scheduler, servable, requests))
    for request, output in zip(requests, outputs, strict=True):
        alone = servable.engine.predict(NAME, request)["y"]
        np.testing.assert_array_max_ulp(output["y"], alone, 4)
    assert threading.active_count() < 50


@pytest.mark.parametrize("shape", [(2, 1), (2, 3), (2, 5, 4)])
@pytest.mark.parametrize("dtype", ["float32", "int64", "bool"])
def test_rows_that_are_compared_differ(shape, dtype):
    sample = np.ones(shape, dtype)
    first, last, zeros, mixture = batching._different_rows(sample)
    assert np.array_equal(first, sample[0]) and np.array_equal(last, sample[-1])
    assert not zeros.any()
    assert not np.array_equal(mixture, first)
    assert mixture.dtype == sample.dtype
