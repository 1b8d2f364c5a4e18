"""The OCPI route table: every call that a partner may make, and nothing else.

One home for three readers: the gateway matches calls against it, the API definition on AWS is
generated from it, and the reference service serves it. Our URLs (OCPI leaves them free):

    /ocpi/versions   /ocpi/{version}   /ocpi/{version}/modules   /ocpi/{version}/credentials
    /ocpi/{role}/{version}/modules
    /ocpi/{version}/sender/{module}[/...]
    /ocpi/{version}/receiver/{module}[/{country_code}/{party_id}/{object_id}...]

The interfaces are ours: a partner that is the Sender of a module calls our `receiver`, and the other
way round (OCPI 2.2.1, 2.4). `/modules` is none of OCPI's: what this partner was contracted for. Some
networks ask for it by role (`{role}`: one of OCPI's, or `sender` or `receiver`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from hardening.registry.partners import Access
from hardening.requests.modules import SINCE_2_2, VERSIONS
from hardening.requests.paths import segments

PREFIX = "/ocpi"
READ, WRITE = Access.READ, Access.WRITE
_LEGACY = ("2.1.1",)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of a route. `body` and `response` name OCPI objects ("" for none).

    A `partial` body is a PATCH: any subset of the object's fields. A `many` response is a paginated list.
    """

    method: str
    access: Access
    body: str = ""
    response: str = ""
    partial: bool = False
    many: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """One URL. `interface` is `sender`, `receiver`, or "" for the configuration modules."""

    version: str
    module: str
    interface: str
    template: str
    operations: tuple[Operation, ...]

    @property
    def methods(self) -> tuple[str, ...]:
        """The HTTP methods that OCPI defines for this URL."""
        return tuple(operation.method for operation in self.operations)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the URL's parameters, in their order."""
        return tuple(part[1:-1] for part in self.template.split("/") if part.startswith("{"))


@dataclass(frozen=True, slots=True)
class Match:
    """What a call means. `operation` is None where the URL is known and the method is not defined."""

    route: Route
    operation: Operation | None
    parameters: Mapping[str, str]

    @property
    def body(self) -> str:
        """The OCPI object of the body; "" where the operation has none."""
        return self.operation.body if self.operation else ""


_OWNED = "/{country_code}/{party_id}"
_COMMANDS = {
    "RESERVE_NOW": "ReserveNow",
    "START_SESSION": "StartSession",
    "STOP_SESSION": "StopSession",
    "UNLOCK_CONNECTOR": "UnlockConnector",
}


def _get(name: str) -> Operation:
    return Operation("GET", READ, response=name)


def _page(name: str) -> Operation:
    return Operation("GET", READ, response=name, many=True)


def _put(name: str) -> Operation:
    return Operation("PUT", WRITE, body=name)


def _patch(name: str) -> Operation:
    return Operation("PATCH", WRITE, body=name, partial=True)


def _synced(name: str) -> tuple[Operation, ...]:
    return (_get(name), _put(name), _patch(name))


def _post(body: str, response: str = "") -> tuple[Operation, ...]:
    return (Operation("POST", WRITE, body=body, response=response),)


def _configuration(version: str) -> Iterator[Route]:
    root = f"{PREFIX}/{version}"
    yield Route(version, "versions", "", root, (_get("VersionDetails"),))
    yield Route(version, "modules", "", f"{root}/modules", (_get("Modules"),))
    yield Route(version, "modules", "", f"{PREFIX}/{{role}}/{version}/modules", (_get("Modules"),))
    yield Route(
        version,
        "credentials",
        "",
        f"{root}/credentials",
        (
            _get("Credentials"),
            Operation("POST", WRITE, "Credentials", "Credentials"),
            Operation("PUT", WRITE, "Credentials", "Credentials"),
            Operation("DELETE", WRITE),
        ),
    )


def _sender(version: str) -> Iterator[tuple[str, str, tuple[Operation, ...]]]:
    yield "locations", "", (_page("Location"),)
    yield "locations", "/{location_id}", (_get("Location"),)
    yield "locations", "/{location_id}/{evse_uid}", (_get("EVSE"),)
    yield "locations", "/{location_id}/{evse_uid}/{connector_id}", (_get("Connector"),)
    yield "sessions", "", (_page("Session"),)
    yield "cdrs", "", (_page("CDR"),)
    yield "tariffs", "", (_page("Tariff"),)
    yield "tokens", "", (_page("Token"),)
    # Real-time authorization asks a question; it changes nothing of ours.
    authorize = Operation("POST", READ, "LocationReferences", "AuthorizationInfo")
    yield "tokens", "/{token_uid}/authorize", (authorize,)
    result = "CommandResponse" if version in _LEGACY else "CommandResult"
    for command in _commands(version):
        yield "commands", f"/{command}/{{uid}}", _post(result)
    if version in SINCE_2_2:
        preferences = Operation("PUT", WRITE, "ChargingPreferences", "ChargingPreferencesResponse")
        yield "sessions", "/{session_id}/charging_preferences", (preferences,)
        yield "chargingprofiles", "/{session_id}", (_put("ActiveChargingProfile"),)
        yield "chargingprofiles", "/active/{uid}", _post("ActiveChargingProfileResult")
        yield "chargingprofiles", "/set/{uid}", _post("ChargingProfileResult")
        yield "chargingprofiles", "/clear/{uid}", _post("ClearProfileResult")
        yield "hubclientinfo", "", (_page("ClientInfo"),)


def _receiver(version: str) -> Iterator[tuple[str, str, tuple[Operation, ...]]]:
    location = f"{_OWNED}/{{location_id}}"
    yield "locations", location, _synced("Location")
    yield "locations", f"{location}/{{evse_uid}}", _synced("EVSE")
    yield "locations", f"{location}/{{evse_uid}}/{{connector_id}}", _synced("Connector")
    yield "sessions", f"{_OWNED}/{{session_id}}", _synced("Session")
    yield "cdrs", "", _post("CDR")
    yield "cdrs", "/{cdr_id}", (_get("CDR"),)
    tariff = (_get("Tariff"), _put("Tariff"), Operation("DELETE", WRITE))
    yield "tariffs", f"{_OWNED}/{{tariff_id}}", (*tariff, _patch("Tariff")) if version in _LEGACY else tariff
    yield "tokens", f"{_OWNED}/{{token_uid}}", _synced("Token")
    for command, name in _commands(version).items():
        yield "commands", f"/{command}", _post(name, "CommandResponse")
    if version in SINCE_2_2:
        answer = "ChargingProfileResponse"
        profile = (
            Operation("GET", READ, response=answer),
            Operation("PUT", WRITE, "SetChargingProfile", answer),
            Operation("DELETE", WRITE, response=answer),
        )
        yield "chargingprofiles", "/{session_id}", profile
        yield "hubclientinfo", _OWNED, (_get("ClientInfo"), _put("ClientInfo"))


def _commands(version: str) -> Mapping[str, str]:
    return _COMMANDS if version in _LEGACY else {"CANCEL_RESERVATION": "CancelReservation", **_COMMANDS}


def _routes() -> Iterator[Route]:
    yield Route("", "versions", "", f"{PREFIX}/versions", (_get("Versions"),))
    for version in VERSIONS:
        yield from _configuration(version)
        for interface, table in (("sender", _sender), ("receiver", _receiver)):
            for module, rest, operations in table(version):
                template = f"{PREFIX}/{version}/{interface}/{module}{rest}"
                yield Route(version, module, interface, template, operations)


ROUTES: tuple[Route, ...] = tuple(_routes())


@lru_cache(maxsize=512)
def match(method: str, path: str) -> Match | None:
    """What `method path` means, or None where no route has this URL. Letter case counts."""
    try:
        found = segments(path)
    except UnicodeDecodeError:
        return None
    if found is None:
        return None
    for literal, route in _BY_LENGTH.get(len(found), ()):
        parameters = _bind(literal, found)
        if parameters is not None:
            operation = next((o for o in route.operations if o.method == method), None)
            return Match(route, operation, MappingProxyType(parameters))
    return None


def _bind(literal: tuple[str, ...], found: tuple[str, ...]) -> dict[str, str] | None:
    parameters = {}
    for want, got in zip(literal, found, strict=True):
        if want.startswith("{"):
            parameters[want[1:-1]] = got
        elif want != got:
            return None
    return parameters


def _by_length() -> Mapping[int, list[tuple[tuple[str, ...], Route]]]:
    table: dict[int, list[tuple[tuple[str, ...], Route]]] = {}
    for route in ROUTES:
        literal = tuple(route.template.split("/")[1:])
        table.setdefault(len(literal), []).append((literal, route))
    return table


_BY_LENGTH = _by_length()
