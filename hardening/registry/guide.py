"""The guide that a partner gets before it connects: made from its entry and from what we are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jinja2 import Environment, PackageLoader, StrictUndefined

from hardening.ocpi.leniencies import LENIENCIES
from hardening.registry.partners import Partner


@dataclass(frozen=True, slots=True, kw_only=True)
class Us:
    """What we are to every partner of an environment.

    `origin` is `https://host[:port]`, `certificate` a sentence on our own, `addresses` are the CIDRs that we
    call from, `page_limit` objects at most on a page.
    """

    origin: str
    certificate: str
    addresses: tuple[str, ...]
    page_limit: int
    body_kilobytes: int
    rotation_days: int
    overlap_minutes: int


def guide(partner: Partner, us: Us, at: date) -> str:
    """The guide, as Markdown. It holds no token."""
    environment = Environment(
        loader=PackageLoader("hardening.registry", "."),
        autoescape=False,  # noqa: S701  (Markdown is no HTML)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("guide.md.j2").render(
        partner=partner, us=us, at=at.isoformat(), leniencies=LENIENCIES
    )
    return text.rstrip() + "\n"
