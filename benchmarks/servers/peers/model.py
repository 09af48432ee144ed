"""What every peer runs: a session of the ONNX file, and its command line.

Imported from this folder by the files beside it, each in an environment of its own.
"""

import argparse

import numpy as np
import onnxruntime

NAME = "lenet5"
INPUT, OUTPUT = "image", "probabilities"
SHAPE = (28, 28, 1)
LARGEST = 256  # images of a request


class Model:
    """LeNet-5 with one intra-op thread, with which ONNX Runtime is fastest at batch 1.

    Args:
        path: The ONNX file.
    """

    def __init__(self, path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        providers = ["CPUExecutionProvider"]
        self._session = onnxruntime.InferenceSession(path, options, providers=providers)

    def __call__(self, images):
        """Probabilities `(batch, 10)` of float32 images `(batch, 28, 28, 1)`."""
        images = np.asarray(images, "float32")
        return self._session.run([OUTPUT], {INPUT: images})[0]


def arguments():
    """The command line: `PEER.py MODEL --http-port P --grpc-port Q --workers N`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", help="the ONNX file")
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--grpc-port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    return parser.parse_args()
