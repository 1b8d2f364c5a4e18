"""The settings of a stack: `Pulumi.<stack>.yaml`, validated before anything is built.

Every key that weakens security when it is forgotten has a secure default, and a bound that it cannot
be set below. Keys are camelCase in the file, as Pulumi writes them: `rampart:logRetentionDays`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hardening.errors import ConfigError
from hardening.objectives import Terms
from hardening.yaml_file import parse_yaml, read_yaml
from infra.observability.regions import DEFAULT_REGIONS
from infra.phases import COMPLETE
from infra.setting_rules import RULES, contradictions
from infra.sizes import STANDARD

NAMESPACE = "rampart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One environment. Durations carry their unit in the name; images are pinned by digest.

    `phase` is `foundation` until the images are there and the domain is delegated (see `infra.phases`);
    `size` is `small` or `standard` (see `infra.sizes`).

    `internal_authority` (PEM) is the private authority that issued the egress guard's certificate.

    `hosted_zone` is the id of a Route 53 zone that serves `domain`; without one, a signed zone is
    created. `trusted_principals` are the ARNs that may take the administrator roles, with MFA;
    `identity_provider_mfa` says how those that are roles had to prove it.
    `replica_region` keeps a second copy of the trail. `reserve_concurrency` is off in accounts whose Lambda
    quota leaves nothing to reserve. `objectives` are terms that differ from `hardening.objectives`.
    """

    region: str
    environment: str
    domain: str
    availability_zones: tuple[str, ...]
    alarm_emails: tuple[str, ...]
    trusted_principals: tuple[str, ...]
    security_phone: str
    replica_region: str
    phase: str = COMPLETE
    size: str = STANDARD
    guard_image: str = ""
    policy_image: str = ""
    service_image: str = ""
    internal_authority: str = ""
    identity_provider_mfa: str = ""
    hosted_zone: str = ""
    vpc_cidr: str = "10.40.0.0/16"
    log_retention_days: int = 400
    object_lock_days: int = 400
    rotation_days: int = 30
    rotation_overlap_minutes: int = 60
    max_body_kilobytes: int = 64
    page_limit: int = 50
    guard_tasks: int = 2
    service_tasks: int = 2
    cdrs_per_hour_alarm: int = 5000
    reserve_concurrency: bool = True
    detection_regions: tuple[str, ...] = DEFAULT_REGIONS
    monthly_dollars: int = 600
    objectives: Terms = field(default_factory=dict)

    @classmethod
    def read(
        cls, mapping: Mapping[str, Any], source: str, lines: Mapping[str, int] = MappingProxyType({})
    ) -> Settings:
        """The settings in `mapping` (key as in the file, without `rampart:`, to value).

        Raises ConfigError with one line for each fault: `source: key: what is expected`, or
        `source:line: key: ...` for a key in `lines`.
        """
        known = {_key(one.name): one for one in fields(cls)}

        def fault(key: str, what: str) -> str:
            return f"{source}:{lines[key]}: {key}: {what}" if key in lines else f"{source}: {key}: {what}"

        problems = [fault(key, "unknown key") for key in mapping if key not in known]
        values: dict[str, Any] = {}
        for key, of in known.items():
            if key in mapping:
                value = tuple(v) if isinstance(v := mapping[key], list) else v
                problem = _problem(of, value)
                if problem:
                    problems.append(fault(key, problem))
                values[of.name] = value
            elif of.default is MISSING and of.default_factory is MISSING:
                problems.append(fault(key, f"missing; expected {RULES[of.name][0]}"))
        if not problems:
            problems = [fault(key, what) for key, what in contradictions(values)]
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
        others = sorted(other.name for other in folder.glob("Pulumi.*.yaml"))
        hint = f"copy {others[0]} and change it" if others else "`rampart init` writes a project"
        raise ConfigError(f"{file.name}: no such file", hint)
    document = read_yaml(file, file.name)
    config = document.data.get("config") if isinstance(document.data, dict) else None
    if not isinstance(config, dict):
        raise ConfigError(
            f"{file.name}:{document.line('config')}: config: expected a mapping of settings",
            "docs/deploy.md lists every key, its default and its bounds",
        )
    lines = {key.removeprefix(f"{NAMESPACE}:"): document.line(f"config.{key}") for key in map(str, config)}
    return Settings.read(
        _own_keys(config), file.name, {"region": document.line("config.aws:region"), **lines}
    )


def json_schema() -> dict[str, Any]:
    """`Pulumi.<stack>.yaml` as JSON Schema (2020-12), for editors; other namespaces are others' matter.

    It says what JSON Schema can. What two settings say together, and the width of a network, are told by
    `rampart preview` alone.
    """
    properties, required = {}, []
    for of in fields(Settings):
        key = "aws:region" if of.name == "region" else f"{NAMESPACE}:{_key(of.name)}"
        expected, test = RULES[of.name]
        properties[key] = {"description": f"expected {expected}", **test.schema}
        if of.default is MISSING and of.default_factory is MISSING:
            required.append(key)
    config = {
        "type": "object",
        "properties": properties,
        "patternProperties": {f"^(?!{NAMESPACE}:)": {}},
        "additionalProperties": False,
        "required": required,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The settings of a stack",
        "type": "object",
        "properties": {"config": config},
        "required": ["config"],
    }


def from_pulumi(configuration: Mapping[str, str], source: str) -> Settings:
    """The settings in a Pulumi program's configuration: `namespace:key` to a string. Raises ConfigError."""
    texts = {_key(one.name) for one in fields(Settings) if one.type == "str"}
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


def _problem(of: Field[Any], value: Any) -> str:
    expected, holds = RULES[of.name]
    found = repr(list(value) if isinstance(value, tuple) else value)
    shown = found if len(found) <= 60 else found[:57] + "..."
    return "" if holds(value) else f"expected {expected}, found {shown}"
