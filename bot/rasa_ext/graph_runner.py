"""Runs Rasa's component graph node after node, in an order worked out once for each set of targets.

Rasa hands the graph to dask at every message: it cuts the graph to its targets, schedules it and writes its inputs out
for a log line that nobody reads, a tenth of a turn in all. Same nodes, same inputs, same outputs here; a test compares
whole conversations with and without (tests/rasa_ext/test_graph_runner.py).
"""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner


class StraightGraphRunner(DaskGraphRunner):
    """Takes DaskGraphRunner's place for predictions (`use_for_predictions`); training keeps dask."""

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """The outputs of `targets` by name. Raises GraphRunError."""
        wanted = tuple(targets or self._graph_schema.target_names)
        done: dict[str, tuple[str, Any]] = {name: (name, value) for name, value in (inputs or {}).items()}
        try:
            for node in self._order(wanted):
                needs = self._graph_schema.nodes[node].needs.values()
                # A need without output is given by its name: the node says what is missing.
                done[node] = self._instantiated_nodes[node](*(done.get(need, need) for need in needs))
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return dict(done[target] for target in wanted)

    def _order(self, targets: tuple[str, ...]) -> list[str]:
        plans: dict[tuple[str, ...], list[str]] = self.__dict__.setdefault("_plans", {})
        if targets not in plans:
            nodes = self._graph_schema.minimal_graph_schema(list(targets)).nodes
            needs = {name: [need for need in node.needs.values() if need in nodes] for name, node in nodes.items()}
            plans[targets] = list(TopologicalSorter(needs).static_order())
        return plans[targets]


def use_for_predictions() -> None:
    """From here on, models that Rasa loads run on StraightGraphRunner. Doing it twice is once."""
    import rasa.core.processor

    rasa.core.processor.DaskGraphRunner = StraightGraphRunner
