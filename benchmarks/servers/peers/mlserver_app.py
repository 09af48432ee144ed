"""MLServer with a runtime of ours, started as its documents say: `mlserver start`."""

import json
import os
import sys
import tempfile
from pathlib import Path

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse
from model import NAME, OUTPUT, Model, arguments


class Runtime(MLModel):
    """Runs the ONNX file that the model's settings name."""

    async def load(self):
        self._model = Model(self.settings.parameters.uri)
        return True

    async def predict(self, payload):
        images = self.decode(payload.inputs[0], default_codec=NumpyCodec)
        output = NumpyCodec.encode_output(OUTPUT, self._model(images))
        return InferenceResponse(model_name=self.name, outputs=[output])


if __name__ == "__main__":
    given = arguments()
    folder = Path(tempfile.mkdtemp())
    settings = {
        "debug": False,
        "host": "127.0.0.1",
        "http_port": given.http_port,
        "grpc_port": given.grpc_port,
        "metrics_port": 0,
        "parallel_workers": given.workers,
    }
    model = {
        "name": NAME,
        "implementation": "mlserver_app.Runtime",
        "parameters": {"uri": str(Path(given.model).resolve())},
    }
    (folder / "settings.json").write_text(json.dumps(settings))
    (folder / "model-settings.json").write_text(json.dumps(model))
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    command = Path(sys.executable).with_name("mlserver")
    os.execv(command, [command, "start", folder])
