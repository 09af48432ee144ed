"""A control plane over managers of this process, without sockets and processes."""

import asyncio
from pathlib import Path

from serving.models.config import Configuration
from serving.models.control_plane import ControlPlane, WorkerGone
from serving.models.manager import ModelManager
from serving.options import ServerOptions


class LocalWorker:
    """Does what a worker's messages ask for, at once.

    Args:
        options: Of the server.
        dies_of: Name of a model whose loading it does not survive.
    """

    def __init__(self, options=None, dies_of=None):
        options = options or ServerOptions()
        self.loaded = set()
        self.unloaded = []
        self.manager = ModelManager(options, lambda *key: self.unloaded.append(key))
        self.requests = []
        self.dies_of = dies_of
        self.is_gone = False

    async def request(self, kind, payload=None):
        await asyncio.sleep(0)
        self.requests.append((kind, payload))
        if kind == "load" and payload["name"] == self.dies_of:
            self.is_gone = True
        if self.is_gone:
            raise WorkerGone("A worker died of SIGABRT")
        if kind == "load":
            path = Path(payload["path"])
            servable = self.manager.load(payload["name"], payload["version"], path)
            return {"engine": servable.engine.name}
        if kind == "publish":
            self.manager.publish(payload)
        return {"worker": id(self)} if kind == "metrics" else None


class Plane:
    """A control plane with workers, for tests that are not coroutines."""

    def __init__(self, base_path=None, model_name=None, workers=1, **options):
        self.options = ServerOptions(base_path, model_name, **options)
        self.runner = asyncio.Runner()
        self.plane = ControlPlane(self.options, Configuration(self.options))
        self.workers = [LocalWorker(self.options) for _ in range(workers)]
        for worker in self.workers:
            self.run(self.plane.admit(worker))

    @property
    def manager(self):
        """What the transports of the first worker see."""
        return self.workers[0].manager

    def run(self, coroutine):
        """Runs it, then what it has left to be done."""

        async def run():
            result = await coroutine
            await self._settle()
            return result

        return self.runner.run(run())

    def start(self):
        self.run(self.plane.start())

    def refresh(self):
        self.run(self.plane.refresh())

    def close(self):
        for worker in self.workers:
            worker.manager.close()
        self.runner.close()

    async def _settle(self):
        for _ in range(20):
            await asyncio.sleep(0)
            for worker in self.workers:
                while worker.unloaded:
                    handler = self.plane.handlers()["unloaded"]
                    await handler(worker, worker.unloaded.pop())
