"""Ray Serve: a deployment with as many replicas as workers behind its HTTP proxy."""

import signal

import ray
from model import Model, arguments
from ray import serve


@serve.deployment(max_ongoing_requests=100)
class LeNet5:
    def __init__(self, path):
        self._model = Model(path)

    async def __call__(self, request):
        body = await request.json()
        return {"probabilities": self._model(body["image"]).tolist()}


if __name__ == "__main__":
    given = arguments()
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    serve.start(
        http_options={"host": "127.0.0.1", "port": given.http_port},
        logging_config={"enable_access_log": False},
    )
    application = LeNet5.options(
        num_replicas=given.workers,
        ray_actor_options={"num_cpus": 1 if given.workers == 2 else 2},
    )
    serve.run(application.bind(given.model))
    signal.sigwait({signal.SIGTERM})
    ray.shutdown()
