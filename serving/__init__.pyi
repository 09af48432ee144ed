from .client.rest_client import Client as Client
from .errors import ServingError as ServingError
from .server import Server as Server
from .server import serve as serve

__all__ = ["Client", "Server", "ServingError", "serve"]
