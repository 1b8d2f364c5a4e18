"""How problems are reported: text, JSON, or SARIF 2.1.0."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any, Protocol

from hardening import sarif
from hardening.controls import CONTROLS
from hardening.ocpi.problems import Problem


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of all inputs."""

    messages: int
    refused: int
    problems: int
    warnings: int


class Report(Protocol):
    """Problems one by one, then the end."""

    def problem(self, name: str, line: int, problem: Problem) -> None:
        """Report a problem in the input `name`; `line` from 1, or 0 for an input of one document."""

    def end(self, summary: Summary) -> None:
        """Close the report."""


Write = Callable[[str], None]


class Text:
    """A line for each problem; `line` is that of a message in a file of many."""

    def __init__(self, write: Write) -> None:
        self.write = write

    def problem(self, name: str, line: int, problem: Problem) -> None:
        """Write the problem as one line."""
        place = f"{name}:{line}" if line else name
        level = "warning: " if problem.warning else ""
        self.write(f"{place}: {level}{problem}")

    def end(self, summary: Summary) -> None:
        """The summary is talk, and goes to stderr."""


class Json:
    """One JSON document, written while the input is read."""

    def __init__(self, write: Write) -> None:
        self.write = write
        self.started = False

    def problem(self, name: str, line: int, problem: Problem) -> None:
        """Write the problem as a member of `problems`."""
        lead = "," if self.started else '{"problems": ['
        self.started = True
        self.write(lead + json.dumps({"file": name, "line": line, **asdict(problem)}))

    def end(self, summary: Summary) -> None:
        """Write `summary` and close the document."""
        lead = "" if self.started else '{"problems": ['
        self.write(f'{lead}], "summary": {json.dumps(asdict(summary))}}}')


class Sarif:
    """SARIF 2.1.0: a result for each problem, the rules as the catalogue has them."""

    def __init__(self, write: Write) -> None:
        self.write = write
        self.results: list[Mapping[str, Any]] = []

    def problem(self, name: str, line: int, problem: Problem) -> None:
        """Keep the problem as a result: SARIF names its rules first."""
        self.results.append(
            {
                "ruleId": str(problem.rule),
                "level": "warning" if problem.warning else "error",
                "message": {"text": str(problem)},
                "locations": [sarif.location(problem.pointer or "/", name, line)],
            }
        )

    def end(self, summary: Summary) -> None:
        """Write the whole log."""
        rules = [_rule(name) for name in sorted({str(one["ruleId"]) for one in self.results})]
        log = sarif.log(version("ocpi-rampart"), rules, self.results, asdict(summary))
        self.write(json.dumps(log, indent=2))


def _rule(name: str) -> dict[str, Any]:
    control = CONTROLS.get(name) or CONTROLS["message-matches-its-edition"]
    return sarif.rule(name, control, control.severity)


FORMATS: Mapping[str, Callable[[Write], Report]] = {"text": Text, "json": Json, "sarif": Sarif}
