"""The first page: an opinion in a sentence, its scope, and what was not examined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hardening.checks import Status
from scanners.outcome import Outcome, State
from scanners.report.chain import Link
from scanners.report.page.verdicts import ControlView, unseen


@dataclass(frozen=True, slots=True)
class Opinion:
    """`verdict` is one of `VERDICTS` of controls: `failed`, `not verified`, `waived` or `verified`.

    `title` and `sentence` say it in words; `unexamined` has a line for each thing that nobody looked at.
    """

    verdict: str
    title: str
    sentence: str
    unexamined: tuple[str, ...]


def opinion(outcome: Outcome, views: tuple[ControlView, ...], links: tuple[Link, ...]) -> Opinion:
    """What a run comes to. It holds only where all was looked at, and nothing is open or accepted."""
    numbers = {verdict: sum(1 for v in views if v.verdict == verdict) for verdict in ("failed", "verified")}
    verified = _number(numbers["verified"], "control")
    dark = {row.finding.control for row in outcome.open(Status.ERROR)}
    unknown = f"{_number(len(dark), 'control')} could not be verified"
    missing = unseen(views)
    out = tuple(_unexamined(views, links, missing, outcome))
    failing = outcome.open(Status.FAIL)
    accepted = sum(1 for row in outcome.rows if row.state is not State.OPEN)
    if failing:
        title, verdict = "It does not hold", "failed"
        failed = _number(numbers["failed"], "control")
        sentence = f"{failed} of {len(views)} fail, in {_number(len(failing), 'place')}."
        sentence += f" {unknown}." if dark else ""
    elif dark:
        title, verdict = "It could not be verified", "not verified"
        sentence = f"Nothing was found to fail, but {unknown}."
    elif not numbers["verified"]:
        title, verdict = "It could not be verified", "not verified"
        sentence = "No control was verified, so nothing is known."
    elif missing or _left_to_people(views) or any(link.verdict != "holds" for link in links):
        title, verdict = "What was examined holds", "waived"
        sentence = f"{verified} of {len(views)} were verified and none of them fails"
        sentence += f", {_number(accepted, 'judgement')} accepted aside" if accepted else ""
        sentence += "; the opinion does not reach what is listed as not examined."
    elif accepted:
        title, verdict = "It holds but for what is accepted", "waived"
        sentence = (
            f"{verified} of {len(views)} were verified, {_number(accepted, 'judgement')} accepted aside."
        )
    else:
        title, verdict = "It holds", "verified"
        sentence = f"{verified} of {len(views)} were verified; none fails."
    return Opinion(verdict, title, sentence, out)


def _unexamined(
    views: tuple[ControlView, ...], links: Iterable[Link], missing: list[str], outcome: Outcome
) -> Iterator[str]:
    for link in links:
        if link.verdict in ("left out", "not verified"):
            yield f"{link.source} against {link.target}: the {link.scanner} audit was {link.verdict}"
    if missing:
        yield f"{_number(len(missing), 'control')} that no audit of this run looks at"
    if manual := _left_to_people(views):
        yield f"{_number(len(manual), 'control')} that people keep, and nobody attached a record of"
    known = outcome.counts()["known"]
    if known:
        yield f"{_number(known, 'failure')} in the baseline, which count as known and not as mended"
    yield "the code of the OCPI service, AWS itself, other accounts, and how partners keep what they are sent"


def _left_to_people(views: Iterable[ControlView]) -> list[ControlView]:
    return [view for view in views if view.verdict == "manual"]


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
