"""Clients for tests: the asynchronous ones behind the methods of the blocking ones."""

import asyncio

import serving


class Blocking:
    """A client for asyncio whose calls wait for their answers."""

    make = None

    def __init__(self, *args, **kwargs):
        self._runner = asyncio.Runner()
        self._client = self.make(*args, **kwargs)

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


REST_CLIENTS = (serving.Client, BlockingRest)
