"""The endpoints that the partner registry names, and the exceptions of each partner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from glob import escape

from hardening.errors import ConfigError
from hardening.registry.callback_host import CallbackHost
from hardening.registry.partners import Partner
from scanners.tls.endpoint import Endpoint
from scanners.tls.endpoint_list import pin
from scanners.tls.observations import TlsScan
from scanners.tls.profiles import profile
from scanners.waivers import Waiver, Waivers


def partner_endpoints(partners: Iterable[Partner], defaults: Endpoint) -> tuple[Endpoint, ...]:
    """One endpoint for each callback host. Raises ConfigError with a line for each fault."""
    endpoints, problems = [], []
    for partner in partners:
        try:
            endpoints += [_endpoint(partner, host, defaults) for host in partner.callback_hosts]
        except ConfigError as fault:
            problems.append(f"partner {partner.name}: {fault.message}")
    if problems:
        raise ConfigError(problems[0], problems=tuple(problems))
    return tuple(endpoints)


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
