"""`rampart partner onboard NAME`: run what can be run, let people sign the rest, attest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardening.checks import Status
from hardening.cli import Exit, say
from hardening.dsse import private_key
from hardening.errors import ConfigError
from hardening.registry.deployed import with_ca_files_in
from hardening.registry.onboarding import Attestation, attested
from hardening.registry.onboarding_files import attestation_file, digest_in
from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry
from hardening.requests.token_file import read_token
from hardening.yaml_file import read_yaml
from scanners.onboarding.cases import read_cases
from scanners.onboarding.checklist import Checklist, write
from scanners.onboarding.items import SIGNED, signed_lines, stood_in_for
from scanners.onboarding.run import Visit, automatic

_PATH = click.Path(path_type=Path)
_CODES = {Status.PASS: Exit.HOLDS, Status.FAIL: Exit.FAILS, Status.ERROR: Exit.UNVERIFIED}
_MAY_SIGN = (*SIGNED, "rehearsal", "server")


@click.command()
@click.argument("name")
@click.option("--url", required=True, help="Its versions endpoint.")
@click.option(
    "--token-file", "token_file", type=_PATH, required=True, help="The token that it gave us (mode 0600)."
)
@click.option(
    "--signed",
    "signatures",
    multiple=True,
    metavar="ITEM=PERSON",
    help=f"What a person vouches for: {', '.join(_MAY_SIGN)} (server=PERSON:REASON). Repeatable.",
)
@click.option("--cases", type=_PATH, help="The agreed test cases (YAML), which are then run, not signed.")
@click.option("--key", type=_PATH, help="The Ed25519 key (PEM) that signs the attestation.")
@click.option(
    "--days", type=click.IntRange(1, 730), default=365, show_default=True, help="How long it holds."
)
@click.option("--output", type=_PATH, help="Folder of checklist and evidence. Default: onboarding/NAME.")
@click.option("--partners", type=_PATH, default=Path("partners"), show_default=True, help="The registry.")
@click.option("--store", type=_PATH, help="Our token store (SQLite), for the rehearsal in test.")
@click.option("--vault", type=_PATH, help="Our vault (SQLite), for the rehearsal in test.")
@click.option("--guard", type=_PATH, help="Our guard.toml: registers first, with the token of --token-file.")
@click.option("--stack", default="", help="Our test stack on AWS, for the rehearsal.")
@click.option("--target", type=_PATH, help="Our target file, for the rehearsal in test.")
@click.option("--ca", default="", help="The CAs that count (PEM). Default: this machine's public ones.")
@click.option("--address", default="", help="Connect here in place of resolving its hosts.")
@click.option(
    "--plain-port",
    type=click.IntRange(0, 65535),
    default=80,
    show_default=True,
    help="Where its plaintext would be; 0 leaves it alone.",
)
@click.option(
    "--rate", type=click.FloatRange(0.1, 100), default=5.0, show_default=True, help="Calls a second."
)
def onboard(name: str, **asked: Any) -> Exit:
    """Onboard the partner NAME: audit its TLS, probe its server, rehearse a rotation, ask for signatures.

    Where every item holds, the attestation goes to the registry's folder. It ends after --days, and
    holds for the entry as it is now.
    """
    before = _entry(asked["partners"], name)
    partner = _partner(asked["partners"], name)
    signatures = _signatures(asked["signatures"])
    key = _key(asked["key"])
    now = datetime.now(UTC)
    visit = Visit(
        url=asked["url"],
        token=read_token(asked["token_file"]),
        token_file=asked["token_file"],
        registers=asked["guard"] is not None,
        cases=read_cases(asked["cases"]) if asked["cases"] else (),
        ca_file=asked["ca"],
        address=asked["address"],
        place=_place(asked),
        partners=asked["partners"],
        rate=asked["rate"],
        plain_port=asked["plain_port"],
    )
    lines, findings, evidence = automatic(partner, visit, now.date())
    ran = {line.item for line in lines}
    by_people = [line for line in signed_lines(signatures) if line.item not in ran]
    lines = [*(stood_in_for(line, signatures) for line in lines), *by_people]
    checklist = Checklist(partner=partner, at=now, lines=lines, findings=findings, evidence=evidence)
    folder = asked["output"] or Path("onboarding") / name
    write(checklist, folder)
    for line in lines:
        click.echo("\t".join((line.item, line.status.value, line.by or "-", line.detail or "-")))
    say(f"checklist: {folder / 'checklist.html'}")
    if checklist.outcome is Status.PASS:
        _attest(checklist, before, asked["partners"], key, timedelta(days=asked["days"]))
    else:
        say("no attestation: not every item holds")
    return _CODES[checklist.outcome]


def _partner(folder: Path, name: str) -> Partner:
    known = with_ca_files_in(folder, read_registry(folder))
    found = next((one for one in known if one.name == name), None)
    if found is None:
        raise ConfigError(f"{folder}: no partner {name!r}", "`rampart partner add` writes its file")
    return found


def _signatures(given: tuple[str, ...]) -> dict[str, str]:
    signatures = dict(text.partition("=")[::2] for text in given)
    for item, person in signatures.items():
        if item not in _MAY_SIGN or not person.strip():
            raise ConfigError(
                f"--signed {item}={person}: expected one of {', '.join(_MAY_SIGN)}, and a person"
            )
        if item == "server" and not all(part.strip() for part in person.partition(":")):
            raise ConfigError(
                f"--signed server={person}: expected PERSON:REASON",
                "the reason is kept in the attestation: why the server has too few objects to see its paging",
            )
    return signatures


def _key(file: Path | None) -> Ed25519PrivateKey | None:
    if file is None:
        return None
    try:
        return private_key(file.read_bytes())
    except OSError as error:
        raise ConfigError(f"--key {file}: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"--key {file}: {error}", "openssl genpkey -algorithm ed25519 -out FILE") from None


def _place(asked: dict[str, Any]) -> tuple[str, ...]:
    places = ("store", "vault", "guard", "stack", "target")
    named = [(option, asked[option]) for option in places if asked[option]]
    return tuple(word for option, file in named for word in (f"--{option}", str(file)))


def _entry(folder: Path, name: str) -> str:
    """The digest of what is onboarded; empty where there is no such file."""
    file = next(iter(folder.glob(f"{name}.y*ml")), None)
    document = None if file is None else read_yaml(file).data
    return digest_in(folder, document) if isinstance(document, dict) else ""


def _attest(
    checklist: Checklist, entry: str, folder: Path, key: Ed25519PrivateKey | None, life: timedelta
) -> None:
    if key is None:
        say("no attestation: no --key was named")
        return
    partner = checklist.partner
    if entry != _entry(folder, partner.name):
        raise ConfigError(f"{partner.name}: its entry was changed meanwhile", "onboard it as it is now")
    attestation = Attestation(
        partner=partner.name,
        environment=partner.environment,
        entry=entry,
        issued=checklist.at,
        expires=checklist.at + life,
        items={line.item: line.by for line in checklist.lines},
        evidence=checklist.digests,
    )
    file = attestation_file(folder, partner.name)
    file.parent.mkdir(exist_ok=True)
    file.write_text(attested(attestation, key), encoding="utf-8")
    say(f"attestation: {file}, until {attestation.expires:%Y-%m-%d}")
