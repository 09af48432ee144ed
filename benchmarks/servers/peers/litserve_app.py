"""LitServe: as many API servers as workers, with its faster queue between them."""

import litserve
from model import Model, arguments


class LeNet5(litserve.LitAPI):
    def __init__(self, path):
        super().__init__()
        self._path = path

    def setup(self, device):
        self._model = Model(self._path)

    def decode_request(self, request):
        return request["image"]

    def predict(self, x):
        return self._model(x)

    def encode_response(self, output):
        return {"probabilities": output.tolist()}


if __name__ == "__main__":
    given = arguments()
    server = litserve.LitServer(
        LeNet5(given.model),
        accelerator="cpu",
        workers_per_device=given.workers,
        fast_queue=True,
    )
    server.run(
        host="127.0.0.1",
        port=given.http_port,
        num_api_servers=given.workers,
        log_level="warning",
        generate_client_file=False,
    )
