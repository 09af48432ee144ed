"""What a client does to an input before it is sent."""

import numpy as np
import pytest

from serving import ServingError
from serving.client.casting import cast

BIG = 2**63


@pytest.mark.parametrize(
    ("value", "dtype", "expected"),
    [
        ([0.1], np.float32, np.float32([0.1])),
        (np.float64([0.1]), np.float32, np.float32([0.1])),
        ([1e-300], np.float32, [0.0]),
        ([2**24 + 1], np.float32, [2**24]),
        ([np.inf, -np.inf], np.float32, [np.inf, -np.inf]),
        (np.float32([65504]), np.float16, [65504]),
        (3, np.float32, 3.0),
        ([1.0, -2.0], np.int8, [1, -2]),
        (np.uint64([BIG - 1]), np.int64, [BIG - 1]),
        ([BIG, 1], np.uint64, [BIG, 1]),
        ([2**64 - 1], np.uint64, [2**64 - 1]),
        ([-(2.0**63)], np.int64, [-BIG]),
        ([True], np.bool_, [True]),
        ([], np.int32, []),
        (np.zeros((0, 3)), np.int32, np.zeros((0, 3))),
        (["a", b"\0"], np.object_, ["a", b"\0"]),
        ("a", np.object_, "a"),
        (np.array(["ab", "c"]), np.object_, ["ab", "c"]),
        ([], np.object_, []),
    ],
)
def test_what_fits(value, dtype, expected):
    array = cast("x", value, np.dtype(dtype))
    assert array.dtype == dtype
    np.testing.assert_array_equal(array, np.asarray(expected, dtype))


@pytest.mark.parametrize(
    ("value", "dtype", "text"),
    [
        (
            [0, 1e300, -1e300],
            np.float32,
            r"'x' takes float32, .* hold 1e\+300, -1e\+30",
        ),
        (np.float32([70000]), np.float16, "'x' takes float16, which does not hold 700"),
        ([1.5], np.int32, "which does not hold 1.5"),
        ([np.nan], np.int32, "which does not hold nan"),
        ([np.inf], np.int64, "which does not hold inf"),
        ([2.0**63], np.int64, r"does not hold 9\.22"),
        ([2.0**64], np.uint64, r"does not hold 1\.84"),
        ([256, -1], np.uint8, "which does not hold 256, -1"),
        ([-1], np.uint64, "which does not hold -1"),
        (np.uint64([BIG]), np.int64, f"which does not hold {BIG}"),
        ([2.0**31], np.int32, "which does not hold 2147483648.0"),
        ([1], np.bool_, "'x' takes bool. Received: int64, 1"),
        ([True], np.float32, "'x' takes float32. Received: bool, True"),
        (["1"], np.float32, "'x' takes float32. Received: strings, 1"),
        ([1.5], np.object_, "'x' takes strings. Received: float64, 1.5"),
        ([[1], [2, 3]], np.float32, "'x' is no array: .*inhomogeneous"),
        ([["a"], ["b", "c"]], np.object_, "'x' is no array"),
        ([None], np.float32, "'x' is no array: it holds NoneType"),
        ([10**30], np.float32, "'x' is no array: Python int too large"),
        ([1j], np.float32, "'x' is an array of complex128; expected numbers"),
        (np.array(["2026"], "M8[Y]"), np.float32, "'x' is an array of datetime64"),
    ],
)
def test_what_does_not_fit(value, dtype, text):
    with pytest.raises(ServingError, match=text) as caught:
        cast("x", value, np.dtype(dtype))
    assert "\n" not in str(caught.value)


def test_a_type_that_is_not_known_keeps_the_value():
    assert cast("x", [1.5], None).dtype == np.float64
