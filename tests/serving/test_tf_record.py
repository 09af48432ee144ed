"""Records are those that TensorFlow writes, of every length around a block."""

import sys

import numpy as np
import pytest
import tensorflow as tf

from serving.errors import StatusError
from serving.models.tf_record import masked_crc32c, read_records, record_bytes

SIZES = [0, 1, 4, 63, 64, 65, 127, 128, 129, 1000, 12_703, 100_001]


def test_tensorflow_reads_and_writes_the_same_records(tmp_path):
    draw = np.random.default_rng(0)
    records = [draw.bytes(size) for size in SIZES]
    path = tmp_path / "records"
    with tf.io.TFRecordWriter(str(path)) as writer:
        for each in records:
            writer.write(each)
    assert list(read_records(path)) == records
    assert b"".join(map(record_bytes, records)) == path.read_bytes()


@pytest.mark.parametrize("place", [0, 3, 4, 63, 64, 131, 199])
def test_a_changed_bit_is_found(tmp_path, place):
    record = bytearray(record_bytes(bytes(range(200))))
    record[12 + place] ^= 1 << place % 8
    path = tmp_path / "records"
    path.write_bytes(record)
    with pytest.raises(StatusError, match="corrupted record at 0"):
        list(read_records(path))


def test_a_checksum_takes_few_steps_for_a_byte():
    # Records of images are checked at the start and for each request that is logged.
    steps = 0

    def count(frame, event, argument):
        nonlocal steps
        steps += event in ("line", "opcode")
        return count

    masked_crc32c(bytes(64))  # the table is made once
    sys.settrace(count)
    masked_crc32c(bytes(6400))
    sys.settrace(None)
    assert steps < 6400 / 8
