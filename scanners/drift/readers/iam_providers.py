"""Identity providers of IAM: whose log-ins the account takes for its own (IAM API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from hashlib import sha256
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, by
from scanners.drift.fields import TAGS, exposure, setting
from scanners.drift.normalize import caseless, unordered
from scanners.drift.records import Live, ResourceReader
from scanners.policy.stack import Resource

_OPEN_ID: Final = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
_SAML: Final = "aws:iam/samlProvider:SamlProvider"


def open_id_providers(view: View) -> Iterator[Live]:
    """OpenID Connect providers (ListOpenIDConnectProviders, GetOpenIDConnectProvider)."""
    for entry in view.pages("iam", "list_open_id_connect_providers", "OpenIDConnectProviderList"):
        yield Live(_OPEN_ID, entry["Arn"], partial(_open_id, view, entry["Arn"]))


def _open_id(view: View, arn: str) -> Mapping[str, Any]:
    found = view.ask("iam", "get_open_id_connect_provider", OpenIDConnectProviderArn=arn)
    return {
        "url": f"https://{str(found.get('Url')).removeprefix('https://')}",
        "clientIdLists": found.get("ClientIDList"),
        "thumbprintLists": found.get("ThumbprintList"),
        "tags": found.get("Tags"),
    }


def saml_providers(view: View) -> Iterator[Live]:
    """SAML providers with a digest of their metadata (ListSAMLProviders, GetSAMLProvider)."""
    for entry in view.pages("iam", "list_saml_providers", "SAMLProviderList"):
        name = entry["Arn"].rpartition("/")[2]
        facts = {
            "name": name,
            "samlMetadataDocument": partial(_metadata, view, entry["Arn"]),
            # IAM Identity Center makes one in every account that it lets people into.
            "ofIdentityCenter": name.startswith("AWSSSO_") and name.endswith("_DO_NOT_DELETE"),
        }
        yield Live(_SAML, entry["Arn"], facts)


def _metadata(view: View, arn: str) -> str:
    return _digest(view.ask("iam", "get_saml_provider", SAMLProviderArn=arn)["SAMLMetadataDocument"])


def _digest(text: Any) -> str:
    return sha256(str(text).encode()).hexdigest()


def _declared_saml(_: Declared, provider: Resource) -> Mapping[str, Any]:
    document = provider.inputs.get("samlMetadataDocument")
    shown = _digest(document) if isinstance(document, str) else document
    return {**provider.inputs, "samlMetadataDocument": shown}


READERS: Final = (
    ResourceReader(
        type=_OPEN_ID,
        service="iam",
        read=open_id_providers,
        key=by("arn"),
        is_global=True,
        fields=(
            exposure("url", caseless),
            exposure("clientIdLists", unordered, default=()),
            exposure("thumbprintLists", caseless),
            TAGS,
        ),
    ),
    ResourceReader(
        type=_SAML,
        service="iam",
        read=saml_providers,
        key=by("arn"),
        declare=_declared_saml,
        is_global=True,
        fields=(exposure("samlMetadataDocument"), setting("name")),
    ),
)
