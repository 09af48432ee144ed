"""Objects over a socket between two processes, their arrays without copies."""

import io
import pickle
import socket
import struct
from typing import Any

import numpy as np

_COUNT = struct.Struct("<I")
_SIZE = struct.Struct("<Q")


def send(connection: socket.socket, value: Any) -> None:
    """Sends an object; arrays and `pickle.PickleBuffer` go behind the pickle."""
    buffers: list[pickle.PickleBuffer] = []
    stream = io.BytesIO()
    _Pickler(stream, protocol=5, buffer_callback=buffers.append).dump(value)
    parts = [stream.getbuffer(), *(buffer.raw() for buffer in buffers)]
    head = _COUNT.pack(len(parts)) + b"".join(_SIZE.pack(len(part)) for part in parts)
    connection.sendall(head)
    for part in parts:
        connection.sendall(part)


def receive(connection: socket.socket) -> Any:
    """Returns an object that was sent.

    Raises:
        EOFError: When the other end is closed.
    """
    (count,) = _COUNT.unpack(_read(connection, _COUNT.size))
    sizes = _read(connection, count * _SIZE.size)
    pickled, *buffers = [
        _read(connection, size) for (size,) in _SIZE.iter_unpack(sizes)
    ]
    return pickle.loads(pickled, buffers=buffers)


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        if type(value) is np.ndarray and value.dtype == object:
            # One buffer: millions of strings in a pickle would stop all threads.
            texts = [
                text.encode() if isinstance(text, str) else text
                for text in value.reshape(-1).tolist()
            ]
            ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
            joined = pickle.PickleBuffer(b"".join(texts))
            return _to_strings, (joined, ends, value.shape)
        return NotImplemented


def _to_strings(joined: Any, ends: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    array, view, start = np.empty(len(ends), object), memoryview(joined), 0
    for index, end in enumerate(ends.tolist()):
        array[index] = bytes(view[start:end])
        start = end
    return array.reshape(shape)


def _read(connection: socket.socket, size: int) -> bytearray:
    data = bytearray(size)
    view, received = memoryview(data), 0
    while received < size:
        count = connection.recv_into(view[received:])
        if count == 0:
            raise EOFError
        received += count
    return data
