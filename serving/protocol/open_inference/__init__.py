"""Open Inference Protocol v2 as pure functions: bytes in, bytes out, no I/O.

`routes` reads the URL, `infer_request` and `infer_response` the bodies of an inference,
`json_data` and `binary_data` the tensors inside, `documents` writes metadata.

Reference:
    KServe, Open Inference Protocol, and Triton Inference Server's extensions
    binary_tensor_data and classification.
"""
