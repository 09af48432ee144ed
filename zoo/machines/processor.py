"""The processor, and the vector instructions that kernels may use."""

import os
import platform
from pathlib import Path
from typing import Any

# What oneDNN and XLA choose their kernels by; sums are rounded differently by each.
_INSTRUCTION_SETS = (
    *("sse4_2", "avx", "avx2", "fma", "avx_vnni"),
    *("avx512f", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_bf16"),
    *("asimd", "sve", "sve2"),
)
# Variables by which TensorFlow leaves instruction sets of the processor alone.
_LIMITS = ("ONEDNN_MAX_CPU_ISA", "TF_ENABLE_ONEDNN_OPTS", "XLA_FLAGS")


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> dict[str, Any]:
    """Describes the processor.

    Args:
        cpuinfo: Where Linux lists it.

    Returns:
        `model`, its `instruction_sets`, and in `limits` the environment variables that
        keep kernels from some of these. Other systems list no instruction sets.

    Example:

    >>> sorted(processor())
    ['instruction_sets', 'limits', 'model']
    """
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    fields = {
        key.strip(): value.strip()
        for key, colon, value in (line.partition(":") for line in lines)
        if colon
    }
    flags = fields.get("flags", fields.get("Features", "")).split()
    return {
        "model": fields.get("model name", platform.processor()),
        "instruction_sets": [name for name in _INSTRUCTION_SETS if name in flags],
        "limits": {name: os.environ[name] for name in _LIMITS if name in os.environ},
    }
