"""OpenBLAS is told to use the kernels that the processor has the instructions for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.rasa_ext.kernels import CHOICE, CPU_INFO, choose_kernels, kernels_for

YOUNG = "avx avx2 fma avx512f avx512cd avx512bw avx512dq avx512vl avx512_vnni amx_tile"


def cpu(flags: str) -> str:
    return f"processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu sse sse2 {flags}\nbugs\t\t:\n"


@pytest.mark.parametrize(
    ("flags", "kernels"),
    [(YOUNG, "SkylakeX"), ("avx avx2 fma avx512f avx512cd", "Haswell"), ("avx avx2 fma", "Haswell"), ("avx2", None)],
)
def test_instructions_tell_the_kernels(flags: str, kernels: str | None) -> None:
    assert kernels_for(cpu(flags)) == kernels


def test_a_processor_that_tells_no_instructions_is_left_to_openblas() -> None:
    assert kernels_for("processor\t: 0\nFeatures\t: asimd\n") is None


def test_a_choice_of_the_environment_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text(cpu(YOUNG))
    monkeypatch.setenv(CHOICE, "Nehalem")
    choose_kernels(told)
    assert os.environ[CHOICE] == "Nehalem"
    monkeypatch.delenv(CHOICE)
    choose_kernels(told)
    assert os.environ[CHOICE] == "SkylakeX"
    monkeypatch.delenv(CHOICE)
    choose_kernels(tmp_path / "absent")
    assert CHOICE not in os.environ


def test_numpy_takes_what_was_chosen() -> None:
    wanted = kernels_for(CPU_INFO.read_text()) if CPU_INFO.exists() else None
    script = (
        "from bot.rasa_ext.kernels import choose_kernels; choose_kernels()\n"
        "import numpy, threadpoolctl\n"
        "print([lib.get('architecture') for lib in threadpoolctl.threadpool_info() if lib['user_api'] == 'blas'])"
    )
    environment = {name: value for name, value in os.environ.items() if name != CHOICE}
    printed = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert wanted is None or wanted in printed
