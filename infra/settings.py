"""The settings of a stack: `Pulumi.<stack>.yaml`, validated before anything is built.

Every key that weakens security when it is forgotten has a secure default, and a bound that it cannot
be set below. Keys are camelCase in the file, as Pulumi writes them: `rampart:logRetentionDays`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hardening.errors import ConfigError
from hardening.yaml_file import parse_yaml, read_yaml
from infra.observability.regions import DEFAULT_REGIONS

NAMESPACE = "rampart"
ENVIRONMENTS = ("production", "test")

# What CloudWatch Logs accepts, from one year up (PutRetentionPolicy).
RETENTIONS = (365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
# What WAF can inspect of a request body before API Gateway (AssociationConfig), in kilobytes.
BODY_LIMITS = (16, 32, 48, 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One environment. Durations carry their unit in the name; images are pinned by digest.

    `hosted_zone` is the id of a Route 53 zone that serves `domain`; without one, a signed zone is
    created. `trusted_principals` are the ARNs that may take the administrator roles, with MFA;
    `identity_provider_mfa` says how those that are roles had to prove it.
    `replica_region` keeps a second copy of the trail. `reserve_concurrency` is off in accounts whose Lambda
    quota leaves nothing to reserve.
    """

    region: str
    environment: str
    domain: str
    availability_zones: tuple[str, ...]
    guard_image: str
    policy_image: str
    service_image: str
    alarm_emails: tuple[str, ...]
    trusted_principals: tuple[str, ...]
    security_phone: str
    replica_region: str
    identity_provider_mfa: str = ""
    hosted_zone: str = ""
    vpc_cidr: str = "10.40.0.0/16"
    log_retention_days: int = 400
    object_lock_days: int = 400
    rotation_days: int = 30
    rotation_overlap_minutes: int = 60
    max_body_kilobytes: int = 64
    guard_tasks: int = 2
    service_tasks: int = 2
    cdrs_per_hour_alarm: int = 5000
    reserve_concurrency: bool = True
    detection_regions: tuple[str, ...] = DEFAULT_REGIONS
    monthly_dollars: int = 600

    @classmethod
    def read(
        cls, mapping: Mapping[str, Any], source: str, lines: Mapping[str, int] = MappingProxyType({})
    ) -> Settings:
        """The settings in `mapping` (key as in the file, without `rampart:`, to value).

        Raises ConfigError with one line for each fault: `source: key: what is expected`, or
        `source:line: key: ...` for a key in `lines`.
        """
        known = {_key(field.name): field for field in fields(cls)}

        def fault(key: str, what: str) -> str:
            return f"{source}:{lines[key]}: {key}: {what}" if key in lines else f"{source}: {key}: {what}"

        problems = [fault(key, "unknown key") for key in mapping if key not in known]
        values: dict[str, Any] = {}
        for key, field in known.items():
            if key in mapping:
                value = tuple(v) if isinstance(v := mapping[key], list) else v
                problem = _problem(field, value)
                if problem:
                    problems.append(fault(key, problem))
                values[field.name] = value
            elif field.default is MISSING:
                problems.append(fault(key, f"missing; expected {_RULES[field.name][0]}"))
        if not problems:
            problems = [fault(key, what) for key, what in _contradictions(values)]
        if problems:
            raise ConfigError(
                f"{source}: {len(problems)} fault(s) in the settings",
                "docs/deploy.md lists every key, its default and its bounds",
                tuple(problems),
            )
        return cls(**values)


def load(stack: str, folder: Path) -> Settings:
    """The settings of `folder/Pulumi.<stack>.yaml`. Raises ConfigError."""
    file = folder / f"Pulumi.{stack}.yaml"
    if not file.is_file():
        raise ConfigError(f"{file.name}: no such file", "copy Pulumi.test.yaml and change it")
    document = read_yaml(file, file.name)
    config = document.data.get("config") if isinstance(document.data, dict) else None
    if not isinstance(config, dict):
        raise ConfigError(
            f"{file.name}:{document.line('config')}: config: expected a mapping of settings",
            "see Pulumi.test.yaml",
        )
    lines = {key.removeprefix(f"{NAMESPACE}:"): document.line(f"config.{key}") for key in map(str, config)}
    return Settings.read(
        _own_keys(config), file.name, {"region": document.line("config.aws:region"), **lines}
    )


def from_pulumi(configuration: Mapping[str, str], source: str) -> Settings:
    """The settings in a Pulumi program's configuration: `namespace:key` to a string. Raises ConfigError."""
    texts = {_key(field.name) for field in fields(Settings) if field.type == "str"}
    own = _own_keys(configuration)
    return Settings.read(
        {k: v if k in texts else parse_yaml(v, f"{source}: {k}").data for k, v in own.items()}, source
    )


def _own_keys(config: Mapping[str, Any]) -> dict[str, Any]:
    """The keys in our namespace; `aws:region` is the provider's and ours, so they cannot differ."""
    prefix = f"{NAMESPACE}:"
    own = {key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)}
    if "aws:region" in config:
        own.setdefault("region", config["aws:region"])
    return own


def _key(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _matches(pattern: str) -> Callable[[Any], bool]:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _many(one: Callable[[Any], bool], least: int) -> Callable[[Any], bool]:
    def judge(value: Any) -> bool:
        return (
            isinstance(value, tuple)
            and len(value) >= least
            and all(one(item) for item in value)
            and len(set(value)) == len(value)
        )

    return judge


def _between(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and low <= value <= high


def _one_of(choices: tuple[Any, ...]) -> Callable[[Any], bool]:
    return lambda value: not isinstance(value, bool) and value in choices


def _private_network(value: Any) -> bool:
    try:
        network = ipaddress.IPv4Network(value)
    except (ValueError, TypeError):
        return False
    return isinstance(value, str) and network.is_private and 16 <= network.prefixlen <= 20


def _is_switch(value: Any) -> bool:
    return isinstance(value, bool)


_REGION = r"[a-z]{2}(-[a-z]+)+-\d"
_DIGEST = r"[a-z0-9][a-z0-9._/:-]+@sha256:[0-9a-f]{64}"
_HOST = r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
_IMAGE = ("an image pinned by digest (name@sha256:...)", _matches(_DIGEST))

# What each setting should be, in words, and the test for it.
_RULES: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "region": ("an AWS region such as eu-central-1 (key aws:region)", _matches(_REGION)),
    "environment": ("one of " + ", ".join(ENVIRONMENTS), _one_of(ENVIRONMENTS)),
    "domain": ("a host name in lower case, such as ocpi.example.com", _matches(_HOST)),
    "availability_zones": (
        "a list of at least two different zones of the region",
        _many(_matches(_REGION + "[a-z]"), 2),
    ),
    "guard_image": _IMAGE,
    "policy_image": _IMAGE,
    "service_image": _IMAGE,
    "alarm_emails": ("a list of at least one mail address", _many(_matches(r"[^@\s]+@[^@\s]+\.[^@\s]+"), 1)),
    "trusted_principals": (
        "a list of at least one ARN of an IAM role or user (not a whole account), without wildcards",
        _many(_matches(r"arn:aws:iam::\d{12}:(role|user)/[\w+=,.@/-]+"), 1),
    ),
    "replica_region": ("another AWS region, for the second copy of the trail", _matches(_REGION)),
    "identity_provider_mfa": (
        "where administrators that come from a role prove their second factor, in at most 200 letters, "
        "digits, spaces and _.:/=+-@",
        _matches(r"[\w .:/=+@-]{10,200}"),
    ),
    "hosted_zone": ("the id of a Route 53 zone, such as Z0123456789ABCDEFGHIJ", _matches(r"Z[A-Z0-9]{5,31}")),
    "vpc_cidr": ("a private IPv4 network from /16 to /20", _private_network),
    "log_retention_days": ("one of " + ", ".join(map(str, RETENTIONS)), _one_of(RETENTIONS)),
    "object_lock_days": ("a whole number from 365 to 3650", _between(365, 3650)),
    "rotation_days": ("a whole number from 1 to 30", _between(1, 30)),
    "rotation_overlap_minutes": ("a whole number from 5 to 1440", _between(5, 1440)),
    "max_body_kilobytes": ("one of " + ", ".join(map(str, BODY_LIMITS)), _one_of(BODY_LIMITS)),
    "guard_tasks": ("a whole number from 2 to 50", _between(2, 50)),
    "service_tasks": ("a whole number from 2 to 50", _between(2, 50)),
    "monthly_dollars": ("a whole number from 50 to 1000000", _between(50, 1_000_000)),
    "security_phone": ("a telephone number such as +31201234567", _matches(r"\+[1-9]\d{6,14}")),
    "detection_regions": ("a list of at least three AWS regions", _many(_matches(_REGION), 3)),
    "cdrs_per_hour_alarm": ("a whole number from 1 to 10000000", _between(1, 10_000_000)),
    "reserve_concurrency": ("true or false", _is_switch),
}


def _problem(field: Field[Any], value: Any) -> str:
    expected, holds = _RULES[field.name]
    found = repr(list(value) if isinstance(value, tuple) else value)
    shown = found if len(found) <= 60 else found[:57] + "..."
    return "" if holds(value) else f"expected {expected}, found {shown}"


def _contradictions(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(key, what is expected) of faults that only two settings together have."""
    region = values["region"]
    for zone in values["availability_zones"]:
        if zone[:-1] != region:
            yield "availabilityZones", f"expected zones of {region}, found {zone!r}"
    if len(values["availability_zones"]) > 4:
        yield "availabilityZones", "expected at most four zones"
    roles = [arn for arn in values["trusted_principals"] if ":role/" in arn]
    if roles and not values.get("identity_provider_mfa"):
        yield (
            "identityProviderMfa",
            f"missing: {roles[0]} brings no second factor with it; expected where it is proved, such as "
            "'IAM Identity Center: MFA at every sign-in'",
        )
    if values["replica_region"] == region:
        yield "replicaRegion", f"expected a region other than {region}"
