"""`python -m infra.lab.acceptance FOLDER`: use a lab as a partner would, and print what came of it.

The partner of the run is a token of a contract of the registry, made for the run and revoked by its end. What
is printed is JSON of version 1: `steps` (control, where, wanted, seen) and `absent` (control, where, reason),
what this environment does not have. `seen` is null where it could not be looked at; `reason` then says why.
"""

from __future__ import annotations

import http.client
import json
import ssl
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from hardening.errors import CollectError, RampartError
from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry
from hardening.requests import tokens
from hardening.rotation.records import ACTIVE, REVOKED, TokenRecord
from infra.lab.clients import Clients
from infra.lab.credentials_exchange import VERSION, authorizer_allows, rotate
from infra.lab.forbidden_calls import forbidden_calls
from infra.lab.functions import Function, FunctionFailed, running
from infra.lab.lab_folder import LabFolder
from infra.runtime.policy_service.stores import DynamoTokenStore

# Envoy writes its access log every ten seconds.
_LOG_SECONDS = 15.0
# The bound of a revocation is one second of the guard's cache; a busy machine takes longer to ask.
_REVOCATION_SECONDS = 5.0
_LIFETIME = timedelta(minutes=15)
# What a lab does not have, by the control that acceptance on AWS judges with it.
ABSENT: Mapping[str, tuple[str, str]] = {
    "alarms-reach-people": ("a test alarm", "the emulator's alarms notify nobody"),
    "firewall-logged": ("the firewall's log", "no API Gateway and no firewall stand before the lab's guard"),
    "trail-complete": ("the trail's log", "the emulator's trail writes no events"),
    "deployed-in-order": ("a second preview", "no Pulumi engine takes part in a lab; see the intent audit"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried: it holds where `seen` is what was `wanted`."""

    control: str
    where: str
    wanted: str
    seen: str | None
    reason: str = ""


@dataclass(slots=True)
class Run:
    """One run: the lab, the contract, and its token, which only the run knows."""

    folder: LabFolder
    clients: Clients
    partner: Partner
    record: TokenRecord
    token: str
    steps: list[Step] = field(default_factory=list)

    def tried(self, control: str, where: str, wanted: str, look: Callable[[], str]) -> None:
        """Look, and note it. What cannot be looked at is not seen."""
        try:
            self.steps.append(Step(control, where, wanted, look()))
        except RampartError as error:
            self.steps.append(Step(control, where, wanted, None, error.message))

    def call(self, path: str, token: str = "", request_id: str = "") -> str:
        """`HTTP status/OCPI status` of a GET at the gateway. Raises CollectError where nothing answers."""
        target = self.folder.read_target()
        host, _, port = target["gateway"].partition(":")
        trust = ssl.create_default_context(cafile=target["ca_file"])
        connection = http.client.HTTPSConnection(host, int(port), timeout=20, context=trust)
        headers = {
            "Authorization": tokens.header(token or self.token, self.partner.auth_encoding),
            "X-Request-ID": request_id or str(uuid.uuid4()),
            "X-Correlation-ID": str(uuid.uuid4()),
        }
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return f"{answer.status}/{json.loads(answer.read())['status_code']}"
        except (OSError, ValueError, LookupError, TypeError, http.client.HTTPException) as error:
            raise CollectError(f"GET {path}: {type(error).__name__}") from None
        finally:
            connection.close()

    def store(self) -> DynamoTokenStore:
        """The token store that guard and authorizer ask."""
        [table] = [
            resource["id"]
            for resource in self.folder.resources()
            if resource["type"] == "aws:dynamodb/table:Table"
            and resource["inputs"].get("hashKey") == "digest"
        ]
        return DynamoTokenStore(self.clients.get("dynamodb"), table)


def accept(folder: LabFolder) -> dict[str, Any]:
    """Try everything. Raises CollectError where the lab is not up, or no partner speaks VERSION."""
    run = _prepared(folder)
    label, network = run.partner.environment, folder.path / "network.json"
    run.store().put(run.record)
    try:
        with (
            running(run.clients, f"rampart-{label}-authorizer", folder.path, network) as authorizer,
            running(run.clients, f"rampart-{label}-rotation", folder.path, network) as rotation,
        ):
            _served_and_logged(run, authorizer)
            _refused(run, authorizer)
            _rotated(run, rotation)
    finally:
        run.store().put(replace(run.record, state=REVOKED))
    _revoked(run)
    absent = [{"control": c, "where": where, "reason": why} for c, (where, why) in ABSENT.items()]
    return {"version": 1, "partner": run.partner.name, "steps": [*map(asdict, run.steps)], "absent": absent}


def _prepared(folder: LabFolder) -> Run:
    target = folder.read_target()
    if not target:
        raise CollectError("the lab is not up", "`rampart lab up`")
    partners = [one for one in read_registry(folder.path / "partners") if VERSION in one.versions]
    if not partners:
        raise CollectError(f"no partner speaks {VERSION}", "partners/")
    partner, token = partners[0], tokens.issue()
    expires = int((datetime.now(UTC) + _LIFETIME).timestamp())
    record = TokenRecord(tokens.digest(token), partner.name, "C", ACTIVE, partner.environment, expires)
    clients = Clients(target["aws_endpoint"], target["region"], target["ca_file"])
    return Run(folder, clients, partner, record, token)


def _served_and_logged(run: Run, authorizer: Function) -> None:
    call, request_id = f"/ocpi/{VERSION}", str(uuid.uuid4())
    run.tried(
        "gateway-serves-contracted-calls", f"GET {call}", "200/1000", lambda: run.call(call, "", request_id)
    )
    allowed = _layer(run, authorizer, call, run.token)
    run.tried("gateway-serves-contracted-calls", f"authorizer: GET {call}", "allowed", allowed)
    for log, words in (("policy", '"allowed"'), ("envoy", '"via_upstream"')):
        run.tried(
            "api-calls-logged", f"log of {log}", "the call, allowed", _logged(run, log, request_id, words)
        )


def _refused(run: Run, authorizer: Function) -> None:
    for one in forbidden_calls(run.partner):
        token, request_id = run.token if one.is_partner else tokens.issue(), str(uuid.uuid4())
        authorized = _layer(run, authorizer, one.path, token)
        run.tried(one.control, f"authorizer: GET {one.path}", one.authorizer, authorized)
        answer = partial(run.call, one.path, token, request_id)
        run.tried(one.control, f"guard: GET {one.path}", one.guard, answer)
        logged = _logged(run, "policy", request_id, f'"{one.control}"')
        run.tried(one.control, f"log of policy: GET {one.path}", "the call, refused", logged)


def _rotated(run: Run, rotation: Function) -> None:
    secret = f"rampart/{run.partner.environment}/{run.partner.name}/inbound"

    def look() -> str:
        try:
            new = rotate(run.clients, rotation, secret)
        except FunctionFailed as failure:
            return failure.kind
        return f"the new token: {run.call(f'/ocpi/{VERSION}', new)}"

    run.tried("secrets-rotate-monthly", secret, "the new token: 200/1000", look)


def _revoked(run: Run) -> None:
    def look() -> str:
        deadline = time.monotonic() + _REVOCATION_SECONDS
        while (answer := run.call(f"/ocpi/{VERSION}")) == "200/1000" and time.monotonic() < deadline:
            time.sleep(0.1)
        return answer

    run.tried("token-not-revoked", f"GET /ocpi/{VERSION} after the run", "401/2000", look)


def _layer(run: Run, authorizer: Function, path: str, token: str) -> Callable[[], str]:
    return lambda: "allowed" if authorizer_allows(authorizer, run.partner, token, path) else "refused"


def _logged(run: Run, log: str, request_id: str, words: str) -> Callable[[], str]:
    file = run.folder.path / "logs" / f"{log}.log"

    def look() -> str:
        deadline = time.monotonic() + _LOG_SECONDS
        while True:
            lines = [line for line in file.read_text(errors="replace").splitlines() if request_id in line]
            if any(words in line for line in lines):
                return "the call, refused" if '"refused"' in lines[-1] else "the call, allowed"
            if time.monotonic() > deadline:
                return "another end of the call" if lines else "nothing"
            time.sleep(0.25)

    return look


def main(folder: str) -> int:
    """Print the run; 3 where it could not begin."""
    try:
        print(json.dumps(accept(LabFolder(Path(folder))), indent=1))
    except RampartError as error:
        print(error.message, file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
