"""The custody of a standalone guard: its stores, who we are to partners, and calls by its own rules."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hardening.egress.headers import outgoing
from hardening.egress.target import Refused, path_to, target_of
from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from hardening.requests.tokens import header
from hardening.rotation.connection import Answer, Call, Outcome, answer_of
from infra.runtime.egress.certificates import in_folder
from infra.runtime.egress.partner_client import PartnerAnswer, PartnerClient, Unanswered
from infra.runtime.guard.credentials import CredentialsSettings
from infra.runtime.guard.settings import GuardSettings, read_settings


def guard_of(file: Path) -> tuple[GuardSettings, CredentialsSettings]:
    """What `guard.toml` says of the guard and of its configuration modules. Raises ConfigError."""
    settings = read_settings(file)
    if settings.credentials is None:
        raise ConfigError(
            f"{file}: credentials: is missing; expected a table",
            "docs/standalone.md: the configuration modules",
        )
    return settings, settings.credentials


def calls_as_the_guard(settings: CredentialsSettings, partner: Partner) -> Call:
    """A `Call` to this partner as the egress guard makes it: TLS by contract, checked addresses, bounds."""

    def call(method: str, url: str, token: str, body: Mapping[str, Any] | None) -> Answer:
        # What does not leave is in doubt, never refused: a partner that refuses has taken the token first.
        try:
            answer = asyncio.run(_once(settings, partner, method, url, token, body))
        except Refused as refused:
            return Answer(Outcome.IN_DOUBT, detail=refused.detail)
        except Unanswered as lost:
            return Answer(Outcome.IN_DOUBT, detail=lost.detail)
        return answer_of(answer.status, _json(answer.body) if answer.status < 300 else None)

    return call


async def _once(
    settings: CredentialsSettings,
    partner: Partner,
    method: str,
    url: str,
    token: str,
    body: Mapping[str, Any] | None,
) -> PartnerAnswer:
    target = target_of(path_to(partner.name, url), {partner.name: partner})
    ids = {"x-request-id": str(uuid.uuid4()), "x-correlation-id": str(uuid.uuid4())}
    headers = outgoing({"content-type": "application/json", **ids}, header(token, partner.auth_encoding))
    name = partner.client_certificate_out
    shown = in_folder(settings.certificates)(name) if name else ""
    client = PartnerClient(partner, settings.certificates, settings.partner_addresses, shown=shown)
    try:
        content = b"" if body is None else json.dumps(body).encode()
        return await client.call(target, method, headers, content, once=True)
    finally:
        await client.close()


def _json(text: bytes) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None
