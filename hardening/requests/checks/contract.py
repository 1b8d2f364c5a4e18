"""Request checks of the authorization layer: was this call contracted with this partner?"""

from __future__ import annotations

from collections.abc import Iterator

from hardening.checks import Verdicts, check
from hardening.registry.partners import Access, Partner, Party
from hardening.requests.modules import CONFIGURATION, MODULES
from hardening.requests.request import Request
from hardening.requests.routes import Match, Operation, match
from hardening.requests.sample_messages import START_SESSION
from hardening.requests.samples import CPO, EMSP, HUB, call

# The modules that move a charger.
_REMOTE_CONTROL = ("commands", "chargingprofiles")
_PARTY = ("country-code", "party-id")
_GOOD = call("GET", "/ocpi/2.2.1/sender/locations")


def functional(request: Request) -> Iterator[tuple[Partner, Match]]:
    """Who calls which functional module; nothing where either is unknown."""
    found = match(request.method, request.path)
    if request.credentials and found is not None and found.route.module not in CONFIGURATION:
        yield request.credentials.partner, found


def _operation(found: Match) -> Operation:
    if found.operation is None:
        raise LookupError("a method that OCPI does not define has no access of its own")
    return found.operation


@check("version-contracted", good=_GOOD, bad=call("GET", "/ocpi/2.1.1/sender/locations"))
def version_is_contracted(request: Request) -> Verdicts:
    """The version of the URL is one of the partner's."""
    found = match(request.method, request.path)
    if request.credentials and found is not None and found.route.version:
        version = found.route.version
        contracted = version in request.credentials.partner.versions
        yield request, None if contracted else f"OCPI {version} is not contracted"


@check(
    "commands-only-if-contracted",
    good=call("POST", "/ocpi/2.2.1/receiver/commands/START_SESSION", EMSP, START_SESSION),
    bad=call("POST", "/ocpi/2.2.1/receiver/commands/START_SESSION", CPO, START_SESSION),
)
def commands_are_contracted(request: Request) -> Verdicts:
    """Modules that move a charger need `write` in the registry, and never have it by default."""
    for partner, found in functional(request):
        module = found.route.module
        if module in _REMOTE_CONTROL and _operation(found).access is Access.WRITE:
            contracted = Access.WRITE in (partner.modules.get(module) or ())
            yield request, None if contracted else f"{module} is off unless contracted"


@check("module-contracted", good=_GOOD, bad=call("GET", "/ocpi/2.2.1/sender/hubclientinfo"))
def module_is_contracted(request: Request) -> Verdicts:
    """The module of the URL is named in the registry with any access."""
    for partner, found in functional(request):
        module = found.route.module
        contracted = bool(partner.modules.get(module))
        yield request, None if contracted else f"the module {module} is not contracted"


@check(
    "access-contracted",
    good=_GOOD,
    bad=call(
        "PUT", "/ocpi/2.2.1/sender/sessions/SES-1/charging_preferences", EMSP, {"profile_type": "GREEN"}
    ),
)
def access_is_contracted(request: Request) -> Verdicts:
    """The operation's access (read or write) is named in the registry for its module."""
    for partner, found in functional(request):
        access = _operation(found).access
        contracted = access in (partner.modules.get(found.route.module) or ())
        yield request, None if contracted else f"{access} on {found.route.module} is not contracted"


@check("interface-matches-role", good=_GOOD, bad=call("GET", "/ocpi/2.2.1/receiver/cdrs/CDR-1"))
def interface_is_the_counterpart(request: Request) -> Verdicts:
    """Where URL or OCPI-from headers name a party, that one's role counts, not a sister party's."""
    for partner, found in functional(request):
        callers = MODULES[found.route.module].callers(found.route.interface)
        role_fits = any(party.role in callers for party in _acting(request, partner, found))
        yield request, None if role_fits else _only_for(found.route.interface, callers)


@check(
    "interface-matches-role",
    good=call("GET", "/ocpi/2.2.1/receiver/tokens/FR/EMY/CARD-1", HUB),
    bad=call("GET", "/ocpi/2.2.1/receiver/tokens/FR/CPY/CARD-1", HUB),
)
def url_party_has_the_role(request: Request) -> Verdicts:
    """A platform with two roles pushes each object as the party that may own one of that kind."""
    for partner, found in functional(request):
        callers = MODULES[found.route.module].callers(found.route.interface)
        named = _url_parties(partner, found)
        if named:
            role_fits = any(party.role in callers for party in named)
            yield request, None if role_fits else f"the party in the URL is no {' or '.join(callers)}"


def _only_for(interface: str, callers: tuple[str, ...]) -> str:
    return f"our {interface} interface is for {', '.join(callers)}"


def _acting(request: Request, partner: Partner, found: Match) -> tuple[Party, ...]:
    """The partner's parties that the call is made as: those that it names, else all."""
    country_code, party_id = ((request.headers.get(f"ocpi-from-{part}") or "") for part in _PARTY)
    return _url_parties(partner, found) or partner.named(country_code, party_id) or partner.parties


def _url_parties(partner: Partner, found: Match) -> tuple[Party, ...]:
    # hubclientinfo names whom a hub tells about; the hub's own role counts there.
    if found.route.module == "hubclientinfo" or "party_id" not in found.parameters:
        return ()
    return partner.named(found.parameters["country_code"], found.parameters["party_id"])
