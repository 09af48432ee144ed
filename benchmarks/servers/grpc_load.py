"""Closed-loop load on a unary gRPC method: each caller sends when it has its answer.

python -m benchmarks.servers.grpc_load ADDRESS METHOD BODY CALLERS SECONDS
"""

import asyncio
import json
import sys
import time
from pathlib import Path

import grpc
import numpy as np

OPTIONS = [
    ("grpc.use_local_subchannel_pool", 1),  # a connection of its own for each caller
    ("grpc.max_receive_message_length", -1),
]


async def caller(address, method, body, until, latencies, errors):
    async with grpc.aio.insecure_channel(address, options=OPTIONS) as channel:
        call = channel.unary_unary(method)  # bytes in, bytes out
        while (start := time.perf_counter()) < until:
            try:
                await call(body, timeout=30)
            except grpc.aio.AioRpcError as error:
                errors.append(error.code().name)
            else:
                latencies.append(1000 * (time.perf_counter() - start))


async def load(address, method, body, callers, seconds):
    """Returns what `benchmarks.servers.load.over_grpc` documents."""
    latencies, errors = [], []
    start = time.perf_counter()
    calls = (
        caller(address, method, body, start + seconds, latencies, errors)
        for _ in range(callers)
    )
    await asyncio.gather(*calls)
    p50, p99 = np.percentile(latencies or [0.0], (50, 99))
    return {
        "requests_per_second": len(latencies) / (time.perf_counter() - start),
        "p50_ms": p50,
        "p99_ms": p99,
        "errors": len(errors),
    }


if __name__ == "__main__":
    address, method, body, callers, seconds = sys.argv[1:]
    given = Path(body).read_bytes(), int(callers), float(seconds)
    print(json.dumps(asyncio.run(load(address, method, *given))))
