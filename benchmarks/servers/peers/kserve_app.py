"""KServe's model server, which takes both protocols: `instances` and v2."""

from kserve import InferOutput, InferRequest, InferResponse, ModelServer
from kserve import Model as KServeModel
from kserve.utils.utils import generate_uuid
from model import NAME, OUTPUT, Model, arguments


class LeNet5(KServeModel):
    def __init__(self, path):
        super().__init__(NAME)
        self._path = path
        self.load()

    def __reduce__(self):  # KServe sends the model to its workers
        return LeNet5, (self._path,)

    def load(self):
        self._model = Model(self._path)
        self.ready = True
        return True

    async def predict(self, payload, headers=None, response_headers=None):
        if isinstance(payload, InferRequest):
            found = self._model(payload.inputs[0].as_numpy())
            output = InferOutput(OUTPUT, list(found.shape), "FP32")
            output.set_data_from_numpy(found, binary_data=payload.from_grpc)
            return InferResponse(generate_uuid(), NAME, [output])
        return {"predictions": self._model(payload["instances"]).tolist()}


if __name__ == "__main__":
    given = arguments()
    ModelServer(
        http_port=given.http_port,
        grpc_port=given.grpc_port,
        workers=given.workers,
        enable_docs_url=False,
        enable_latency_logging=False,
    ).start([LeNet5(given.model)])
