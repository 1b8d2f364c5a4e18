"""What an account says of itself, asked without our readers: every question that the models know."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from botocore.model import ServiceModel
from botocore.parsers import ResponseParserError

from tests.mutation.drift_writes import Known

State = Counter[tuple[str, str]]

_QUESTIONS: Final = re.compile(r"^(Get|Describe|List)")
# What changes by itself, or with every write.
_VOLATILE: Final = re.compile(
    r"(ResponseMetadata|time|timestamp|date|etag|lastmodified\w*|revisionid|locktoken|token|requestid|created\w*"
    r"|updated\w*|codesize|hostid|nextupload\w*|last\w*|latest\w*|\w*logging(time|started|stopped))$",
    re.IGNORECASE,
)
# Questions about the world and about data, which no setting of a resource answers.
_NOT_ASKED: Final = re.compile(
    r"(Offerings|InstanceTypes|Regions|Zones|Images|SpotPrice|Prices|LogEvents|MetricData|MetricStatistics|SecretValue"
    r"|AccountAuthorizationDetails|CredentialReport|ReservedInstances|Credentials|PasswordData|ParametersForImport"
    r"|Reserved|Capacity|Host|Fleet|Ipam|VerifiedAccess|LocalGateway|ManagedPrefix|Console|AccountAttributes|LaunchTemplate"
    r"|VpcEndpointServices|AllowedImages|Snapshot|SessionToken|FederationToken|PublicKey|GetObject$|GetRecords|AvailableManagedRule|Checksum|Torrent|ListOperations$)"
)
_BROKEN: Final = (
    "501",
    "NotImplemented",
    "InternalFailure",
    "InternalError",
    "404",
    "500",
    "UnknownOperationException",
)


@dataclass(slots=True)
class Questions:
    """The questions of one service that the emulator answers; what it does not know is asked once."""

    model: ServiceModel
    refused: set[str] = field(default_factory=set)

    def settle(self, client: Any, known: Known, mine: frozenset[str]) -> None:
        """Leave out the questions that are answered otherwise each time, though nothing changed."""
        first, second = (self.answers(client, known, mine) for _ in range(2))
        moved = (first - second) + (second - first)
        self.refused.update(path.partition(".")[0] for path, _ in moved)

    def answers(self, client: Any, known: Known, mine: frozenset[str]) -> State:
        """Each leaf in the answers: its path and its value as text."""
        found: State = Counter()
        for name in self.model.operation_names:
            if name in self.refused or not _QUESTIONS.match(name) or _NOT_ASKED.search(name):
                continue
            asked = self._filled(name, known, mine)
            if asked is None:
                continue
            try:
                answer = client._make_api_call(name, asked)
            except ClientError as error:
                if error.response["Error"].get("Code") in _BROKEN:
                    self.refused.add(name)
                continue
            except (BotoCoreError, ResponseParserError, ValueError, KeyError, TypeError, AttributeError):
                self.refused.add(name)
                continue
            found.update(_leaves(answer, name))
        return found

    def _filled(self, name: str, known: Known, mine: frozenset[str]) -> Mapping[str, Any] | None:
        shape = self.model.operation_model(name).input_shape
        if shape is None:
            return {}
        found: dict[str, Any] = {}
        for each in shape.required_members:
            values = known.of(self.model.service_name, each)
            own = [value for value in values if isinstance(value, str) and value in mine]
            member = shape.members[each]
            if own or values:
                found[each] = (own or values)[0]
            elif member.type_name == "string" and each.lower().endswith(("arn", "resource", "resourceid")):
                found[each] = next((text for text in sorted(mine) if text.startswith("arn:")), "none")
            elif member.type_name == "string" and not getattr(member, "enum", ()):
                found[each] = max(mine, key=lambda text: (not text.startswith("arn:"), len(text)))
            elif member.type_name == "list" and member.member.type_name == "string":
                inner = getattr(member.member, "enum", ())
                found[each] = list(inner)[:1] or [next(iter(sorted(mine)))]
            elif getattr(member, "enum", ()):
                found[each] = member.enum[0]
            else:
                return None
        return found


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every leaf with its path. Items of a list have one path: the order of most lists is no setting."""
    if isinstance(value, Mapping) and value:
        for name, each in value.items():
            if not _VOLATILE.fullmatch(str(name)):
                yield from _leaves(each, f"{path}.{name}")
    elif isinstance(value, list) and value:
        for each in value:
            yield from _leaves(each, path)
    elif value or (value == 0 and value is not False):
        # What is not set and what is set to nothing mean the same.
        yield path, json.dumps(value, default=str)


def changed_names(before: State, after: State) -> frozenset[str]:
    """The members that differ between two states, with those that they are in; empty if nothing does."""
    paths = {path for path, _ in (before - after) + (after - before)}
    return frozenset(name for path in paths for name in path.split(".")[1:])
