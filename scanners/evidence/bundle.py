"""One folder a run: findings, raw subjects, the catalogue, the report, and the seal."""

from __future__ import annotations

import hashlib
import platform
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from hardening.controls import CONTROLS
from hardening.dsse import SigningKey, key_id
from hardening.errors import ConfigError
from scanners.due.records import Due
from scanners.due.sources import of_tls
from scanners.evidence.history import before_run
from scanners.evidence.past import as_past
from scanners.evidence.run_chain import extending
from scanners.evidence.seal import digest_of, seal
from scanners.evidence.statement import write_statement
from scanners.outcome import Outcome
from scanners.report import asff, comma_separated, document, junit, ocsf, sarif
from scanners.report.chain import chain
from scanners.report.facts import RunFacts
from scanners.report.json_text import as_text
from scanners.report.oscal.documents import documents
from scanners.report.page.render import Reported, render
from scanners.target import Scan, Target
from scanners.tls.results import scans_in

# What the verdicts depend on, and so what an auditor wants to know the version of.
_TOOLS = ("ocpi-rampart", "checkov", "sslyze", "pulumi", "pulumi-aws", "boto3", "cryptography")


@dataclass(frozen=True, slots=True)
class Run:
    """What one run looked at and found. `started` and `ended` are UTC.

    `attachments` map a file's name to its content: what people did. `origin` is what the manifest says of
    where the subject comes from; `partners` and `owners` are as in `Reported`.
    """

    target: Target
    scans: Mapping[str, Scan]
    outcome: Outcome
    started: datetime
    ended: datetime
    attachments: Mapping[str, bytes] = field(default_factory=dict)
    origin: Mapping[str, Any] = field(default_factory=dict)
    partners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)


def write(run: Run, parent: Path, key: SigningKey | None = None) -> tuple[Path, str]:
    """Write and seal a run's folder under `parent`; give the folder and the digest of its manifest.

    The folder appears complete or not at all, and follows the newest run of `parent`. With a `key` it is
    signed. Raises ConfigError if `parent` cannot be written.
    """
    name = f"{run.started:%Y%m%dT%H%M%SZ}-{run.target.name}"
    facts = _facts(run)
    signer = key_id(key.public_key()) if key else ""
    return sealed_folder(parent, name, lambda draft: _fill(draft, run, facts, signer), facts, key)


def sealed_folder(
    parent: Path,
    name: str,
    fill: Callable[[Path], None],
    facts: dict[str, Any],
    key: SigningKey | None = None,
) -> tuple[Path, str]:
    """Let `fill` write a folder of that name under `parent`, and seal it with `facts`; as `write`."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=parent))
    except OSError as error:
        raise ConfigError(
            f"--output {parent}: {error.strerror}", "name a folder that can be written"
        ) from None
    try:
        draft.chmod(0o755)
        fill(draft)
        with extending(parent) as previous:
            folder = _free_name(parent, name)
            digest = seal(draft, {"name": folder.name, **facts}, digest_of(previous) if previous else "")
            if key:
                write_statement(draft, key)
            draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return folder, digest


def tool_versions() -> dict[str, str]:
    """The versions of what the verdicts depend on."""
    found = {"python": platform.python_version()}
    for name in _TOOLS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def _free_name(parent: Path, name: str) -> Path:
    folder, number = parent / name, 1
    while folder.exists():
        number += 1
        folder = parent / f"{name}-{number}"
    return folder


def _facts(run: Run) -> dict[str, Any]:
    return {
        "target": run.target.name,
        "started": f"{run.started:%Y-%m-%dT%H:%M:%SZ}",
        "ended": f"{run.ended:%Y-%m-%dT%H:%M:%SZ}",
        "tools": tool_versions(),
        "counts": run.outcome.counts(),
        **run.origin,
    }


def _fill(folder: Path, run: Run, manifest: Mapping[str, Any], signer: str) -> None:
    contents = {name: text.encode() for name, text in _texts(run).items()}
    page = render(_reported(folder.parent, run, manifest, contents["findings.json"], signer))
    contents |= {"report.html": page.encode()}
    contents |= {f"attachments/{name}": content for name, content in run.attachments.items()}
    for name, content in contents.items():
        file = folder / name
        if not file.resolve().is_relative_to(folder.resolve()):
            raise ValueError(f"subject outside the run's folder: {name}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _texts(run: Run) -> dict[str, str]:
    """Every form but the page, and the subjects."""
    ours = version("ocpi-rampart")
    facts = RunFacts(target=run.target.name, started=run.started, ended=run.ended, version=ours)
    subjects = {
        f"subjects/{scanner}/{name}": text
        for scanner, scan in run.scans.items()
        for name, text in scan.subjects.items()
    }
    return {
        "findings.json": document.render(run.outcome),
        "findings.sarif": sarif.render(run.outcome, ours),
        "findings.xml": junit.render(run.outcome, facts),
        "findings.csv": comma_separated.render(run.outcome),
        "findings.ocsf.json": ocsf.render(run.outcome, facts),
        **{f"oscal/{name}": text for name, text in documents(run.outcome, facts).items()},
        "controls.json": as_text(list(CONTROLS.values())),
        **_for_security_hub(run, facts),
        **subjects,
    }


def _for_security_hub(run: Run, facts: RunFacts) -> dict[str, str]:
    """The form that names the account; none where nobody knows it."""
    account = run.origin.get("account")
    if not account:
        return {}
    return {"findings.asff.json": asff.render(run.outcome, facts, account, run.target.region)}


def _reported(parent: Path, run: Run, manifest: Mapping[str, Any], findings: bytes, signer: str) -> Reported:
    now = as_past(findings, "this run", manifest)
    before = before_run(parent, now)
    return Reported(
        outcome=run.outcome,
        facts=manifest,
        found=hashlib.sha256(findings).hexdigest(),
        signer=signer,
        subjects=_subject_sizes(run),
        seen_by={one.check: name for name, scan in run.scans.items() for one in scan.findings},
        links=chain(run.scans, run.outcome),
        partners=run.partners,
        owners=run.owners,
        certificates=_certificates(run),
        since=before.since,
        changes=before.changes,
        trend=before.trend,
    )


def _certificates(run: Run) -> tuple[Due, ...]:
    """When each certificate ends that a server of this run sent, the earliest first."""
    text = run.scans["tls"].subjects.get("tls.json") if "tls" in run.scans else None
    ends = of_tls(scans_in(text.encode(), "tls.json")) if text else ()
    return tuple(sorted(ends, key=lambda one: (one.at, one.of)))


def _subject_sizes(run: Run) -> dict[str, int]:
    """What the report lists of the raw subjects: path in the folder, bytes."""
    return {
        f"subjects/{scanner}/{name}": len(text.encode())
        for scanner, scan in run.scans.items()
        for name, text in sorted(scan.subjects.items())
    }
