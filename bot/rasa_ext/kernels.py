"""Which of OpenBLAS's matrix kernels numpy uses: those that this processor has.

The OpenBLAS inside numpy 1.24 chooses by processor name, and gives the oldest kernels (SSE3) to a name younger than
itself, three to five times slower in the sentence encoder. The instructions tell better than the name.
"""

from __future__ import annotations

import os
from pathlib import Path

CHOICE = "OPENBLAS_CORETYPE"
CPU_INFO = Path("/proc/cpuinfo")
# The instructions that each family of kernels needs, the fastest first.
_KERNELS = (
    ("SkylakeX", frozenset({"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"})),
    ("Haswell", frozenset({"avx2", "fma"})),
)


def choose_kernels(cpu_info: Path = CPU_INFO) -> None:
    """Before numpy is imported, for this process and those it starts. Leaves a choice made in the environment alone.

    Only Linux on x86-64 tells its instructions in `cpu_info`; elsewhere OpenBLAS chooses for itself.
    """
    if CHOICE in os.environ or not cpu_info.exists():
        return
    kernels = kernels_for(cpu_info.read_text(encoding="utf-8"))
    if kernels is not None:
        os.environ[CHOICE] = kernels


def kernels_for(cpu_info: str) -> str | None:
    """The first whose instructions the (first) processor has; None when it has none of them, or tells none."""
    flags = next((line.partition(":")[2] for line in cpu_info.splitlines() if line.startswith("flags")), "")
    has = frozenset(flags.split())
    return next((name for name, needed in _KERNELS if needed <= has), None)
