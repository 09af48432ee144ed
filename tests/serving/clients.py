"""Clients for tests: the asynchronous ones behind the methods of the blocking ones."""

import asyncio

import serving


class Blocking:
    """A client for asyncio whose calls wait for their answers."""

    make = None

    def __init__(self, *args, **kwargs):
        self._runner = asyncio.Runner()

        async def make():  # gRPC's takes the event loop that it is made in.
            return self.make(*args, **kwargs)

        self._client = self._runner.run(make())

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        with self._runner:
            self._runner.run(self._client.close())

    def __getattr__(self, name):
        call = getattr(self._client, name)
        return lambda *args, **kwargs: self._runner.run(call(*args, **kwargs))


class BlockingRest(Blocking):
    make = serving.AsyncClient


class BlockingGrpc(Blocking):
    make = serving.AsyncGrpcClient


GRPC_CLIENTS = (serving.GrpcClient, BlockingGrpc)
REST_CLIENTS = (serving.Client, BlockingRest)
