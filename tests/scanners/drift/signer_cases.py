"""Cases: signing profiles of AWS Signer."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import Case

PLATFORM = "AWSLambda-SHA384-ECDSA"


def profile_case(account: Account) -> list[Resource]:
    period = {"value": 12, "type": "MONTHS"}
    account.signer.put_signing_profile(
        profileName="release", platformId=PLATFORM, signatureValidityPeriod=period, tags={"owner": "ops"}
    )
    inputs = {
        "name": "release",
        "platformId": PLATFORM,
        "signatureValidityPeriod": {**period, "value": 12.0},
        "tags": {"owner": "ops"},
    }
    return [declare("aws:signer/signingProfile:SigningProfile", "release", inputs)]


CASES = {
    "signing profile": Case(
        profile_case,
        {
            "signatureValidityPeriod": lambda a, r: a.signer.put_signing_profile(
                profileName=r.id,
                platformId=PLATFORM,
                signatureValidityPeriod={"value": 11, "type": "YEARS"},
                tags={"owner": "ops"},
            )
        },
        lambda a, r: a.signer.cancel_signing_profile(profileName=r.id),
    ),
}
