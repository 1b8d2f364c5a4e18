"""`rampart dispute CDR-ID`: everything about one CDR in one sealed folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardening import dsse
from hardening.cli import Exit, say
from hardening.errors import ConfigError
from scanners.dispute import records
from scanners.dispute.pack import files_of_case
from scanners.dispute.recomputation import problems_of
from scanners.dispute.records import Case, Found
from scanners.evidence.bundle import sealed_folder, tool_versions
from scanners.reconcile.books import one_line
from scanners.reconcile.recompute import version_of

DEFAULT_FOLDER: Final = Path("disputes")
_LONGEST_NAME: Final = 100  # of a folder, beside its time: ids are the partner's, and may be of any length
_SAID: Final = 20  # places that are told line by line
_PATH = click.Path(path_type=Path)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("cdr_id", metavar="CDR-ID")
@click.option(
    "--cdrs", type=_PATH, required=True, help="The file or folder that holds the CDR (JSON, NDJSON)."
)
@click.option("--sessions", type=_PATH, help="Sessions, with all their states if they are known.")
@click.option("--tokens", type=_PATH, help="Tokens, with all their states if they are known.")
@click.option("--tariffs", type=_PATH, help="Tariffs that were agreed.")
@click.option("--locations", type=_PATH, help="Locations that were published.")
@click.option(
    "--party", default="", help="Whose the CDR is, such as NL*CPO, where several have its id (or 2.1.1)."
)
@click.option(
    "--output", type=_PATH, default=DEFAULT_FOLDER, show_default=True, help="The folder of disputes."
)
@click.option("--sign", "key_file", type=_FILE, help="An Ed25519 private key (PEM) to sign the folder with.")
def dispute(cdr_id: str, output: Path, key_file: Path | None, party: str, **paths: Path | None) -> Exit:
    """Gather what a dispute about a CDR needs, and seal it. Prints the folder.

    Exit code 1: the CDR breaks a rule; 0: it breaks none that is known; 3: none, but records that may belong
    to it cannot be read.
    """
    key = _private_key(key_file) if key_file else None
    case = _case(cdr_id, party, paths)
    problems = problems_of(case)
    at = datetime.now(UTC)
    files = files_of_case(case, problems, at)
    row = case.cdr.row
    facts = {
        "target": f"CDR {row['id']} of {row['party']}",
        "started": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "ended": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "tools": tool_versions(),
        "counts": {
            "pass": 0 if problems or case.unread else 1,
            "fail": len(problems),
            "error": len(case.unread),
            "waived": 0,
        },
    }
    name = re.sub(r"[^A-Za-z0-9.-]", "_", f"{row['party']}-{row['id']}")[:_LONGEST_NAME]
    folder, digest = sealed_folder(
        output, f"{at:%Y%m%dT%H%M%SZ}-{name}", lambda draft: _write(draft, files), facts, key
    )
    for problem in problems:
        say(one_line(f"{problem}"))
    for place in case.unread[:_SAID]:
        say(f"warning: {place}: cannot be read, and may belong to this CDR")
    if len(case.unread) > _SAID:
        say(f"warning: and {len(case.unread) - _SAID:,} more records")
    say(f"seal: {digest} (keep it elsewhere: `evidence verify --digest` checks against it)")
    click.echo(str(folder))
    if problems:
        return Exit.FAILS
    return Exit.UNVERIFIED if case.unread else Exit.HOLDS


def _case(cdr_id: str, party: str, paths: dict[str, Path | None]) -> Case:
    """What is known of the CDR. Raises ConfigError."""

    unread: list[str] = []

    def read(kind: str) -> Iterator[Found]:
        path = paths[kind]
        return records.every(kind, f"--{kind}", path, party, unread) if path else iter(())

    cdrs = [*read("cdrs")]
    cdr = records.one_cdr(cdr_id, party, cdrs)
    case = Case(
        cdr=cdr,
        version=version_of(cdr.text),
        others=records.related_cdrs(cdr, cdrs),
        sessions=records.session_states(cdr, read("sessions")),
        tokens=records.token_states(cdr, read("tokens")),
        tariff=records.tariff_in_force(cdr, read("tariffs")),
        location=records.its_location(cdr, read("locations")),
    )
    return replace(case, unread=tuple(unread))


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _private_key(file: Path) -> Ed25519PrivateKey:
    """The key in `file`. Raises ConfigError, which quotes nothing of it."""
    try:
        return dsse.private_key(file.read_bytes())
    except OSError as error:
        raise ConfigError(f"--sign {file}: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"--sign {file}: {error}", "make one: openssl genpkey -algorithm ed25519") from None
