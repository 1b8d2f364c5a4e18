"""The rule about URLs: where a reader would go who follows one."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

from hardening.ocpi.rules.facts import Charging, LocationFacts
from hardening.ocpi.rules.rule import ALWAYS, Faults, rule
from hardening.ocpi.rules.samples import sample
from hardening.ocpi.rules.texts import urls

_SCHEMES = ("https", "http")
# Where machines of a cloud ask for their own credentials, beside the link-local networks (169.254.169.254).
_METADATA = frozenset(
    map(ip_address, ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"))
)
_METADATA_NAMES = ("metadata", "instance-data", "metadata.google.internal", "instance-data.ec2.internal")
# IPv4 as the C library reads it: one to four numbers, decimal, octal or hexadecimal.
_NUMBERS = re.compile(r"(?:0x[0-9a-f]+|[0-9]+)(?:\.(?:0x[0-9a-f]+|[0-9]+)){0,3}")


def _cdr_has_no_url(value: Any, facts: Charging) -> bool:
    if facts.components is None or value.signed_data:
        return False
    return not facts.components or not value.tariffs[0].tariff_alt_url


def _location_has_web_urls(value: Any, facts: LocationFacts) -> bool:
    if not (facts.without_urls and not value.images):
        return False
    for one in (value.operator, value.suboperator, value.owner):
        if one and (one.website or one.logo):
            return False
    return True


@rule(
    "urls-lead-to-the-web",
    *("Location", "EVSE", "Connector", "CDR", "Session", "Tariff", "Credentials", "Version"),
    *("VersionDetails", "StartSession", "StopSession", "ReserveNow", "CancelReservation"),
    *("UnlockConnector", "SetChargingProfile", "Terminal", "Booking", "BookingLocation"),
    good={
        "a page": sample("Tariff", {"tariff_alt_url": "https://cpo.example/tariffs?id=1"}),
        "an address": sample("Tariff", {"tariff_alt_url": "http://[2001:db8::1]:8080/"}),
        "no URL": sample("Tariff"),
    },
    bad={
        "a file": sample("Tariff", {"tariff_alt_url": "file:///etc/passwd"}),
        "another protocol": sample("Tariff", {"tariff_alt_url": "gopher://cpo.example/1"}),
        "no host": sample("Tariff", {"tariff_alt_url": "https:///tariffs"}),
        "metadata of a cloud": sample("Tariff", {"tariff_alt_url": "http://169.254.169.254/latest"}),
        "the same as a number": sample("Tariff", {"tariff_alt_url": "http://2852039166/latest"}),
        "the same in hexadecimal": sample("Tariff", {"tariff_alt_url": "http://0xa9.0xfe.0xa9.0xfe/"}),
        "the same within IPv6": sample("Tariff", {"tariff_alt_url": "http://[::ffff:169.254.169.254]/"}),
        "a name for it": sample("Tariff", {"tariff_alt_url": "http://metadata.google.internal./"}),
        "not an address": sample("Tariff", {"tariff_alt_url": "http://[::1/"}),
        "a backslash": sample("Tariff", {"tariff_alt_url": "https://cpo.example\\@169.254.169.254/"}),
    },
    partial=True,
    holds={"CDR": _cdr_has_no_url, "Session": ALWAYS, "Location": _location_has_web_urls},
)
def urls_lead_to_the_web(value: Any) -> Faults:
    """A URL is http or https, names a host, and that is no address where a cloud gives away credentials."""
    return [(pointer, asked, _shown(url)) for pointer, url in urls(value) if (asked := _asked(url))]


def _shown(url: str) -> str:
    """Scheme and host: what is behind them may be a secret."""
    return "/".join(url.split("/")[:3]).rpartition("@")[2]


def _asked(url: str) -> str:
    """What a URL that does not lead to the web should have been; empty for one that does."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removesuffix(".")
        address = _address(host)
    except ValueError:
        return "a URL with one reading"
    if parts.scheme not in _SCHEMES:
        return "a URL of http or https"
    if not host or "\\" in url:
        return "a URL with one host"
    leaks = host in _METADATA_NAMES or (address and (address.is_link_local or address in _METADATA))
    return "a URL that leads to no metadata of a cloud" if leaks else ""


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host is written as, as a client would connect to it; None for a name.

    Raises ValueError for what stands in the place of one and is none.
    """
    if _NUMBERS.fullmatch(host):
        return _from_numbers(host)
    if ":" not in host:
        return None
    address = ip_address(host)
    return getattr(address, "ipv4_mapped", None) or address


def _from_numbers(host: str) -> IPv4Address:
    """The last number fills what the others leave (inet_aton). Raises ValueError where it is too large."""
    *first, last = (_number(one) for one in host.split("."))
    return IPv4Address(last + sum(number << (24 - 8 * place) for place, number in enumerate(first)))


def _number(text: str) -> int:
    if text.startswith("0x"):
        return int(text, 16)
    octal = text.startswith("0") and all(one in "01234567" for one in text)
    return int(text, 8 if octal else 10)
