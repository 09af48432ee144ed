"""TensorFlow Serving's `ModelService`."""

from collections.abc import Awaitable, Callable
from typing import Any

from serving.errors import invalid_argument
from serving.models.manager import ModelManager
from serving.protocol.messages import message
from serving.protocol.model_messages import requested_model, status_message
from serving.transport.call import Call
from serving.transport.grpc_calls import Method

SERVICE = "tensorflow.serving.ModelService"

# Takes a `ModelServerConfig` message; raises StatusError when it is refused.
ReloadConfig = Callable[[Any], Awaitable[None]]


class ModelService:
    """Answers what is loaded, and takes a new configuration.

    Args:
        manager: Holds the models.
        reload_config: Takes the configuration.
    """

    def __init__(self, manager: ModelManager, reload_config: ReloadConfig) -> None:
        self._manager = manager
        self._reload_config = reload_config

    def methods(self) -> dict[str, Method]:
        """Returns what answers each method."""
        return {
            "GetModelStatus": self._get_model_status,
            "HandleReloadConfigRequest": self._handle_reload_config_request,
        }

    async def _get_model_status(self, request: Any, call: Call) -> bytes:
        spec = requested_model(request)
        return status_message(
            self._manager.status(spec.name, spec.version, spec.label)
        ).SerializeToString()

    async def _handle_reload_config_request(self, request: Any, call: Call) -> bytes:
        if request.config.WhichOneof("config") != "model_config_list":
            raise invalid_argument(
                "ServerModelConfig type not supported by HandleReloadConfigRequest. "
                "Only ModelConfigList is currently supported"
            )
        await self._reload_config(request.config)
        response = message("tensorflow.serving.ReloadConfigResponse")()
        response.status.SetInParent()
        return response.SerializeToString()
