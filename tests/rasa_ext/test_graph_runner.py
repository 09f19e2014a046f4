"""Our order of running against dask's: the same graph, inputs and outputs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rasa.core.processor
from rasa.core.agent import Agent
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.rasa_ext.graph_runner import StraightGraphRunner, use_for_predictions

MODEL = Path(__file__).resolve().parents[2] / "models" / "passerelle.tar.gz"
RUNNERS = (DaskGraphRunner, StraightGraphRunner)


class Joins(GraphComponent):
    """Joins its inputs, so that order and origin show in the output."""

    @classmethod
    def create(cls, config: dict[str, Any], *args: Any, **kwargs: Any) -> Joins:
        return cls()

    def run(self, one: str, other: str = "") -> str:
        if one == "fail":
            raise RuntimeError(one)
        return f"({one}{other})"


def node(**needs: str) -> SchemaNode:
    return SchemaNode(needs=needs, uses=Joins, constructor_name="create", fn="run", config={}, eager=True)


SCHEMA = GraphSchema(
    {
        "last": node(one="left", other="right"),
        "right": node(one="first", other="__other__"),
        "left": node(one="first"),
        "first": node(one="__one__"),
        "elsewhere": node(one="__absent__"),
    }
)


def a_runner(kind: type[DaskGraphRunner], folder: Path) -> DaskGraphRunner:
    return kind.create(SCHEMA, LocalModelStorage(folder), ExecutionContext(SCHEMA))


@pytest.mark.parametrize("kind", RUNNERS)
def test_outputs_are_those_of_the_graph(kind: type[DaskGraphRunner], tmp_path: Path) -> None:
    runner = a_runner(kind, tmp_path)
    for _ in range(2):
        assert runner.run({"__one__": "a", "__other__": "b"}, ["last", "left"]) == {
            "last": "(((a))((a)b))",
            "left": "((a))",
        }
    assert runner.run({"__one__": "c"}, ["first"]) == {"first": "(c)"}


@pytest.mark.parametrize("kind", RUNNERS)
def test_a_missing_input_and_a_failing_component_are_told(kind: type[DaskGraphRunner], tmp_path: Path) -> None:
    runner = a_runner(kind, tmp_path)
    with pytest.raises(GraphRunError):
        runner.run({"__one__": "a"}, ["elsewhere"])
    with pytest.raises(Exception, match="node first"):
        runner.run({"__one__": "fail"}, ["first"])


@pytest.fixture
def agents(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[type[DaskGraphRunner]], Agent]]:
    def load(kind: type[DaskGraphRunner]) -> Agent:
        monkeypatch.setattr(rasa.core.processor, "DaskGraphRunner", kind)
        return Agent.load(str(MODEL))

    return load


def test_it_takes_dask_s_place_for_models_loaded_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rasa.core.processor, "DaskGraphRunner", DaskGraphRunner)
    use_for_predictions()
    assert rasa.core.processor.DaskGraphRunner is StraightGraphRunner


@pytest.mark.slow
def test_our_model_understands_and_predicts_the_same_with_both(
    agents: Callable[[type[DaskGraphRunner]], Agent], held_out: list[dict[str, str]]
) -> None:
    both = [agents(kind) for kind in RUNNERS]
    for line in held_out[::40]:
        parsed = [asyncio.run(agent.parse_message(line["text"])) for agent in both]
        assert parsed[0] == parsed[1], line["text"]
        predicted = []
        for agent, said in zip(both, parsed, strict=True):
            heard = UserUttered(line["text"], said["intent"], said["entities"], said)
            tracker = DialogueStateTracker.from_events(
                "awa", [ActionExecuted("action_listen"), heard], slots=agent.domain.slots
            )
            prediction = agent.processor.predict_next_with_tracker(tracker)  # type: ignore[union-attr]
            predicted.append([score["score"] for score in prediction["scores"]])  # type: ignore[index]
        assert predicted[0] == predicted[1], line["text"]
