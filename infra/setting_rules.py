"""What each setting of a stack should be: the rule for each key, and for keys that depend on each other."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hardening import objectives
from infra.phases import COMPLETE, NEEDED, PHASES
from infra.sizes import SIZES

ENVIRONMENTS = ("production", "test")

# What CloudWatch Logs accepts, from one year up (PutRetentionPolicy).
RETENTIONS = (365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
# What WAF can inspect of a request body before API Gateway (AssociationConfig), in kilobytes.
BODY_LIMITS = (16, 32, 48, 64)


@dataclass(frozen=True, slots=True)
class Criterion:
    """What a value has to pass; `schema` says of it what JSON Schema can, which is never more."""

    holds: Callable[[Any], bool]
    schema: Mapping[str, Any]

    def __call__(self, value: Any) -> bool:
        return self.holds(value)


def _matches(pattern: str) -> Criterion:
    compiled = re.compile(pattern)

    def holds(value: Any) -> bool:
        return isinstance(value, str) and compiled.fullmatch(value) is not None

    return Criterion(holds, {"type": "string", "pattern": f"^(?:{pattern})$"})


def _many(one: Criterion, least: int) -> Criterion:
    def holds(value: Any) -> bool:
        return (
            isinstance(value, tuple)
            and len(value) >= least
            and all(one(item) for item in value)
            and len(set(value)) == len(value)
        )

    return Criterion(holds, {"type": "array", "items": one.schema, "minItems": least, "uniqueItems": True})


def _few(test: Criterion, most: int) -> Criterion:
    return Criterion(lambda value: test(value) and len(value) <= most, {**test.schema, "maxItems": most})


def _short(test: Criterion, most: int) -> Criterion:
    """With quotes and commas, as in a policy."""
    return Criterion(lambda value: test(value) and sum(len(item) + 3 for item in value) <= most, test.schema)


def _between(low: int, high: int) -> Criterion:
    schema = {"type": "integer", "minimum": low, "maximum": high}
    return Criterion(lambda value: type(value) is int and low <= value <= high, schema)


def _one_of(choices: tuple[Any, ...]) -> Criterion:
    return Criterion(lambda value: not isinstance(value, bool) and value in choices, {"enum": list(choices)})


def _private_network(value: Any) -> bool:
    try:
        network = ipaddress.IPv4Network(value)
    except (ValueError, TypeError):
        return False
    return isinstance(value, str) and network.is_private and 16 <= network.prefixlen <= 20


_REGION = r"[a-z]{2}(-[a-z]+)+-\d"
_DIGEST = r"[a-z0-9][a-z0-9._/:-]+@sha256:[0-9a-f]{64}"
_HOST = r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
# It goes into variables of a function, which have 4 kB together (Lambda Developer Guide, "Quotas").
_AUTHORITY = (
    r"(?=[\s\S]{1,2000}\Z)(-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n?)+"
)
_IMAGE = ("an image pinned by digest (name@sha256:...)", _matches(_DIGEST))

# What each setting should be, in words, and the test for it.
RULES: Mapping[str, tuple[str, Criterion]] = {
    "region": ("an AWS region such as eu-central-1 (key aws:region)", _matches(_REGION)),
    "environment": ("one of " + ", ".join(ENVIRONMENTS), _one_of(ENVIRONMENTS)),
    "domain": ("a host name in lower case, such as ocpi.example.com", _matches(_HOST)),
    "availability_zones": (
        "a list of at least two different zones of the region",
        _many(_matches(_REGION + "[a-z]"), 2),
    ),
    "size": ("one of " + ", ".join(SIZES), _one_of(tuple(SIZES))),
    "phase": ("one of " + ", ".join(PHASES), _one_of(PHASES)),
    "guard_image": _IMAGE,
    "policy_image": _IMAGE,
    "service_image": _IMAGE,
    "internal_authority": (
        "the certificate of the private authority of the egress guard, in PEM, at most 2000 characters",
        _matches(_AUTHORITY),
    ),
    "alarm_emails": (
        "a list of one to ten mail addresses",
        # A budget tells ten at most (AWS Budgets API, Notification). The first is written into a DNS record.
        _few(_many(_matches(r"[^@\s\"\\]+@[^@\s\"\\]+\.[^@\s\"\\]+"), 1), 10),
    ),
    "trusted_principals": (
        "a list of at least one ARN of an IAM role or user (not a whole account), without wildcards, "
        "at most 1600 characters together",
        # A role's trust policy has 2048 at most (IAM User Guide, "IAM and AWS STS quotas").
        _short(_many(_matches(r"arn:aws:iam::\d{12}:(role|user)/[\w+=,.@/-]+"), 1), 1600),
    ),
    "replica_region": ("another AWS region, for the second copy of the trail", _matches(_REGION)),
    "identity_provider_mfa": (
        "where administrators that come from a role prove their second factor, in at most 200 letters, "
        "digits, spaces and _.:/=+-@",
        _matches(r"[\w .:/=+@-]{10,200}"),
    ),
    "hosted_zone": ("the id of a Route 53 zone, such as Z0123456789ABCDEFGHIJ", _matches(r"Z[A-Z0-9]{5,31}")),
    "vpc_cidr": ("a private IPv4 network from /16 to /20", Criterion(_private_network, {"type": "string"})),
    "log_retention_days": ("one of " + ", ".join(map(str, RETENTIONS)), _one_of(RETENTIONS)),
    "object_lock_days": ("a whole number from 365 to 3650", _between(365, 3650)),
    "rotation_days": ("a whole number from 1 to 30", _between(1, 30)),
    "rotation_overlap_minutes": ("a whole number from 5 to 1440", _between(5, 1440)),
    "page_limit": ("a whole number from 1 to 1000", _between(1, 1000)),
    "max_body_kilobytes": ("one of " + ", ".join(map(str, BODY_LIMITS)), _one_of(BODY_LIMITS)),
    "guard_tasks": ("a whole number from 2 to 50", _between(2, 50)),
    "service_tasks": ("a whole number from 2 to 50", _between(2, 50)),
    "monthly_dollars": ("a whole number from 50 to 1000000", _between(50, 1_000_000)),
    "security_phone": ("a telephone number such as +31201234567", _matches(r"\+[1-9]\d{6,14}")),
    "detection_regions": ("a list of at least three AWS regions", _many(_matches(_REGION), 3)),
    "cdrs_per_hour_alarm": ("a whole number from 1 to 10000000", _between(1, 10_000_000)),
    "objectives": (
        objectives.EXPECTED,
        Criterion(lambda value: not list(objectives.faults(value)), objectives.json_schema()),
    ),
    "reserve_concurrency": (
        "true or false",
        Criterion(lambda value: isinstance(value, bool), {"type": "boolean"}),
    ),
}


def contradictions(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(key, what is expected) of faults that only two settings together have."""
    if values.get("phase", COMPLETE) == COMPLETE:
        for key, field in NEEDED.items():
            if field not in values:
                expected = RULES[field][0]
                yield key, f"missing; expected {expected}; only phase foundation goes without"
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
