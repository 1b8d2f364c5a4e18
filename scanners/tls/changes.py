"""What changed since an earlier run: verdicts, certificates, and what the endpoints answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hardening.checks import Finding, Status
from scanners.tls.judge import judge
from scanners.tls.observations import TlsScan


def changes(before: Sequence[TlsScan], after: Sequence[TlsScan]) -> list[str]:
    """One line for each change, by endpoint; the same scans give none."""
    old = {scan.where: scan for scan in before}
    new = {scan.where: scan for scan in after}
    lines = [f"{where}: no longer audited" for where in old if where not in new]
    for where, scan in new.items():
        if where not in old:
            lines.append(f"{where}: new")
        else:
            lines.extend(f"{where}: {change}" for change in _changed(old[where], scan))
    return lines


def _changed(before: TlsScan, after: TlsScan) -> Iterator[str]:
    if before.state is not after.state:
        yield f"{before.state.value} -> {after.state.value}"
    if before.profile != after.profile:
        yield f"profile {_profile(before)} -> {_profile(after)}"
    was, now = _statuses(judge([before])), _statuses(judge([after]))
    for control in sorted(was | now):
        if was.get(control) != now.get(control):
            yield f"{control}: {was.get(control, 'not judged')} -> {now.get(control, 'not judged')}"
    old, new = _certificates(before), _certificates(after)
    for digest in new.keys() - old.keys():
        yield f"new certificate {digest[:16]}, until {new[digest]}"
    for digest in old.keys() - new.keys():
        yield f"certificate {digest[:16]} is gone"


def _profile(scan: TlsScan) -> str:
    return f"{scan.profile.name} {scan.profile.version}"


_RANK = (Status.FAIL, Status.ERROR, Status.PASS, Status.NOT_APPLICABLE)


def _statuses(findings: Sequence[Finding]) -> dict[str, str]:
    """The worst status of each control."""
    worst: dict[str, Status] = {}
    for finding in findings:
        known = worst.get(finding.control, Status.NOT_APPLICABLE)
        worst[finding.control] = min(known, finding.status, key=_RANK.index)
    return {control: status.value for control, status in worst.items()}


def _certificates(scan: TlsScan) -> dict[str, str]:
    return {
        chain.certificates[0].sha256: f"{chain.certificates[0].not_after:%Y-%m-%d}"
        for chain in scan.chains
        if chain.certificates
    }
