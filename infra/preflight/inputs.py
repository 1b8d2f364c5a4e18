"""What the settings name and does not lie in our hands: principals, images, the delegation."""

from __future__ import annotations

from collections.abc import Sequence

from hardening.checks import Status
from hardening.errors import CollectError
from infra.aws_calls import Absent, AwsCalls
from infra.phases import COMPLETE, IMAGES
from infra.preflight.name_servers import Address, is_delegated, name_servers
from infra.preflight.requirement import Requirement, Results, met, unmet
from infra.settings import Settings


def look_up_principals(calls: AwsCalls, settings: Settings, account: str, results: Results) -> None:
    """AWS refuses a trust policy with a principal that does not exist (IAM User Guide, "Principal")."""
    for arn in settings.trusted_principals:
        kind, name = arn.split(":", 5)[5].split("/", 1)
        name = name.rsplit("/", 1)[-1]
        what = f"trusted {kind} {name}"
        if arn.split(":")[4] != account:
            detail = f"account {arn.split(':')[4]} is not ours to see"
            results.all.append(Requirement(what, Status.ERROR, detail, "exists", "look there"))
            continue
        with results.looking_up(what, "exists"):
            try:
                if kind == "role":
                    calls.ask("iam", "get_role", RoleName=name)
                else:
                    calls.ask("iam", "get_user", UserName=name)
                results.all.append(met(what, "there", "exists"))
            except Absent:
                results.all.append(
                    unmet(what, "absent", "exists", "make it, or correct rampart:trustedPrincipals")
                )


def look_up_images(calls: AwsCalls, settings: Settings, results: Results) -> None:
    """Each pinned digest is in its repository: a task of another would be tried until the circuit breaks."""
    for key, field in IMAGES.items():
        image = str(getattr(settings, field))
        if not image:
            continue
        repository, digest = image.partition("/")[2].split("@")
        with results.looking_up(key, digest):
            try:
                calls.ask(
                    "ecr",
                    "describe_images",
                    registryId=image.split(".")[0],
                    repositoryName=repository,
                    imageIds=[{"imageDigest": digest}],
                )
                results.all.append(met(key, "in the registry", digest))
            except Absent:
                mend = f"rampart images push, then rampart images pin (repository {repository})"
                results.all.append(unmet(key, "not in the registry", digest, mend))


def look_up_delegation(
    calls: AwsCalls, settings: Settings, results: Results, resolver: Address | None = None
) -> None:
    """The DNS names the zone's own name servers: without that no certificate is ever issued."""
    what = f"delegation of {settings.domain}"
    if settings.phase != COMPLETE:
        return
    with results.looking_up(what, "the zone's name servers"):
        servers = _zone_servers(calls, settings)
        found = name_servers(_zone_name(calls, settings), resolver)
        needed, shown = ", ".join(sorted(servers)), ", ".join(sorted(found)) or "none"
        if is_delegated(found, servers):
            results.all.append(met(what, shown, needed))
        else:
            results.all.append(unmet(what, shown, needed, "write NS (and DS) records at the parent zone"))


def _zone(calls: AwsCalls, settings: Settings) -> str:
    if settings.hosted_zone:
        return settings.hosted_zone
    zones = calls.ask("route53", "list_hosted_zones_by_name", DNSName=settings.domain)["HostedZones"]
    own = [zone for zone in zones if zone["Name"].rstrip(".") == settings.domain and not _private(zone)]
    if not own:
        raise CollectError(f"no hosted zone {settings.domain}", "deploy the foundation first")
    return str(own[0]["Id"])


def _private(zone: dict[str, dict[str, bool]]) -> bool:
    return bool(zone.get("Config", {}).get("PrivateZone"))


def _zone_name(calls: AwsCalls, settings: Settings) -> str:
    zone = calls.ask("route53", "get_hosted_zone", Id=_zone(calls, settings))["HostedZone"]
    return str(zone["Name"]).rstrip(".")


def _zone_servers(calls: AwsCalls, settings: Settings) -> Sequence[str]:
    zone = calls.ask("route53", "get_hosted_zone", Id=_zone(calls, settings))
    servers: Sequence[str] = zone["DelegationSet"]["NameServers"]
    return servers
