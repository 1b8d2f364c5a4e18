"""The lab as a drill uses it: its partner, its gateway, its account, and what AWS would have written down."""

from __future__ import annotations

import http.client
import json
import ssl
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from hardening.errors import CollectError
from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry
from hardening.requests import tokens
from hardening.rotation.records import TokenRecord
from infra.lab.clients import ACCOUNT, Clients
from infra.lab.credentials_exchange import VERSION
from infra.lab.lab_folder import LabFolder
from infra.runtime.policy_service.stores import DynamoTokenStore

_STAGE = "aws:apigateway/stage:Stage"
_TRAIL = "aws:cloudtrail/trail:Trail"
_TABLE = "aws:dynamodb/table:Table"


@dataclass(frozen=True, slots=True)
class LabAccount:
    """A lab that is up: `partner` is the one that an incident is about."""

    folder: LabFolder
    target: Mapping[str, str]
    clients: Clients
    partner: Partner

    @classmethod
    def of(cls, folder: LabFolder) -> LabAccount:
        """The lab in `folder`. Raises CollectError where none is up, or no partner speaks VERSION."""
        target = folder.read_target()
        if not target:
            raise CollectError("the lab is not up", "`rampart lab up`")
        for partner in read_registry(folder.path / "partners"):
            if VERSION in partner.versions and _is_served(folder, partner):
                clients = Clients(target["aws_endpoint"], target["region"], target["ca_file"])
                return cls(folder, target, clients, partner)
        raise CollectError(f"no partner of the lab speaks {VERSION}", "partners/")

    @property
    def prefix(self) -> str:
        """How the names of the stack's resources begin."""
        return f"rampart-{self.partner.environment}"

    def store(self) -> DynamoTokenStore:
        """The token store that guard and authorizer ask."""
        table = self._declared(_TABLE, "tokens")["name"]
        return DynamoTokenStore(self.clients.get("dynamodb"), str(table))

    def own_tokens(self) -> list[TokenRecord]:
        """The records of the tokens that the lab itself holds for the partner, for its probes."""
        digests = {tokens.digest(one) for one in json.loads(self.folder.tokens.read_text()).values()}
        return [one for one in self.store().of_partner(self.partner.name) if one.digest in digests]

    def status(self, path: str, token: str) -> int:
        """The HTTP status of a GET at the gateway; 0 where nothing answers."""
        host, _, port = self.target["gateway"].partition(":")
        trust = ssl.create_default_context(cafile=self.target["ca_file"])
        connection = http.client.HTTPSConnection(host, int(port), timeout=20, context=trust)
        headers = {"Authorization": tokens.header(token, self.partner.auth_encoding)}
        headers |= {"X-Request-ID": str(uuid.uuid4()), "X-Correlation-ID": str(uuid.uuid4())}
        try:
            connection.request("GET", path, headers=headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def ask(self, service: str, operation: str, region: str = "", **parameters: Any) -> Any:
        """One call of AWS's API, to the emulator. Raises CollectError."""
        try:
            return getattr(self.clients.get(service, region), operation)(**parameters)
        except (BotoCoreError, ClientError) as error:
            code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
            raise CollectError(f"{service}:{operation}: {code}") from None

    def trail_says(self, event: str, source: str, **identity: str) -> None:
        """Write down what CloudTrail would of a call that was made: the emulator's trail writes no events."""
        record = {
            "eventVersion": "1.11",
            "eventTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "eventSource": f"{source}.amazonaws.com",
            "eventName": event,
            "awsRegion": self.target["region"],
            "recipientAccountId": ACCOUNT,
            "userIdentity": identity,
        }
        arn = str(self._declared(_TRAIL, "trail")["cloudWatchLogsGroupArn"])
        self._write(arn.partition(":log-group:")[2].removesuffix(":*"), record)

    def access_log_says(self, context: Mapping[str, str]) -> None:
        """Write down what API Gateway would of a call, in the declared format: no API Gateway stands here.

        A variable that has no value is written as `-` (API Gateway Developer Guide, "Variables for access
        logging").
        """
        settings = self._declared(_STAGE, "live")["accessLogSettings"]
        line = {
            name: context.get(text.removeprefix("$context.")) or "-"
            for name, text in json.loads(settings["format"]).items()
        }
        self._write(str(settings["destinationArn"]).partition(":log-group:")[2].removesuffix(":*"), line)

    def _write(self, group: str, record: Mapping[str, Any]) -> None:
        stream, at = str(uuid.uuid4()), int(time.time() * 1000)
        self.ask("logs", "create_log_stream", logGroupName=group, logStreamName=stream)
        events = [{"timestamp": at, "message": json.dumps(record)}]
        self.ask("logs", "put_log_events", logGroupName=group, logStreamName=stream, logEvents=events)

    def _declared(self, kind: str, name: str) -> Mapping[str, Any]:
        for one in self.folder.resources():
            if one["type"] == kind and str(one["urn"]).rpartition("::")[2] == name:
                found: Mapping[str, Any] = one["inputs"]
                return found
        raise CollectError(f"the lab's stack has no {kind.rpartition(':')[2]} {name}")


def _is_served(folder: LabFolder, partner: Partner) -> bool:
    """Whether the lab's probes have a token of the partner: those of another environment have none."""
    held: Mapping[str, str] = json.loads(Path(folder.tokens).read_text(encoding="utf-8"))
    return partner.name in held
