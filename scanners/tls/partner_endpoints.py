"""The endpoints that the partner registry names, and the exceptions of each partner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from glob import escape
from pathlib import Path

from hardening.errors import ConfigError
from hardening.registry.callback_host import CallbackHost
from hardening.registry.partners import Partner
from scanners.tls.endpoint import Endpoint
from scanners.tls.endpoint_list import pin
from scanners.tls.observations import TlsScan
from scanners.tls.profiles import profile
from scanners.waivers import Waiver, Waivers


def partner_endpoints(
    partners: Iterable[Partner], defaults: Endpoint, certificates: Path
) -> tuple[Endpoint, ...]:
    """One endpoint for each callback host. Raises ConfigError with a line for each fault.

    `certificates` is the folder of what we show (`client_certificate_out` NAME is its NAME.pem): the registry
    names a certificate, and never holds a key. Without the file, what depends on it cannot be verified.
    """
    endpoints, problems = [], []
    for partner in partners:
        try:
            known = _with_certificate(partner, defaults, certificates)
            endpoints += [_endpoint(partner, host, known) for host in partner.callback_hosts]
        except ConfigError as fault:
            problems.append(f"partner {partner.name}: {fault.message}")
    if problems:
        raise ConfigError(problems[0], problems=tuple(problems))
    return tuple(endpoints)


def _with_certificate(partner: Partner, defaults: Endpoint, certificates: Path) -> Endpoint:
    """The defaults with the certificate that we show to `partner`: who names one has agreed upon it."""
    name = partner.client_certificate_out
    if not name:
        return defaults
    file = certificates / f"{name}.pem"
    there = file.exists()
    return replace(
        defaults,
        client_certificate=True,
        client_file=str(file) if there else "",
        client_missing="" if there else name,
    )


def _endpoint(partner: Partner, place: CallbackHost, defaults: Endpoint) -> Endpoint:
    return replace(
        defaults,
        host=place.host,
        port=place.port,
        profile=profile(partner.tls_profile),
        pins=tuple(pin(text) for text in partner.tls_pins),
        ca_file=partner.tls_ca_file or defaults.ca_file,
        partner=partner.name,
        source=f"partner {partner.name}",
    )


def exceptions(partners: Iterable[Partner], scans: Iterable[TlsScan], today: date) -> Waivers:
    """The exceptions of the registry as waivers, and a line for each that has run out."""
    by_name = {partner.name: partner for partner in partners}
    valid: list[Waiver] = []
    void: list[str] = []
    for scan in scans:
        if scan.partner in by_name:
            for waiver in _waivers(by_name[scan.partner], scan):
                if waiver.expires >= today:
                    valid.append(waiver)
                else:
                    void.append(
                        f"partner {scan.partner}: exception for {waiver.control} ended on {waiver.expires}"
                    )
    return Waivers(tuple(valid), tuple(dict.fromkeys(void)))


def _waivers(partner: Partner, scan: TlsScan) -> Iterator[Waiver]:
    for exception in partner.tls_exceptions:
        yield Waiver(
            control=exception.control,
            where=escape(scan.where),  # a waiver takes a glob
            reason=exception.reason,
            owner=f"partner {partner.name}",
            expires=exception.expires,
        )
