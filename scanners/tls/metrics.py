"""The audit as a text file for Prometheus: node_exporter's textfile collector reads it.

The format is Prometheus's text exposition format 0.0.4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from hardening.checks import Status
from hardening.errors import ConfigError
from scanners.outcome import Outcome, State
from scanners.tls.observations import State as Reached
from scanners.tls.observations import TlsScan

_Labels = tuple[tuple[str, str], ...]
_HELP: Final = {
    "rampart_tls_audit_timestamp_seconds": "When the audit looked last.",
    "rampart_tls_endpoint_answers": "Whether this address was audited to the end (1) or not (0).",
    "rampart_tls_certificate_not_after_timestamp_seconds": "When a server certificate ends.",
    "rampart_tls_verdicts": "How many controls have this verdict at this endpoint.",
    "rampart_tls_control_open": "A control that fails, or could not be verified, at this endpoint.",
}


def render(scans: Sequence[TlsScan], outcome: Outcome) -> str:
    """The text of the file. Times are seconds since 1970; what was not verified is no pass."""
    found: dict[str, dict[_Labels, float]] = {name: {} for name in _HELP}
    audited, answers, ends, verdicts, still_open = found.values()
    if scans:
        audited[()] = max(scan.taken for scan in scans).timestamp()
    for scan in scans:
        place = (("endpoint", scan.endpoint), ("address", scan.address), ("partner", scan.partner))
        answers[place] = float(scan.state is Reached.ANSWERED)
        for chain in scan.chains:
            for leaf in chain.certificates[:1]:
                ends[(*place, ("sha256", leaf.sha256))] = leaf.not_after.timestamp()
    partners = _partners(scans)
    for (where, control), status in _worst(outcome).items():
        labels = (("endpoint", where), ("partner", partners.get(where) or ""))
        counted = (*labels, ("verdict", status))
        verdicts[counted] = verdicts.get(counted, 0) + 1
        if status in (Status.FAIL.value, Status.ERROR.value):
            still_open[(*labels, ("control", control), ("verdict", status))] = 1
    return "".join(line for name, samples in found.items() for line in _family(name, samples))


def write(file: Path, text: str) -> None:
    """Write `text` so that a collector sees all of it, or what was there before. Raises ConfigError."""
    part = file.parent / f".{file.name}.part"
    try:
        if file.exists() and not file.is_file():
            raise ConfigError(f"--metrics {file}: expected a file, or a place for one")
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(file)
    except OSError as error:
        raise ConfigError(f"--metrics {file}: {error.strerror}") from None


def _partners(scans: Sequence[TlsScan]) -> Mapping[str, str]:
    """The partners of each endpoint; those that share one are in one label."""
    found: dict[str, set[str]] = defaultdict(set)
    for scan in scans:
        found[scan.where].add(scan.partner)
    return {where: " ".join(sorted(filter(None, names))) for where, names in found.items()}


_ORDER: Final = ("fail", "error", "known", "waived", "pass", "not-applicable")


def _worst(outcome: Outcome) -> Mapping[tuple[str, str], str]:
    """The worst verdict of each control at each endpoint, blocked ones included."""
    found: dict[tuple[str, str], str] = {}
    for row in outcome.rows:
        status = row.finding.status.value if row.state is State.OPEN else row.state.value
        for control in (row.finding.control, *row.finding.blocks):
            place = (row.finding.where, control)
            found[place] = min(found.get(place, status), status, key=_ORDER.index)
    return found


def _family(name: str, samples: Mapping[_Labels, float]) -> Iterator[str]:
    yield f"# HELP {name} {_HELP[name]}\n# TYPE {name} gauge\n"
    for labels, value in sorted(samples.items()):
        inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels)
        yield f"{name}{{{inside}}} {value:.0f}\n" if inside else f"{name} {value:.0f}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
