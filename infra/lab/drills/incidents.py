"""The incidents that the lab can play: what somebody does, what would show it, and when it is over."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

from hardening.errors import CollectError
from hardening.requests import tokens
from hardening.rotation.connection import INBOUND
from hardening.rotation.connection import Stage as Label
from hardening.rotation.records import ACTIVE, REVOKED, TokenRecord
from infra.lab.credentials_exchange import VERSION, authorizer_event
from infra.lab.drills.lab_account import LabAccount
from infra.lab.forbidden_calls import forbidden_calls
from infra.lab.functions import Function, FunctionFailed, running
from infra.runtime.functions.secrets_vault import SecretsVault

_LIFETIME = timedelta(minutes=15)
_SERVED, _UNAUTHORIZED = 200, 401
_CALLS = 12
_PATH = f"/ocpi/{VERSION}"


@dataclass(slots=True)
class Stage:
    """Where an incident is played. `held` keeps what it needs later; `evidence` has sealed runs."""

    lab: LabAccount
    evidence: Path
    held: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident. `play` begins it and raises CollectError where it cannot.

    `alarm` has to fire; `words` are what people would fill in. `contained` and `recovered` look whether the
    harm has ended, and whether all is as before; `decide` does what people decide between containing and
    restoring; `undo` leaves nothing of it behind, however the drill ended.
    """

    about: str
    alarm: str
    play: Callable[[Stage], None]
    words: Callable[[Stage], Mapping[str, str]]
    contained: Callable[[Stage], bool]
    recovered: Callable[[Stage], bool]
    undo: Callable[[Stage], None]
    decide: Callable[[Stage], None] = lambda stage: None


def _read_by_a_person(stage: Stage) -> None:
    """A user of the account reads the partner's token in Secrets Manager, and calls with it."""
    lab = stage.lab
    stage.held["token"] = _current(stage)
    lab.trail_says("GetSecretValue", "secretsmanager", type="IAMUser", userName="somebody")
    if lab.status(_PATH, stage.held["token"]) != _SERVED:
        raise CollectError("the token that leaked opens nothing: there is no incident")


def _current(stage: Stage) -> str:
    """The token that the partner calls us with."""
    partner = stage.lab.partner
    name = f"rampart/{partner.environment}/{partner.name}"
    held = SecretsVault(stage.lab.clients.get("secretsmanager"), name).read(INBOUND, Label.CURRENT)
    if held is None:
        raise CollectError(f"{name}: the partner has no token", "`rampart lab up`")
    return held.token


def _beyond_its_contract(stage: Stage) -> None:
    """A partner with a good token asks again and again for a module that it did not contract."""
    lab = stage.lab
    stage.held["token"] = token = tokens.issue()
    expires = int((datetime.now(UTC) + _LIFETIME).timestamp())
    partner = lab.partner
    lab.store().put(
        TokenRecord(tokens.digest(token), partner.name, "C", ACTIVE, partner.environment, expires)
    )
    paths = [one.path for one in forbidden_calls(partner) if one.control == "module-contracted"]
    if not paths:
        raise CollectError(f"{partner.name} contracted every module", "partners/")
    network = lab.folder.path / "network.json"
    with running(lab.clients, f"{lab.prefix}-authorizer", lab.folder.path, network) as authorizer:
        for path in islice((one for _ in range(_CALLS) for one in paths), _CALLS):
            answer = _authorized(authorizer, authorizer_event(partner, token, path))
            lab.access_log_says({"httpMethod": "GET", "resourcePath": path, **answer})


def _authorized(authorizer: Function, event: Mapping[str, Any]) -> dict[str, str]:
    """What API Gateway makes of the authorizer's answer ("Output from a Lambda authorizer")."""
    try:
        answer = authorizer.invoke(event)
    except FunctionFailed as failure:
        if failure.kind != "Unauthorized":
            raise CollectError(str(failure)) from None
        return {"status": "401", "error.responseType": "UNAUTHORIZED"}
    told = {f"authorizer.{name}": str(text) for name, text in (answer.get("context") or {}).items()}
    told["authorizer.principalId"] = str(answer["principalId"])
    if answer["policyDocument"]["Statement"][0]["Effect"] == "Allow":
        return {"status": "200", **told}
    return {"status": "403", "error.responseType": "ACCESS_DENIED", **told}


def _is_refused(stage: Stage) -> bool:
    return stage.lab.status(_PATH, stage.held["token"]) == _UNAUTHORIZED


def _is_served_anew(stage: Stage) -> bool:
    """The partner's new token is served, and the one of the incident is not."""
    return stage.lab.status(_PATH, _current(stage)) == _SERVED and _is_refused(stage)


def _partner_words(stage: Stage) -> Mapping[str, str]:
    return {"PARTNER": stage.lab.partner.name, "INCIDENT": "drill"}


def _token_ends(stage: Stage) -> None:
    """The token of the incident ends, unless the partner has no other: then nothing was rotated."""
    if "token" in stage.held and stage.held["token"] != _current(stage):
        made = stage.lab.store().find(tokens.digest(stage.held["token"]))
        if made is not None and made.state != REVOKED:
            stage.lab.store().put(replace(made, state=REVOKED))


def _disable_a_key(stage: Stage) -> None:
    """Somebody disables the key of the tables."""
    lab = stage.lab
    stage.held["KEY_ID"] = _key(stage)["KeyId"]
    lab.ask("kms", "disable_key", KeyId=stage.held["KEY_ID"])
    lab.trail_says("DisableKey", "kms", type="AssumedRole")
    if _is_enabled(stage):
        raise CollectError("the key is still enabled: there is no incident")


def _key(stage: Stage) -> Mapping[str, Any]:
    alias = f"alias/{stage.lab.prefix}-data"
    found: Mapping[str, Any] = stage.lab.ask("kms", "describe_key", KeyId=alias)["KeyMetadata"]
    return found


def _is_enabled(stage: Stage) -> bool:
    return str(_key(stage)["KeyState"]) == "Enabled"


def _enable_again(stage: Stage) -> None:
    if "KEY_ID" in stage.held:
        stage.lab.ask("kms", "enable_key", KeyId=stage.held["KEY_ID"])


def _hide_the_traces(stage: Stage) -> None:
    """Somebody stops the trail, and changes one letter of a sealed run."""
    lab = stage.lab
    found = sorted(stage.evidence.glob("*/findings.json"))
    if not found:
        raise CollectError(f"{stage.evidence}: no sealed run to touch")
    stage.held["file"] = str(found[0])
    shutil.copy(found[0], stage.evidence / ".elsewhere")
    lab.ask("cloudtrail", "stop_logging", Name=f"{lab.prefix}-trail")
    lab.trail_says("StopLogging", "cloudtrail", type="AssumedRole")
    content = bytearray(found[0].read_bytes())
    content[len(content) // 2] ^= 1
    found[0].write_bytes(content)
    if _is_logging(stage):
        raise CollectError("the trail still runs: there is no incident")


def _is_logging(stage: Stage) -> bool:
    name = f"{stage.lab.prefix}-trail"
    return bool(stage.lab.ask("cloudtrail", "get_trail_status", Name=name)["IsLogging"])


def _copy_back(stage: Stage) -> None:
    with suppress(FileNotFoundError):
        shutil.move(stage.evidence / ".elsewhere", stage.held["file"])


def _log_again(stage: Stage) -> None:
    stage.lab.ask("cloudtrail", "start_logging", Name=f"{stage.lab.prefix}-trail")


def _of_a_token(about: str, alarm: str, play: Callable[[Stage], None]) -> Incident:
    """An incident with a partner's token: over once the token of it is refused, and a new one served."""
    return Incident(
        about=about,
        alarm=alarm,
        play=play,
        words=_partner_words,
        contained=_is_refused,
        recovered=_is_served_anew,
        undo=_token_ends,
    )


INCIDENTS: Final[Mapping[str, Incident]] = {
    "leaked-token": _of_a_token(
        "A user of the account read a partner's token in Secrets Manager, and called with it.",
        "token-read-by-person",
        _read_by_a_person,
    ),
    "rogue-partner": _of_a_token(
        f"A partner asked {_CALLS} times for a module that it did not contract.",
        "forbidden",
        _beyond_its_contract,
    ),
    "lost-key": Incident(
        about="Somebody disabled the key that the tables are under.",
        alarm="key-disabled",
        play=_disable_a_key,
        words=lambda stage: {"KEY_ID": stage.held["KEY_ID"], "KEY": "data"},
        contained=_is_enabled,
        recovered=_is_enabled,
        undo=_enable_again,
    ),
    "evidence-tampered": Incident(
        about="Somebody stopped the trail, and changed one letter of a sealed run.",
        alarm="trail-stopped",
        play=_hide_the_traces,
        words=lambda stage: {"EVIDENCE": str(stage.evidence)},
        contained=_is_logging,
        recovered=_is_logging,
        undo=_log_again,
        decide=_copy_back,
    ),
}
