"""Where what falls due is written: waivers, attachments, registry, tokens, TLS results, the stack."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from hardening.registry.onboarding_files import not_onboarded, onboarding_ends
from hardening.registry.reader import read_registry
from scanners.attachments.checks import LONGEST
from scanners.attachments.reader import read_attachments
from scanners.attachments.records import Attachments
from scanners.books.records import TokenBooks
from scanners.due.records import Due, after
from scanners.policy.stack import Stack
from scanners.tls.observations import TlsScan
from scanners.waivers import read_waivers

# When AWS ends its support (Lambda Developer Guide, "Lambda runtimes": deprecation date).
RUNTIME_ENDS: Final = {"python3.12": date(2028, 10, 31), "python3.13": date(2029, 6, 30)}
_FUNCTION: Final = "aws:lambda/function:Function"
# How tokens stand that nobody may call with any more.
_ENDED: Final = ("revoked", "expired")


def of_waivers(file: Path, now: datetime) -> Iterator[Due]:
    """Each waiver, the expired ones too; one that is malformed falls due at once. Raises ConfigError."""
    found = read_waivers(file, date.min)  # as of a day on which none has expired
    for waiver in found.valid:
        mend = f"mend it, or decide anew: {waiver.reason} ({waiver.owner})"
        yield Due(at=after(waiver.expires), kind="waiver", of=str(waiver), mend=mend)
    for line in found.void:
        yield Due(at=now, kind="waiver", of=f"{file}: {line}", mend="write it as the others")


def of_attachments(folder: Path) -> Iterator[Due]:
    """The newest attachment of each control: then its work is due anew. Raises ConfigError."""
    every = Attachments(today=date.min, entries=read_attachments(folder))
    for control in LONGEST:
        newest = every.newest(control)
        if newest is not None:
            name, mend = f"{control}: {newest.file}", f"{newest.owner} does it anew, and attaches it"
            yield Due(at=after(newest.until), kind="attachment", of=name, mend=mend)


def of_registry(folder: Path, now: datetime) -> Iterator[Due]:
    """Each partner's TLS exceptions and onboarding. Raises ConfigError."""
    for partner in read_registry(folder):
        for exception in partner.tls_exceptions:
            at, name = after(exception.expires), f"{partner.name}: {exception.control}"
            yield Due(at=at, kind="TLS exception", of=name, mend="see whether they have mended it")
    for name, ends in onboarding_ends(folder, now).items():
        yield Due(at=ends, kind="onboarding", of=name, mend=f"rampart partner onboard {name}")
    for file, fault in not_onboarded(folder, now).items():
        mend = f"rampart partner onboard {file.stem}"
        yield Due(at=now, kind="onboarding", of=f"{file.stem}: {fault}", mend=mend)


def of_tokens(books: TokenBooks) -> Iterator[Due]:
    """Each token's rotation and end, and each secret's rotation."""
    rotation = timedelta(days=books.rotation_days)
    for token in books.tokens:
        if token.state in _ENDED:
            continue
        name = f"{token.partner} ({token.environment}): token {token.kind} {token.token}"
        if token.overlap_ends is None:
            # One whose age nobody knows may be as old as any.
            at = books.at if token.age is None else books.at - timedelta(seconds=token.age) + rotation
            yield Due(at=at, kind="rotation", of=name, mend=f"rampart token rotate {token.partner}")
            mend = "they have to register, or take the new token, before"
            yield Due(at=token.expires, kind="token", of=name, mend=mend)
    for secret in books.secrets:
        if secret.rotates and secret.rotation_days is not None and secret.last_rotated is not None:
            at = secret.last_rotated + timedelta(days=secret.rotation_days)
            yield Due(at=at, kind="rotation", of=secret.name, mend="look at the rotation function's log")


def of_tls(scans: tuple[TlsScan, ...]) -> Iterator[Due]:
    """The end of every certificate that a server sent."""
    ends = {
        (sent.not_after, scan.where, sent.subject)
        for scan in scans
        for chain in scan.chains
        for sent in chain.certificates
    }
    for at, where, subject in ends:
        yield Due(at=at, kind="certificate", of=f"{where}: {subject}", mend="renew it, or have them renew it")


def of_stack(stack: Stack, now: datetime) -> Iterator[Due]:
    """The end of AWS's support for what functions run on; one that is not in the table falls due at once."""
    for resource in stack.resources:
        if resource.type == _FUNCTION:
            runtime = str(resource.inputs.get("runtime"))
            known = RUNTIME_ENDS.get(runtime)
            name = f"{resource.name}: {runtime}{'' if known else ', whose end is not known here'}"
            at = after(known) if known else now
            yield Due(at=at, kind="runtime", of=name, mend="move it to a newer runtime")
