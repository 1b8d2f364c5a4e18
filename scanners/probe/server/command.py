"""`rampart probe URL`: the security probe of an OCPI server that others run."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import click

from hardening.cli import Exit, say
from hardening.errors import ConfigError
from hardening.registry.callback_host import CallbackHost
from hardening.requests.modules import MODULES, VERSIONS
from hardening.requests.token_file import read_token
from scanners.output import ReportOptions, finish, report_options
from scanners.probe.server.calls import Server
from scanners.probe.server.scan import scan

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("url")
@click.option(
    "--token-file",
    "token_file",
    type=_PATH,
    required=True,
    help="A file (mode 0600) with the token that the server gave us.",
)
@click.option("--role", type=click.Choice(["sender", "receiver"]), help="Its interfaces to look at: both.")
@click.option(
    "--safe/--full",
    "safe",
    default=True,
    show_default=True,
    help="--full also sends writes that a right server refuses.",
)
@click.option("--version", "version", type=click.Choice(VERSIONS), help="Default: its newest.")
@click.option("--encoding", type=click.Choice(["base64", "raw"]), help="Of the token. Default: find out.")
@click.option(
    "--module",
    "modules",
    multiple=True,
    type=click.Choice(sorted(MODULES)),
    help="Only this contracted module. Repeatable.",
)
@click.option("--party", "parties", multiple=True, help="A party of the server, as NL*ABC. Repeatable.")
@click.option("--host", "hosts", multiple=True, help="A further host that may be called. Repeatable.")
@click.option("--ca", default="", help="The CAs that count (PEM). Default: this machine's public ones.")
@click.option(
    "--rate", type=click.FloatRange(0.1, 100), default=5.0, show_default=True, help="Calls a second."
)
@click.option("--most", type=click.IntRange(1, 1000), default=200, show_default=True, help="Calls in all.")
@click.option("--evidence", type=_PATH, help="Write every call and answer, without secrets.")
@report_options
def probe(report: ReportOptions, **asked: Any) -> Exit:
    """Probe the OCPI server whose versions endpoint is URL: authentication, discovery, paging, answers.

    By default it only reads, slowly, and calls no host but that of URL. Ask its operator first.
    """
    server = _server(asked)
    if server.full:
        say(f"warning: writes that must be refused are sent to {server.url}")
    found = scan(server)
    if asked["evidence"]:
        _keep(asked["evidence"], found.subjects.get("server.json", "[]"))
    return finish(found.findings, report)


def _server(asked: dict[str, Any]) -> Server:
    """What was asked for. Raises ConfigError."""
    first = CallbackHost.of_url(asked["url"])
    if first is None:
        raise ConfigError(f"{asked['url']}: expected an https URL", "a token is never sent in plaintext")
    further = [CallbackHost.of_url(f"https://{text}") for text in asked["hosts"]]
    if None in further:
        raise ConfigError("--host: expected host or host:port")
    try:
        trust = ssl.create_default_context(cafile=asked["ca"] or None)
    except OSError:
        raise ConfigError(f"--ca {asked['ca']}: expected a PEM file of certificates") from None
    chosen = asked["role"]
    return Server(
        url=asked["url"],
        hosts=(first, *(host for host in further if host)),
        token=read_token(asked["token_file"]),
        trust=trust,
        encoding=asked["encoding"] or "",
        version=asked["version"] or "",
        interfaces=(chosen.upper(),) if chosen else ("SENDER", "RECEIVER"),
        parties=tuple(text.upper() for text in asked["parties"]),
        modules=asked["modules"],
        full=not asked["safe"],
        rate=asked["rate"],
        most=asked["most"],
    )


def _keep(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--evidence {file}: {error.strerror}") from None
