"""TensorFlow Serving's REST JSON as pure functions: bytes in, bytes out, no I/O.

`routes` reads the URL, `predict` the body and the answer of a prediction,
`tensors` the values inside, `documents` writes status, metadata and errors.
"""
