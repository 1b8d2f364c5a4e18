"""The product code on the security path, by area, and the tests that stand nearest to it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from tests.mutation.mutations import Mutation, mutations

ROOT: Final = Path(__file__).resolve().parent.parent.parent
SEED: Final = "20261128"


@dataclass(frozen=True, slots=True)
class Area:
    """Modules as patterns from the project's root, tests as paths, and the share that is drawn."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    share: float

    def draws(self, name: str) -> bool:
        """Whether the mutation of this name is drawn, with a seed."""
        return int(hashlib.sha256((SEED + name).encode()).hexdigest()[:8], 16) < self.share * 2**32

    def paths(self) -> Iterator[str]:
        """The modules, in order, without those that only hold samples."""
        for pattern in self.modules:
            for path in sorted(ROOT.glob(pattern)):
                if "sample" not in path.name:
                    yield path.relative_to(ROOT).as_posix()


def _named(folder: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{folder}/test_{name}.py" for name in names)


def _runtime(*names: str) -> tuple[str, ...]:
    return _named("tests/infra/runtime", *names)


AREAS: Final[Mapping[str, Area]] = {
    "requests": Area(
        ("hardening/requests/*.py", "hardening/requests/checks/*.py", "hardening/checks.py"),
        ("tests/hardening/requests", "tests/mutation/cases.py"),
        0.14,
    ),
    "registry": Area(
        (
            *(
                f"hardening/registry/{name}.py"
                for name in ("callback_host", "networks", "partners", "reach", "reader", "secrets_in_files")
            ),
            "hardening/registry/rules/*.py",
            "hardening/yaml_file.py",
        ),
        (
            "tests/hardening/registry",
            "tests/hardening/test_yaml_file.py",
            "tests/hardening/requests",
            "tests/mutation/cases.py",
        ),
        0.14,
    ),
    "egress": Area(
        (
            "hardening/egress/*.py",
            "hardening/redact.py",
            "infra/runtime/egress/*.py",
            "infra/runtime/private_file.py",
        ),
        (
            "tests/hardening/egress",
            "tests/hardening/test_redact.py",
            *_runtime("caller_keys", "egress_certificates", "egress_settings", "egress"),
        ),
        0.14,
    ),
    "rules": Area(
        ("hardening/ocpi/rules/*.py",),
        (
            "tests/hardening/ocpi/test_rules.py",
            "tests/hardening/ocpi/test_corpus.py",
            "tests/hardening/ocpi/test_fast_path.py",
            "tests/mutation/cases.py",
        ),
        0.1,
    ),
    "messages": Area(
        tuple(
            f"hardening/ocpi/{name}.py"
            for name in (
                "body_checks",
                "bounds",
                "confusable_names",
                "fields",
                "i_json",
                "non_ascii",
                "problems",
                "schema",
                "time_zones",
                "validation",
            )
        ),
        (
            *_named(
                "tests/hardening/ocpi",
                *("corpus", "hostile_input", "problems", "properties", "quick_path"),
                *("rules", "schema", "shapes", "time_zones"),
            ),
            "tests/hardening/requests/test_body.py",
        ),
        0.1,
    ),
    "rotation": Area(
        ("hardening/rotation/*.py", "infra/runtime/credentials/*.py"),
        (
            "tests/hardening/rotation",
            *_runtime("credentials_service", "ocpi_peer", "rotation", "rotation_faults", "service_settings"),
        ),
        0.1,
    ),
    "functions": Area(
        ("infra/runtime/functions/*.py", "infra/runtime/published_registry.py"),
        _runtime(
            "authorizer",
            "egress",
            "ocpi_peer",
            "partner_calls",
            "published_registry",
            "registry_object",
            "rotation",
            "secrets_vault",
        ),
        0.14,
    ),
    "guard": Area(
        (
            "infra/runtime/policy_service/*.py",
            "infra/runtime/http_*.py",
            "infra/runtime/guard/settings.py",
            "infra/runtime/guard/registry.py",
            "infra/runtime/guard/credentials.py",
            "infra/runtime/task_certificate.py",
        ),
        (
            "tests/infra/test_onboarding_gate.py",
            "tests/infra/runtime/guard/test_log.py",
            "tests/infra/runtime/guard/test_settings.py",
            *_runtime(
                "embedded_metrics",
                "envoy_statistics",
                "http_service",
                "lanes",
                "policy_service",
                "rate_limits",
                "rate_slots",
                "service_settings",
                "stores",
                "strangers",
                "task_certificate",
                "token_cache",
                "worker",
            ),
        ),
        0.1,
    ),
}


@cache
def _modules(area: str) -> frozenset[str]:
    return frozenset(AREAS[area].paths())


def area_of(mutation: str) -> str:
    """The area to which a mutation belongs, by the module in its name."""
    module = mutation.partition(" ")[0]
    return next((name for name in AREAS if module in _modules(name)), "")


def drawn(area: Area) -> Iterator[Mutation]:
    """The mutations of an area that are judged. The draw of one does not depend on what else there is."""
    for module in area.paths():
        yield from mutations(ROOT, module, area.draws)
