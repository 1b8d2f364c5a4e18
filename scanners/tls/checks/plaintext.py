"""Judges what an endpoint does with plaintext, and what its HTTPS answers say: HSTS, redirects, an end."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from hardening.checks import Unverifiable, Verdicts, check
from scanners.tls.checks.samples import CLOSED, GOOD, altered
from scanners.tls.checks.unverified import reached, verdict
from scanners.tls.observations import Plain, State, TlsScan, Web
from scanners.tls.profiles import OWN

# RFC 6797, 6.1: directives between semicolons, each a name, with or without a value, and none twice.
_DIRECTIVE: Final = re.compile(r"[\w!#$%&'*+.^`|~-]+\s*(?:=\s*(?:\"[^\"]*\"|[^\s\";=]+))?", re.ASCII)
_MAX_AGE: Final = re.compile(r"max-age\s*=\s*(?:\"(?=\d+\"))?(\d+)\"?", re.ASCII | re.IGNORECASE)


_UNKNOWN: Final = Plain(outcome="unknown", detail="reset")
_HTTPS: Final = Plain(outcome="redirected", status=308, location="https://ocpi.example.com/")
_HTTP: Final = Plain(outcome="redirected", status=308, location="http://ocpi.example.com/")
_ELSEWHERE: Final = Plain(outcome="redirected", status=308, location="https://other.example/")
_REDIRECTING: Final = replace(OWN, plaintext_redirect=True)


@check(
    "plaintext-on-tls-port-refused",
    good=GOOD,
    bad={
        "served": altered(plain_on_tls=Plain(outcome="served", status=200)),
        "redirected to plaintext": altered(plain_on_tls=_HTTP),
    },
    also_good={"redirected to https": altered(plain_on_tls=_HTTPS)},
    unverifiable={
        "not asked": altered(plain_on_tls=None),
        "no clear answer": altered(plain_on_tls=_UNKNOWN),
        "no TLS to judge by": altered(plain_on_tls=CLOSED, state=State.TIMED_OUT),
        "addresses that differ": altered(plain_on_tls=CLOSED, state=State.INCONSISTENT),
    },
)
def plaintext_on_tls_port_refused(scan: TlsScan) -> Verdicts:
    """Also judged where there is no TLS at all: that is when it matters."""
    plain = scan.plain_on_tls
    if plain is None:
        reached(scan)
        raise Unverifiable(scan.where, "the audit ended before this was asked")
    problems = []
    if plain.outcome == "served":
        problems.append(f"plaintext HTTP is answered with {plain.status}")
    elif plain.outcome == "redirected" and not plain.location.startswith("https://"):
        problems.append(f"plaintext HTTP is redirected to {plain.location}")
    if not problems and scan.state is not State.ANSWERED:
        reached(scan)
    yield from verdict(scan, problems, plain.detail if plain.outcome == "unknown" else "")


@check(
    "plaintext-port-closed",
    good=GOOD,
    bad={
        "served": altered(plain_port=Plain(outcome="served", status=200)),
        "open, though the profile wants it closed": altered(plain_port=_HTTPS),
        "redirected to plaintext": altered(plain_port=_HTTP),
        "redirected to another host": altered(plain_port=_ELSEWHERE),
    },
    also_good={
        "redirected to https": altered(plain_port=_HTTPS, profile=_REDIRECTING),
        "no such port to ask": altered(plain_port=None),
    },
    unverifiable={"no clear answer": altered(plain_port=_UNKNOWN)},
)
def plaintext_port_closed(scan: TlsScan) -> Verdicts:
    """The plaintext port is closed; or it redirects to https on the same host, if the profile allows that."""
    plain = scan.plain_port
    if plain is None:
        reached(scan)
        return
    problems = []
    if plain.outcome == "served":
        problems.append(f"plaintext HTTP is answered with {plain.status}")
    if plain.outcome == "redirected":
        problems.extend(_bad_redirect(plain, scan))
        if not problems and not scan.profile.plaintext_redirect:
            problems.append("the plaintext port is open; the profile wants it closed")
    yield from verdict(scan, problems, _doubt(plain))


@check(
    "plaintext-token-not-taken",
    good=GOOD,
    bad={
        "redirected": altered(plain_token=_HTTP),
        "redirected to https": altered(plain_token=_HTTPS),
        "served": altered(plain_token=Plain(outcome="served", status=401)),
    },
    also_good={"no such port to ask": altered(plain_token=None)},
    unverifiable={"no clear answer": altered(plain_token=_UNKNOWN)},
)
def plaintext_token_not_taken(scan: TlsScan) -> Verdicts:
    """A dummy token was sent: a server that answers 401 or 200 read it, one that refuses did not want it.

    A redirect does not turn it away: the token has gone over the wire by then, and clients follow, so nobody
    notices, and each later call does the same.
    """
    plain = scan.plain_token
    if plain is None:
        reached(scan)
        return
    problems = []
    if plain.outcome == "served":
        problems.append(f"a request with a token in plaintext is answered with {plain.status}")
    elif plain.outcome == "redirected":
        problems.append(f"a request with a token in plaintext is redirected ({plain.status}), not refused")
    yield from verdict(scan, problems, _doubt(plain))


def _doubt(plain: Plain) -> str:
    # A filtered port that never answers takes no plaintext either; but only where the TLS port does answer.
    return plain.detail if plain.outcome == "unknown" else ""


def _bad_redirect(plain: Plain, scan: TlsScan) -> Iterator[str]:
    parts = urlsplit(plain.location)
    if parts.scheme != "https":
        yield f"plaintext HTTP is redirected to {plain.location}"
    elif parts.hostname != scan.server_name.lower():
        yield f"plaintext HTTP is redirected to another host, {parts.hostname}"


@check(
    "https-redirects-safe",
    good=GOOD,
    bad={
        "metadata": altered(web=Web(status=302, location="http://169.254.169.254")),
        "loopback by name": altered(web=Web(status=302, location="https://localhost/")),
        "plaintext": altered(web=Web(status=302, location="http://ocpi.example.com/")),
        "another host": altered(web=Web(status=302, location="https://other.example/")),
        "no host at all": altered(web=Web(status=302, location="mailto:ops")),
    },
    also_good={"the same host": altered(web=Web(status=302, location="the same host"))},
    unverifiable={
        "no answer": altered(web=Web(problem="reset")),
        "not asked": altered(web=None),
    },
)
def https_redirects_safe(scan: TlsScan) -> Verdicts:
    """A redirect of the HTTPS answer stays on the host and on https, and leads to no internal address."""
    web = _web(scan)
    problems: list[str] = []
    if web.location and web.location != "the same host":
        parts = urlsplit(web.location)
        if _internal(parts.hostname or ""):
            problems.append(f"it redirects to an internal address, {parts.hostname}")
        elif parts.scheme == "http":
            problems.append(f"it redirects from https to {web.location}")
        elif (parts.hostname or "").lower() != scan.server_name.lower():
            problems.append(f"it redirects to another host, {parts.hostname or web.location}")
    yield from verdict(scan, problems, "" if web.status else web.problem)


def _internal(host: str) -> bool:
    """Link-local (metadata services), loopback and private addresses, and names for them."""
    if host in ("localhost", "metadata.google.internal", "metadata"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return not address.is_global


@check(
    "https-answers-bounded",
    good=GOOD,
    bad={
        "endless": altered(web=Web(status=200, ended=False, problem="endless")),
        "endless, for a reason unknown": altered(web=Web(status=200, ended=False)),
    },
    also_good={"no answer without our certificate": altered(web=Web(problem="reset"))},
    unverifiable={"no answer": altered(web=Web(problem="reset"), client_certificate="none")},
)
def https_answers_bounded(scan: TlsScan) -> Verdicts:
    """The body of the HTTPS answer ends, in time and within the cap (64 KiB)."""
    web = _web(scan)
    if scan.client_certificate == "required" and not web.status:
        return  # no certificate of ours is taken, and so we get no answer
    problems = [] if web.ended or not web.status else [web.problem or "the answer does not end"]
    yield from verdict(scan, problems, "" if web.status else web.problem)


@check(
    "https-hsts-sent",
    good=GOOD,
    bad={
        "too short": altered(web=Web(status=200, hsts="max-age=60")),
        "without an age": altered(web=Web(status=200, hsts="preload")),
        "garbage after the age": altered(web=Web(status=200, hsts="max-age=63072000 seconds")),
        "two ages": altered(web=Web(status=200, hsts="max-age=63072000; max-age=0")),
        "missing": altered(web=Web(status=200)),
    },
    also_good={
        "not asked for": altered(profile=replace(OWN, hsts_seconds=0)),
        "quoted": altered(web=Web(status=200, hsts='includeSubDomains; Max-Age="63072000";')),
    },
    unverifiable={"no answer": altered(web=Web(problem="reset"))},
)
def https_hsts_sent(scan: TlsScan) -> Verdicts:
    """Only where the profile asks for it: OCPI peers are no browsers."""
    wanted = scan.profile.hsts_seconds
    if not wanted:
        return
    web = _web(scan)
    age = _max_age(web.hsts)
    problems = []
    if not web.hsts:
        problems.append("no Strict-Transport-Security header")
    elif age is None:
        problems.append("the Strict-Transport-Security header is malformed, and clients pass it over")
    elif age < wanted:
        problems.append(f"Strict-Transport-Security for {age} seconds, {wanted} are needed")
    yield from verdict(scan, problems if web.status else [], "" if web.status else web.problem)


def _max_age(header: str) -> int | None:
    """The max-age of a Strict-Transport-Security header, in seconds; None for what RFC 6797 (6.1) forbids."""
    parts = [part.strip() for part in header.rstrip("; ").split(";")]
    names = {part.partition("=")[0].strip().lower() for part in parts}
    if len(names) < len(parts) or not all(map(_DIRECTIVE.fullmatch, parts)):
        return None
    ages = [int(age[1]) for age in map(_MAX_AGE.fullmatch, parts) if age]
    return ages[0] if ages else None


def _web(scan: TlsScan) -> Web:
    reached(scan)
    if scan.web is None:
        raise Unverifiable(scan.where, "no HTTPS answer was seen")
    return scan.web
