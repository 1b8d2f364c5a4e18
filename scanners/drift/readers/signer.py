"""Signing profiles of AWS Signer (Signer API reference, GetSigningProfile)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block, by
from scanners.drift.fields import TAGS, protection, setting
from scanners.drift.records import Live, ResourceReader
from scanners.policy.stack import Resource

_NOT_FOUND: Final = ("ResourceNotFoundException", "404")


def signing_profiles(view: View) -> Iterator[Live]:
    """The declared signing profiles that are not cancelled (GetSigningProfile)."""
    for name in view.declared_keys:
        found = view.ask("signer", "get_signing_profile", absent=_NOT_FOUND, profileName=name)
        if not found or found.get("status", "Active") != "Active":
            continue
        period = found.get("signatureValidityPeriod") or {}
        yield Live(
            "aws:signer/signingProfile:SigningProfile",
            found["profileName"],
            {
                "name": found["profileName"],
                "platformId": found.get("platformId"),
                "signatureValidityPeriod": _period(period),
                "tags": found.get("tags"),
            },
            view.region,
        )


def _period(period: Mapping[str, Any]) -> str | None:
    return f"{int(period['value'])} {period.get('type')}" if period.get("value") else None


def _declared_profile(_: Declared, profile: Resource) -> Mapping[str, Any]:
    period = block(profile.inputs.get("signatureValidityPeriod"))
    return {**profile.inputs, "signatureValidityPeriod": _period(period)}


READERS: Final = (
    ResourceReader(
        type="aws:signer/signingProfile:SigningProfile",
        service="signer",
        read=signing_profiles,
        key=by("name"),
        declare=_declared_profile,
        fields=(protection("platformId"), protection("signatureValidityPeriod"), setting("name"), TAGS),
        unlisted="the code signing configuration says which ones count",
    ),
)
