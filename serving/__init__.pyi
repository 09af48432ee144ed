from .client.rest_client import Client as Client
from .engines import Engine as Engine
from .engines import Traits as Traits
from .engines import register_engine as register_engine
from .errors import ServingError as ServingError
from .protocol.signature_def import SignatureDef as SignatureDef
from .protocol.signature_def import TensorInfo as TensorInfo
from .server import Server as Server
from .server import serve as serve

__all__ = [
    "Client",
    "Engine",
    "Server",
    "ServingError",
    "SignatureDef",
    "TensorInfo",
    "Traits",
    "register_engine",
    "serve",
]
