"""`rampart audit tls`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from hardening.cli import Exit, say
from hardening.errors import ConfigError
from hardening.registry.deployed import with_ca_files_in
from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry
from scanners.aim import Aim, aim_options
from scanners.output import ReportOptions, finish, judge, report_options
from scanners.progress import wanted
from scanners.tls import metrics
from scanners.tls.audit.fleet import Limits, audit_endpoints
from scanners.tls.certificates.roots import roots_of
from scanners.tls.changes import changes
from scanners.tls.endpoint import Endpoint
from scanners.tls.endpoint_list import address, host_name, place_of, read_endpoints
from scanners.tls.judge import judge_fleet
from scanners.tls.observations import TlsScan
from scanners.tls.page import render
from scanners.tls.partner_endpoints import exceptions, partner_endpoints
from scanners.tls.profiles import CALLBACK, PROFILES, profile
from scanners.tls.results import as_json, read_results
from scanners.tls.scan import own_endpoint, scanned

_PATH = click.Path(path_type=Path)
_OPTIONS = (
    click.option("--endpoint", "named", multiple=True, help="host:port or https URL to audit. Repeatable."),
    click.option("--address", multiple=True, help="Connect here in place of resolving. Repeatable."),
    click.option("--sni", default="", help="The server name to ask for."),
    click.option("--ca", default="", help="The CAs that count (PEM). Default: this machine's public ones."),
    click.option("--client-cert", default="",
                 help="The client certificate that we show if one is asked for: chain and key (PEM)."),
    click.option("--client-certs", type=_PATH,
                 help="The folder of partners' client_certificate_out. Default: the registry's."),
    click.option("--endpoints", "lists", multiple=True, type=_PATH, help="A CSV or YAML list. Repeatable."),
    click.option("--partners", is_flag=True, help="All callback hosts of the partner registry."),
    click.option("--registry", type=_PATH, help="The registry's folder. Default: the target's."),
    click.option("--own", is_flag=True, help="The target's gateway (default, if nothing is named)."),
    click.option("--profile", "chosen", default=CALLBACK.name, show_default=True, help=", ".join(PROFILES)),
    click.option("--plain-port", type=click.IntRange(0, 65535), default=80, show_default=True,
                 help="Where plaintext would be; 0 leaves it alone."),
    click.option("--revocation", is_flag=True,
                 help="Ask the CAs' OCSP responders and CRLs whether certificates are revoked."),
    click.option("--deep", is_flag=True, help="sslyze for every endpoint, not only after a failure."),
    click.option("--no-deep", is_flag=True, help="No sslyze, not even after a failure."),
    click.option("--deadline", type=click.FloatRange(1, 600), default=Limits().deadline, show_default=True,
                 help="Seconds for one address."),
    click.option("--rate", type=click.FloatRange(0, 1000), default=20.0, show_default=True,
                 help="Connections a second to one address; 0: no limit."),
    click.option("--concurrency", type=click.IntRange(1, 2000), default=200, show_default=True),
    click.option("--since", type=_PATH, help="Results of an earlier run (--save): say what changed."),
    click.option("--save", type=_PATH, help="Write the results, for --since and as evidence."),
    click.option("--metrics", type=_PATH,
                 help="Write expiry and verdicts for Prometheus (textfile collector)."),
    click.option("--html", type=_PATH, help="Write a page: endpoints by control, expiry calendar."),
)  # fmt: skip


@dataclass(slots=True)
class _Plan:
    """What is to be audited, and the problems in what was asked for."""

    endpoints: list[Endpoint] = field(default_factory=list)
    partners: tuple[Partner, ...] = ()
    problems: list[str] = field(default_factory=list)


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command()
@aim_options
@_options
@report_options
def tls(report: ReportOptions, **asked: Any) -> Exit:
    """Audit TLS: of the gateway, of endpoints, or of all partners.

    What the profile forbids is offered alone: a refusal proves that it is not accepted. What could not be
    verified is never a pass.
    """
    before = read_results(asked["since"]) if asked["since"] else ()
    plan = _plan(asked)
    if not plan.endpoints:
        return _problems(plan)
    limits = Limits(deadline=asked["deadline"], rate=asked["rate"], concurrency=asked["concurrency"])
    with _counted(len(plan.endpoints)) as count:
        scans = audit_endpoints(plan.endpoints, limits, count)
    scan = scanned(scans, deep=asked["deep"], never=asked["no_deep"], judged=judge_fleet)
    waived = exceptions(plan.partners, scan.scans, datetime.now(UTC).date())
    changed = changes(before, scan.scans) if asked["since"] else []
    for line in changed:
        say(f"changed: {line}")
    _write(asked["save"], "--save", lambda: as_json(scan.scans))
    outcome = judge(scan.findings, report, waived)
    _write(asked["html"], "--html", lambda: render(scan.scans, outcome, changed))
    if asked["metrics"]:
        metrics.write(asked["metrics"], metrics.render(scan.scans, outcome))
    code = finish(scan.findings, report, waived)
    return _problems(plan) if plan.problems else code


def _plan(asked: dict[str, Any]) -> _Plan:
    """What was asked for. Raises ConfigError for what leaves nothing to audit."""
    plan = _Plan()
    defaults = Endpoint(
        host="",
        addresses=tuple(address(text) for text in asked["address"]),
        server_name=host_name(asked["sni"], "--sni") if asked["sni"] else "",
        ca_file=asked["ca"],
        client_file=asked["client_cert"],
        profile=profile(asked["chosen"]),
        plain_port=asked["plain_port"],
        revocation=asked["revocation"],
    )
    if asked["named"] or asked["lists"]:
        roots_of(defaults.ca_file)
    for text in asked["named"]:
        plan.endpoints.append(_named(text, defaults))
    for file in asked["lists"]:
        found = read_endpoints(file, defaults)
        plan.endpoints.extend(found.endpoints)
        plan.problems.extend(found.problems)
    if asked["partners"]:
        folder = asked["registry"] or _registry(asked["aim"])
        plan.partners = with_ca_files_in(folder, read_registry(folder))
        certificates = asked["client_certs"] or folder
        plan.endpoints.extend(partner_endpoints(plan.partners, defaults, certificates))
    if asked["own"] or not (asked["named"] or asked["lists"] or asked["partners"]):
        plan.endpoints.append(replace(own_endpoint(asked["aim"].read()), revocation=defaults.revocation))
    return plan


def _registry(aim: Aim) -> Path:
    return Path(aim.read().partners) if aim.is_told else Path("partners")


def _named(text: str, defaults: Endpoint) -> Endpoint:
    host, port, path = place_of(text)
    settings = {name: getattr(defaults, name) for name in Endpoint.__dataclass_fields__}
    return Endpoint(**(settings | {"host": host, "port": port, "path": path or defaults.path}))


def _problems(plan: _Plan) -> Exit:
    """Say what was wrong in the lists, after what could be audited was reported."""
    for line in plan.problems:
        say(f"error: {line}")
    say("hint: docs/tls.md explains the keys of an endpoint list")
    return Exit.USAGE


def _write(file: Path | None, option: str, text: Callable[[], str]) -> None:
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text(), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{option} {file}: {error.strerror}") from None


@contextmanager
def _counted(total: int) -> Iterator[Callable[[TlsScan], None]]:
    """A bar that counts endpoints, for a person who watches."""
    if not wanted():
        yield lambda _: None
        return
    from rich.console import Console  # not for those who watch nothing
    from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("TLS"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("TLS", total=total)
        yield lambda _: progress.advance(task)
