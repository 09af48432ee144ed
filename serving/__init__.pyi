from .client.async_grpc_client import AsyncGrpcClient as AsyncGrpcClient
from .client.async_rest_client import AsyncClient as AsyncClient
from .client.errors import RequestError as RequestError
from .client.grpc_client import GrpcClient as GrpcClient
from .client.rest_client import Client as Client
from .client.retries import Retries as Retries
from .engines import Engine as Engine
from .engines import Traits as Traits
from .engines import register_engine as register_engine
from .errors import ServingError as ServingError
from .protocol.signature_def import SignatureDef as SignatureDef
from .protocol.signature_def import TensorInfo as TensorInfo
from .server import Server as Server
from .server import serve as serve

__all__ = [
    "AsyncClient",
    "AsyncGrpcClient",
    "Client",
    "Engine",
    "GrpcClient",
    "RequestError",
    "Retries",
    "Server",
    "ServingError",
    "SignatureDef",
    "TensorInfo",
    "Traits",
    "register_engine",
    "serve",
]
