"""What an inspection of a path must say."""

from unittest import mock

import pytest
import tensorflow as tf

import export
from export import UnsafeModelError, inspection


def only(path):
    """The one inspection at a path, made without loading what is there."""
    with mock.patch.object(tf.saved_model, "load", side_effect=AssertionError):
        (found,) = export.inspect(path)
    return found


def refused(folder, match):
    assert not only(folder).is_safe
    with pytest.raises(UnsafeModelError, match=match) as error:
        inspection.check(folder)
    assert "\n" not in str(error.value)
    assert "--trust" in str(error.value)
