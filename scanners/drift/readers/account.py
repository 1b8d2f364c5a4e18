"""Settings of the account: contacts, and whether new volumes are encrypted (each API's reference)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scanners.drift.account import View
from scanners.drift.declared import by
from scanners.drift.fields import protection, setting
from scanners.drift.records import Live, ResourceReader


def contacts(view: View) -> Iterator[Live]:
    """Alternate contacts (GetAlternateContact)."""
    none = ("ResourceNotFoundException",)
    for kind in ("BILLING", "OPERATIONS", "SECURITY"):
        answer = view.ask("account", "get_alternate_contact", absent=none, AlternateContactType=kind)
        found = (answer or {}).get("AlternateContact")
        if found:
            facts = {
                "emailAddress": found.get("EmailAddress"),
                "phoneNumber": found.get("PhoneNumber"),
                "name": found.get("Name"),
                "title": found.get("Title"),
            }
            yield Live("aws:account/alternativeContact:AlternativeContact", kind, facts, view.region)


def volumes(view: View) -> Iterator[Live]:
    """Whether new volumes are encrypted (GetEbsEncryptionByDefault)."""
    on = view.ask("ec2", "get_ebs_encryption_by_default")["EbsEncryptionByDefault"]
    yield Live("aws:ebs/encryptionByDefault:EncryptionByDefault", "volumes", {"enabled": on}, view.region)


READERS: Final = (
    ResourceReader(
        type="aws:account/alternativeContact:AlternativeContact",
        service="account",
        read=contacts,
        key=by("alternateContactType"),
        fields=(
            protection("emailAddress"),
            protection("phoneNumber"),
            setting("name"),
            setting("title"),
        ),
        identity=("alternateContactType",),
    ),
    ResourceReader(
        type="aws:ebs/encryptionByDefault:EncryptionByDefault",
        service="ec2",
        read=volumes,
        key=lambda _: "volumes",
        fields=(protection("enabled", default=True),),
    ),
)
