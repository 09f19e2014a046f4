"""Makes what the program needs and is not in the repository: environments, catalogues, model. Standard library only.

    python3.11 scripts/prepare.py environments catalogues model
    python3.11 scripts/prepare.py test-environments catalogues model chromium

Each part is made when it is absent or older than its sources, and says so in one line while it works. Run by make.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV_HOME = ROOT / ".uv"
APP, RASA, STOCK = ROOT / ".venv", ROOT / ".venv-rasa", ROOT / ".venv-stock"
MODEL = ROOT / "models" / "passerelle.tar.gz"
# How long its last training from nothing took: seconds on the clock, seconds of the processors. Rasa's cache spares
# what did not change.
TRAINING = MODEL.with_suffix(".training")
CACHE = ROOT / ".rasa" / "cache"
LOGS = ROOT / "var" / "log"
# What the model is made from: a change in any of them trains again.
MODEL_SOURCES = (
    *(
        "config.yml",
        "nlu_data/nlu",
        "nlu_data/lexicon",
        "nlu_data/rules",
        "nlu_data/stories",
        "nlu_data/domain",
        "bot/rasa_ext",
        "uv.lock",
    ),
    *(
        "locales",
        "bot/knowledge/emergency.yml",
        "bot/domain/emergency.py",
        "bot/domain/requests.py",
        "bot/knowledge/places.csv",
        "bot/knowledge/words.yml",
    ),
)
RASA_ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "PYTHONWARNINGS": "ignore",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}
# Rasa's pins hold a multidict that has no wheel for 3.11; it builds in plain Python, so that no compiler is needed.
BUILD_ENVIRONMENT = {"MULTIDICT_NO_EXTENSIONS": "1"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class CannotPrepare(Exception):
    """One sentence: what is wrong and what to do."""


def environments() -> None:
    """Both environments, at the versions of uv.lock. What the tests added stays, so that it is not fetched again."""
    uv = _uv()
    _sync(uv, APP, "Installing the app", ["--no-default-groups", "--group", "app", "--inexact"])
    _sync(uv, RASA, "Installing Rasa", ["--no-default-groups", "--group", "rasa", "--inexact"])


def test_environments() -> None:
    """Both, exactly as uv.lock says, with what tests and checks need."""
    uv = _uv()
    _sync(uv, APP, "Installing the app", [])
    _sync(uv, RASA, "Installing Rasa", ["--no-default-groups", "--group", "rasa-test"])


def stock() -> None:
    """A Rasa as `rasa init` gives it, TensorFlow included, to compare ourselves with. Nothing else uses it."""
    _sync(_uv(), STOCK, "Installing a stock Rasa", ["--no-default-groups", "--group", "stock"])


def _uv() -> str:
    """uv from the path, else one of our own, made with venv and pip."""
    found = shutil.which("uv")
    if found:
        return found
    ours = UV_HOME / "bin" / "uv"
    if not ours.exists():
        if importlib.util.find_spec("ensurepip") is None:
            raise CannotPrepare(
                "This Python has no venv module. Install it (on Debian and Ubuntu: apt install python3.11-venv) "
                "or install uv, then run the same command again."
            )
        shutil.rmtree(UV_HOME, ignore_errors=True)
        _run("Installing uv", [sys.executable, "-m", "venv", str(UV_HOME)], "uv")
        _run("Installing uv", [str(UV_HOME / "bin" / "pip"), "install", "--quiet", "uv>=0.9"], "uv")
    return str(ours)


def _sync(uv: str, environment: Path, title: str, groups: Sequence[str]) -> None:
    command = [uv, "sync", "--frozen", "--compile-bytecode", "--python", sys.executable, *groups]
    _run(title, command, environment.name, {"UV_PROJECT_ENVIRONMENT": str(environment), **BUILD_ENVIRONMENT})


def catalogues() -> None:
    """Compiles the sentences."""
    subprocess.run([str(APP / "bin" / "python"), "scripts/locales.py", "compile"], cwd=ROOT, check=True)


def model() -> None:
    """Trains, unless the model is of these very sources."""
    mark, wanted = MODEL.with_suffix(".sources"), _fingerprint()
    if MODEL.exists() and mark.exists() and mark.read_text() == wanted:
        return
    MODEL.parent.mkdir(exist_ok=True)
    command = [
        *(str(RASA / "bin" / "python"), "-m", "bot.rasa_ext.without_tensorflow", "train"),
        *("--config", "config.yml", "--domain", "nlu_data/domain"),
        *("--data", "nlu_data/nlu", "nlu_data/lexicon", "nlu_data/rules", "nlu_data/stories"),
        # make check validates; here it would read every message once more.
        "--skip-validation",
        *("--out", str(MODEL.parent), "--fixed-model-name", MODEL.name.removesuffix(".tar.gz")),
    ]
    is_from_nothing = not CACHE.exists()
    began, cpu = time.monotonic(), cpu_of_children()
    _run("Training the model", command, "train", {"PYTHONPATH": str(ROOT), **RASA_ENVIRONMENT})
    spent = {"seconds": round(time.monotonic() - began, 1), "cpu_seconds": round(cpu_of_children() - cpu, 1)}
    if is_from_nothing:
        TRAINING.write_text(json.dumps(spent))
    mark.write_text(wanted)


def cpu_of_children() -> float:
    """Seconds of the processors that programs run and ended by this one have used."""
    times = os.times()
    return times.children_user + times.children_system


def chromium() -> None:
    """A browser for the tests: the one that is there, else Debian's package, else Playwright's own."""
    named = os.environ.get("PASSERELLE_CHROMIUM")
    if named and not os.access(named, os.X_OK):
        raise CannotPrepare(f"PASSERELLE_CHROMIUM names {named}, which is no program.")
    if found_chromium():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        install = "apt-get update && apt-get install --yes --no-install-recommends chromium"
        with contextlib.suppress(CannotPrepare):  # no such package here: Playwright has one
            _run("Installing Chromium", ["sh", "-c", install], "chromium", {"DEBIAN_FRONTEND": "noninteractive"})
        if found_chromium():
            return
    _run("Installing Chromium", [str(APP / "bin" / "python"), "-m", "playwright", "install", "chromium"], "chromium")


def chromium_path() -> None:
    """Writes where the browser is; an empty line when it is Playwright's own, which Playwright finds."""
    print(found_chromium() or "")


def found_chromium() -> str | None:
    return os.environ.get("PASSERELLE_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in _model_files():
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _model_files() -> Iterator[Path]:
    for name in MODEL_SOURCES:
        source = ROOT / name
        if source.is_file():
            yield source
        else:
            yield from sorted(p for p in source.rglob("*") if p.suffix in (".py", ".yml") and p.is_file())


def _run(title: str, command: Sequence[str], log_name: str, extra: dict[str, str] | None = None) -> None:
    """Runs a command with its output in a log, and the seconds that pass on the terminal."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{log_name}.log"
    began = time.monotonic()
    with log.open("wb") as output:
        try:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                env=os.environ | (extra or {}),
            )
        except OSError as error:
            raise CannotPrepare(f"{title} failed: {command[0]} cannot be run ({error.strerror}).") from error
        is_long = False
        try:
            while process.poll() is None:
                try:
                    process.wait(1)
                except subprocess.TimeoutExpired:
                    is_long = True
                    _progress(title, time.monotonic() - began)
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise
    if process.returncode:
        raise CannotPrepare(f"{title} failed. The reason is at the end of {log.relative_to(ROOT)}.")
    if is_long:
        end = "\r" if sys.stdout.isatty() else ""
        print(f"{end}{title}: done in {time.monotonic() - began:.0f} s.", flush=True)


def _progress(title: str, seconds: float) -> None:
    if sys.stdout.isatty():
        print(f"\r{title}… {seconds:.0f} s", end="", flush=True)
    elif round(seconds) % 15 == 1:
        print(f"{title}… {seconds:.0f} s", flush=True)


PARTS = {
    "environments": environments,
    "test-environments": test_environments,
    "stock": stock,
    "catalogues": catalogues,
    "model": model,
    "chromium": chromium,
    "chromium-path": chromium_path,
}


def prepare(names: Sequence[str]) -> None:
    """Raises CannotPrepare."""
    if sys.version_info[:2] != (3, 11):
        wanted = "Passerelle needs 3.11: make PYTHON=/path/to/python3.11 run"
        raise CannotPrepare(f"This is Python {sys.version.split()[0]}; {wanted}")
    unknown = set(names) - set(PARTS)
    if unknown:
        raise CannotPrepare(f"{', '.join(sorted(unknown))}: no such part; there are {', '.join(PARTS)}.")
    for name in names:
        PARTS[name]()


def main() -> int:
    try:
        prepare(sys.argv[1:])
    except CannotPrepare as reason:
        print(f"\npasserelle: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
