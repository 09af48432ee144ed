"""Triton's Python backend through PyTriton: a callable bound once for each worker."""

import os
import sysconfig

import numpy as np
from model import INPUT, LARGEST, NAME, OUTPUT, SHAPE, Model, arguments
from pytriton.decorators import batch
from pytriton.model_config import ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig


def inference(path):
    model = Model(path)

    @batch
    def infer(image):
        return {OUTPUT: model(image)}

    return infer


if __name__ == "__main__":
    given = arguments()
    # Triton's stub would take the system's libpython, of another patch release.
    os.environ["LD_LIBRARY_PATH"] = sysconfig.get_config_var("LIBDIR")
    config = TritonConfig(
        http_address="127.0.0.1",
        http_port=given.http_port,
        grpc_port=given.grpc_port,
        allow_metrics=False,
    )
    with Triton(config=config) as triton:
        triton.bind(
            model_name=NAME,
            infer_func=[inference(given.model) for _ in range(given.workers)],
            inputs=[Tensor(name=INPUT, dtype=np.float32, shape=SHAPE)],
            outputs=[Tensor(name=OUTPUT, dtype=np.float32, shape=(10,))],
            config=ModelConfig(max_batch_size=LARGEST),
        )
        triton.serve()
