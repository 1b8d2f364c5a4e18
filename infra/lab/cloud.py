"""The emulator as the cloud that the program is deployed to."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    HTTPClientError,
    ParamValidationError,
)

from hardening.errors import CollectError
from infra.lab import adapters
from infra.lab.adapters.desired_resource import Adapter, Call, DesiredResource
from infra.lab.clients import ACCOUNT, Clients
from infra.lab.parameter_mapping import UnmappedParameter
from infra.lab.unsupported import TYPES, Unsupported, unsupported_parts, without_refused
from infra.program_run.monitor import STACK_REFERENCE, Created


def _adapters() -> dict[str, Adapter]:
    """All adapters by Pulumi's type: what the modules of `infra/lab/adapters/` call `ADAPTERS`."""
    found: dict[str, Adapter] = {}
    for module in pkgutil.iter_modules(adapters.__path__, f"{adapters.__name__}."):
        own: Mapping[str, Adapter] = getattr(importlib.import_module(module.name), "ADAPTERS", {})
        if twice := found.keys() & own.keys():
            raise ValueError(f"{module.name}: there is another adapter for {', '.join(sorted(twice))}")
        found |= own
    return found


ADAPTERS: Mapping[str, Adapter] = _adapters()
_OUTDATED = "the installed boto3 is too old to set it"


class EmulatedCloud:
    """Creates resources through boto3 in the emulator, and remembers what it does not support."""

    def __init__(self, clients: Clients, report: Callable[[str], None] = lambda _step: None) -> None:
        """`report` is called with a line for each resource (see `infra.lab.progress`)."""
        self._clients = clients
        self._report = report
        self._lock = threading.Lock()
        self._unsupported: list[Unsupported] = []

    def unsupported(self) -> tuple[Unsupported, ...]:
        """What the program declared and the emulator does not support."""
        with self._lock:
            return tuple(self._unsupported)

    def create(self, urn: str, kind: str, inputs: Mapping[str, Any]) -> Created:
        """Create one resource. Raises CollectError."""
        self._report(f" creating {_title(urn)} ({kind})")
        return self.create_by_calls(urn, kind, inputs)[0]

    def create_by_calls(
        self, urn: str, kind: str, inputs: Mapping[str, Any]
    ) -> tuple[Created, tuple[Call, ...]]:
        """Create one resource, and say by which calls. Raises CollectError."""
        adapter = ADAPTERS.get(kind)
        calls: tuple[Call, ...] = ()
        if kind in TYPES:
            created = self._placeholder(urn, kind, inputs)
        elif adapter is None:
            raise CollectError(f"{_title(urn)}: the lab has no adapter for {kind}", "infra/lab/adapters/")
        else:
            declared = {key: value for key, value in inputs.items() if value is not None}
            desired = DesiredResource(urn, kind, without_refused(kind, declared), self._clients)
            created = self._made(adapter, desired)
            calls = tuple(desired.calls)
            if desired.left:
                raise CollectError(
                    f"{_title(urn)}: {kind}: not set in the emulator: {', '.join(desired.left)}"
                )
            outdated = [Unsupported(urn, kind, name, _OUTDATED) for name in desired.unknown]
            with self._lock:
                self._unsupported.extend(outdated)
        with self._lock:
            self._unsupported.extend(unsupported_parts(urn, kind, inputs))
        return created, calls

    def read(self, kind: str, identifier: str) -> Created:
        """A resource outside of the stack: the lab starts empty, so there is none, and no stack before."""
        if kind == STACK_REFERENCE:
            return Created(identifier, {"outputs": {}})
        raise CollectError(f"{kind} {identifier}: the lab's account starts empty", "create it in the stack")

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer the function calls that the program makes. Raises CollectError."""
        region = arguments.get("region") or self._clients.region
        if token == "aws:index/getCallerIdentity:getCallerIdentity":  # noqa: S105  (a function's name)
            found = self._clients.get("sts").get_caller_identity()
            return {
                "accountId": found["Account"],
                "arn": found["Arn"],
                "userId": found["UserId"],
                "id": ACCOUNT,
            }
        if token == "aws:index/getRegion:getRegion":  # noqa: S105
            return {"region": region, "name": region, "id": region}
        if token == "aws:index/getPartition:getPartition":  # noqa: S105
            return {"partition": "aws", "dnsSuffix": "amazonaws.com", "id": "aws"}
        if token == "aws:index/getAvailabilityZones:getAvailabilityZones":  # noqa: S105
            zones = self._clients.get("ec2", region).describe_availability_zones()["AvailabilityZones"]
            names_ = [zone["ZoneName"] for zone in zones]
            return {"names": names_, "zoneIds": [zone["ZoneId"] for zone in zones], "id": region}
        raise CollectError(f"the lab has no answer to {token}", "infra/lab/cloud.py: invoke")

    def _made(self, adapter: Adapter, desired: DesiredResource) -> Created:
        where = f"{desired.title} ({desired.kind})"
        try:
            return adapter(desired)
        except (HTTPClientError, EndpointConnectionError) as error:
            raise CollectError(
                f"the AWS emulator stopped answering while it created {where}: {type(error).__name__}",
                "see the logs in the lab's folder, then `rampart lab up` again",
            ) from None
        except ClientError as error:
            answer = error.response["Error"]
            raise CollectError(
                f"{where}: {error.operation_name}: {answer.get('Code')}: {answer.get('Message')}"
            ) from error
        except ParamValidationError as error:
            # The message quotes values, which may be secret.
            reasons = re.sub(r"value: .*?, type: ", "type: ", str(error), flags=re.DOTALL)
            raise CollectError(f"{where}: {reasons}") from None
        except (UnmappedParameter, BotoCoreError, KeyError, ValueError) as error:
            raise CollectError(f"{where}: {type(error).__name__}: {error}") from error

    def _placeholder(self, urn: str, kind: str, inputs: Mapping[str, Any]) -> Created:
        identifier = f"lab-{hashlib.sha256(urn.encode()).hexdigest()[:12]}"
        texts = {key: value for key, value in inputs.items() if isinstance(value, str) and key != "id"}
        values = {"region": self._clients.region, "account": ACCOUNT, **texts, "id": identifier}
        outputs = {key: template.format(**values) for key, template in TYPES[kind].outputs.items()}
        return Created(identifier, outputs)


def _title(urn: str) -> str:
    return urn.split("::")[-1]
