"""The best possible assignment, with hindsight: who could have had an hour in their five days, had all been known.

Run in Rasa's environment, which has SciPy; knows nothing of the booking code. Reads a problem (problem.py), and writes
for each question the numbers of the people who are served. It is the maximum matching of people to (agent, hour), each
hour for one person: found as a maximum flow (Dinic's), in which the agents of one region who work alike are one node.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np  # type: ignore[import-not-found]
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]
from scipy.sparse.csgraph import maximum_flow  # type: ignore[import-untyped]

SOURCE, SINK = 0, 1
PLENTY = 2**20


class Network:
    """Edges with a capacity. Its nodes are numbered as they are made."""

    def __init__(self) -> None:
        self.nodes = 2
        self._edges: list[tuple[Any, Any, Any]] = []

    def more(self, number: int) -> int:
        """The first of so many new nodes."""
        self.nodes += number
        return self.nodes - number

    def join(self, start: Any, end: Any, capacity: Any) -> None:
        """Numbers or arrays of them."""
        self._edges.append(tuple(np.broadcast_arrays(np.int32(start), np.int32(end), np.int32(capacity))))

    def flow(self) -> Any:
        """What flows, as a matrix: from a row's node to a column's."""
        start, end, capacity = (np.concatenate([np.atleast_1d(edge[n]) for edge in self._edges]) for n in range(3))
        graph = csr_matrix((capacity, (start, end)), shape=(self.nodes, self.nodes), dtype=np.int32)
        return maximum_flow(graph, SOURCE, SINK, method="dinic").flow


def served(problem: dict[str, Any], people: list[dict[str, Any]], in_their_language: bool) -> list[int]:
    """Numbers in `people`. All have some notice. In person: the region's agents, from the day after arrival."""
    hours, agents = problem["hours"], problem["agents"]
    starts, at = np.unique(np.array(hours["minute"], dtype=np.int64), return_inverse=True)
    day = np.zeros(len(starts), dtype=np.int64)
    day[at] = hours["day"]
    network = Network()
    # One node for each (region and ways of an agent, hour): as many places as agents are free then.
    kinds = [(one["region"], one["is_remote"], one["has_office"], tuple(one["languages"])) for one in agents]
    numbers = {kind: number for number, kind in enumerate(sorted(set(kinds)))}
    free = np.zeros((len(numbers), len(starts)), dtype=np.int32)
    np.add.at(free, (np.array([numbers[kinds[agent]] for agent in hours["agent"]], dtype=np.int64), at), 1)
    cells = network.more(free.size) + np.arange(free.size).reshape(free.shape)
    network.join(cells[free > 0], SINK, free[free > 0])
    pools: dict[tuple[str, str | None], int] = {}

    def pool(place: str, language: str | None) -> int:
        """The first of the nodes, one an hour, of all agents at a distance, or of a region's in person."""
        if (place, language) not in pools:
            first = pools[place, language] = network.more(len(starts))
            for (region, is_remote, has_office, languages), number in numbers.items():
                is_fit = is_remote if place == "remote" else has_office and region == place
                if is_fit and (language is None or language in languages):
                    open_ = np.flatnonzero(free[number])
                    network.join(first + open_, cells[number, open_], PLENTY)
        return pools[place, language]

    own = network.more(len(people))
    for node, person in enumerate(people, start=own):
        network.join(SOURCE, node, 1)
        begins = np.searchsorted(starts, person["asks"] + problem["notice"], side="left")
        ends = np.searchsorted(day, person["due"], side="right")
        language = person["language"] if in_their_language else None
        if person["mode"] == "remote" or not person["is_firm"]:
            network.join(node, pool("remote", language) + np.arange(begins, max(begins, ends)), 1)
        if person["mode"] == "in_person":
            begins = max(begins, np.searchsorted(day, person["arrival"], side="right"))
            network.join(node, pool(person["region"], language) + np.arange(begins, max(begins, ends)), 1)
    used = network.flow()[SOURCE].toarray().ravel()
    return [number for number in range(len(people)) if used[own + number] > 0]


def main() -> None:
    problem = json.load(sys.stdin)
    answers = {
        name: served(problem, asked["people"], asked["in_their_language"])
        for name, asked in problem["questions"].items()
    }
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
