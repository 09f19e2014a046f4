"""Rasa's command line, without TensorFlow: `python -m bot.rasa_ext.without_tensorflow run …`.

Rasa imports tensorflow and keras at start for components that our pipeline never uses; it needs only their names
while its classes are being defined. Stand-ins give it those names. It halves the memory and the start, and keeps two
libraries with known holes out (docs/decisions/0002-rasa-without-tensorflow.md).
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.rasa_ext.kernels import choose_kernels

ABSENT = frozenset({"tensorflow", "tensorflow_hub", "tensorflow_text", "tensorflow_addons", "keras"})
NEED_TENSORFLOW = (
    "DIETClassifier",
    "ResponseSelector",
    "ConveRTFeaturizer",
    "LanguageModelFeaturizer",
    "TEDPolicy",
    "UnexpecTEDIntentPolicy",
)


class TensorFlowIsAbsent(SystemExit):
    """config.yml names a component that needs TensorFlow."""


class _AbsentType(type):
    """Any attribute is Absent again; as a decorator it returns what it decorates; `Absent | None` is an annotation."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is not Absent:
            return super().__call__(*args, **kwargs)
        return args[0] if len(args) == 1 and callable(args[0]) and not kwargs else Absent

    def __getitem__(cls, item: Any) -> Any:
        return cls

    def __or__(cls, other: Any) -> Any:
        return object

    __ror__ = __or__


class Absent(metaclass=_AbsentType):
    """Stands for everything inside a library that is not installed."""


class _AbsentModule(types.ModuleType):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__version__ = "2.12.0"
        self.__path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, fullname: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] in ABSENT:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _AbsentModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def stand_in() -> None:
    """From here on, importing TensorFlow or Keras gives stand-ins. Doing it twice is once."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def refuse_what_needs_tensorflow(config: Path) -> None:
    """Raises TensorFlowIsAbsent, naming the component, when config.yml asks for one that needs TensorFlow."""
    for number, line in enumerate(config.read_text(encoding="utf-8").splitlines(), start=1):
        named = line.split("#")[0]
        for component in NEED_TENSORFLOW:
            if component in named:
                raise TensorFlowIsAbsent(
                    f"{config.name}, line {number}: {component} needs TensorFlow, and Passerelle's Rasa runs "
                    "without it. Use a component that does not, or read docs/decisions/0002-rasa-without-tensorflow.md."
                )


def _config_named_in(arguments: Sequence[str]) -> Path:
    for flag in ("-c", "--config"):
        if flag in arguments[:-1]:
            return Path(arguments[list(arguments).index(flag) + 1])
    return Path("config.yml")


if __name__ == "__main__":
    config = _config_named_in(sys.argv)
    if config.is_file():
        refuse_what_needs_tensorflow(config)
    choose_kernels()
    stand_in()
    from rasa.__main__ import main  # type: ignore[import-not-found]

    from bot.rasa_ext.graph_runner import use_for_predictions
    from bot.rasa_ext.remote_actions import call_actions_fast
    from bot.rasa_ext.training_data import share_messages

    share_messages()
    use_for_predictions()
    call_actions_fast()

    main()
