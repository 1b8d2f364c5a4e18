"""Cases: identity providers of IAM."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import Case

METADATA = f"<EntityDescriptor>{'x' * 1000}</EntityDescriptor>"
THUMBPRINT = "9e99a48a9960b14926bb7f3b02e22da2b0ab7280"


def open_id_case(account: Account) -> list[Resource]:
    made = account.iam.create_open_id_connect_provider(
        Url="https://ci.example", ClientIDList=["sts.amazonaws.com"], ThumbprintList=[THUMBPRINT]
    )["OpenIDConnectProviderArn"]
    inputs = {
        "url": "https://ci.example",
        "clientIdLists": ["sts.amazonaws.com"],
        "thumbprintLists": [THUMBPRINT],
    }
    return [declare("aws:iam/openIdConnectProvider:OpenIdConnectProvider", made, inputs, arn=made)]


def saml_case(account: Account) -> list[Resource]:
    made = account.iam.create_saml_provider(Name="people", SAMLMetadataDocument=METADATA)["SAMLProviderArn"]
    inputs = {"name": "people", "samlMetadataDocument": METADATA}
    return [declare("aws:iam/samlProvider:SamlProvider", made, inputs, arn=made)]


CASES = {
    "openid connect provider": Case(
        open_id_case,
        {
            "thumbprintLists": lambda a, r: a.iam.update_open_id_connect_provider_thumbprint(
                OpenIDConnectProviderArn=r.id, ThumbprintList=["0" * 40]
            ),
        },
        lambda a, r: a.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=r.id),
        lambda a: a.iam.create_open_id_connect_provider(
            Url="https://elsewhere.example", ThumbprintList=[THUMBPRINT]
        )["OpenIDConnectProviderArn"],
    ),
    "saml provider": Case(
        saml_case,
        {
            "samlMetadataDocument": lambda a, r: a.iam.update_saml_provider(
                SAMLProviderArn=r.id, SAMLMetadataDocument=METADATA.replace("x", "y")
            ),
        },
        lambda a, r: a.iam.delete_saml_provider(SAMLProviderArn=r.id),
        lambda a: a.iam.create_saml_provider(Name="more", SAMLMetadataDocument=METADATA)["SAMLProviderArn"],
    ),
}
