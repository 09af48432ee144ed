"""The APIs that answer HTTP, by the prefix of the path."""

from serving.models.manager import ModelManager
from serving.models.request_log import RequestLog
from serving.models.scheduler import Scheduler
from serving.transport.body_pool import BodyPool
from serving.transport.documentation import DocumentationApi
from serving.transport.health import PATHS, HealthApi
from serving.transport.http_messages import Api
from serving.transport.open_inference_rest import OpenInferenceApi
from serving.transport.readiness import Readiness
from serving.transport.rest import RestApi


def http_apis(
    manager: ModelManager,
    scheduler: Scheduler,
    readiness: Readiness,
    bodies: BodyPool,
    request_log: RequestLog,
) -> dict[str, Api]:
    """Returns TensorFlow Serving's API, v2, probes, and what describes them.

    Args:
        manager: Holds the models.
        scheduler: Runs inferences.
        readiness: Says whether all models answer.
        bodies: Reads and writes large bodies.
        request_log: Takes samples of the requests.
    """
    health = HealthApi(readiness)
    return {
        "/v1/": RestApi(manager, scheduler, bodies, request_log),
        "/v2": OpenInferenceApi(manager, scheduler, readiness, bodies, request_log),
        **dict.fromkeys(PATHS, health),
        "/": DocumentationApi(manager),
    }
