"""What changed since an earlier run: verdicts, certificates, and what the endpoints answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hardening.checks import Finding, Status
from scanners.tls.checks.unverified import SEEN
from scanners.tls.judge import judge
from scanners.tls.observations import TlsScan


def changes(before: Sequence[TlsScan], after: Sequence[TlsScan]) -> list[str]:
    """One line for each change, by endpoint (its addresses taken together); the same scans give none."""
    old, new = _by_endpoint(before), _by_endpoint(after)
    lines = [f"{where}: no longer audited" for where in old if where not in new]
    for where, scans in new.items():
        if where not in old:
            lines.append(f"{where}: new")
        else:
            lines.extend(f"{where}: {change}" for change in _changed(old[where], scans))
    return lines


def _by_endpoint(scans: Sequence[TlsScan]) -> dict[str, list[TlsScan]]:
    found: dict[str, list[TlsScan]] = {}
    for scan in scans:
        found.setdefault(scan.where, []).append(scan)
    return found


def _changed(before: list[TlsScan], after: list[TlsScan]) -> Iterator[str]:
    for title, facts in (("", _states), ("profile ", _profiles)):
        was, now = facts(before), facts(after)
        if was != now:
            yield f"{title}{was} -> {now}"
    if not (_seen(before) and _seen(after)):
        return  # the state says it all: nothing else was verified
    old, new = _statuses(judge(before)), _statuses(judge(after))
    for control in sorted(old | new):
        if old.get(control) != new.get(control):
            yield f"{control}: {old.get(control, 'not judged')} -> {new.get(control, 'not judged')}"
    gone, come = _certificates(before), _certificates(after)
    for digest in sorted(come.keys() - gone.keys()):
        yield f"new certificate {digest[:16]}, until {come[digest]}"
    for digest in sorted(gone.keys() - come.keys()):
        yield f"certificate {digest[:16]} is gone"


def _seen(scans: list[TlsScan]) -> bool:
    return any(scan.state in SEEN for scan in scans)


def _states(scans: list[TlsScan]) -> str:
    return ", ".join(sorted({scan.state.value for scan in scans}))


def _profiles(scans: list[TlsScan]) -> str:
    return ", ".join(sorted({f"{scan.profile.name} {scan.profile.version}" for scan in scans}))


_RANK = (Status.FAIL, Status.ERROR, Status.PASS, Status.NOT_APPLICABLE)


def _statuses(findings: Sequence[Finding]) -> dict[str, str]:
    """The worst status of each control."""
    worst: dict[str, Status] = {}
    for finding in findings:
        known = worst.get(finding.control, Status.NOT_APPLICABLE)
        worst[finding.control] = min(known, finding.status, key=_RANK.index)
    return {control: status.value for control, status in worst.items()}


def _certificates(scans: list[TlsScan]) -> dict[str, str]:
    """Digest of each leaf -> its last day."""
    return {
        chain.certificates[0].sha256: f"{chain.certificates[0].not_after:%Y-%m-%d}"
        for scan in scans
        for chain in scan.chains
        if chain.certificates
    }
