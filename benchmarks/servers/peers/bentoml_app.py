"""BentoML: a service whose API takes and answers arrays, `bentoml serve`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import bentoml
import numpy as np
from bentoml.validators import DType, Shape
from model import Model, arguments

Images = Annotated[np.ndarray, Shape((-1, 28, 28, 1)), DType("float32")]
Probabilities = Annotated[np.ndarray, Shape((-1, 10)), DType("float32")]


@bentoml.service(
    workers=int(os.environ.get("WORKERS", 1)),
    logging={"access": {"enabled": False}},
    metrics={"enabled": False},
)
class LeNet5:
    def __init__(self):
        self._model = Model(os.environ["MODEL"])

    @bentoml.api
    async def predict(self, image: Images) -> Probabilities:
        return self._model(image)


if __name__ == "__main__":
    given = arguments()
    os.environ.update(
        MODEL=str(Path(given.model).resolve()),
        WORKERS=str(given.workers),
        BENTOML_DO_NOT_TRACK="true",
    )
    command = Path(sys.executable).with_name("bentoml")
    port, folder = str(given.http_port), Path(__file__).parent
    options = ["--host", "127.0.0.1", "--port", port, "--working-dir", folder]
    os.execv(command, [command, "serve", "bentoml_app:LeNet5", *options])
