"""The phases of a deployment: first the foundation, then everything. A phase never goes back.

`foundation` needs neither images nor a delegated domain: keys, network, zone, registries, trail, detection.
With both there, `complete` adds what serves partners, and changes nothing of the foundation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from hardening.egress.callers import certificate_secret, service_certificate_secret
from hardening.errors import ConfigError

if TYPE_CHECKING:
    from infra.settings import Settings

FOUNDATION, COMPLETE = "foundation", "complete"
PHASES = (FOUNDATION, COMPLETE)

# The images, which are pinned: key in the file -> field.
IMAGES: Mapping[str, str] = {
    "guardImage": "guard_image",
    "policyImage": "policy_image",
    "serviceImage": "service_image",
}
# All settings that phase complete needs and phase foundation goes without.
NEEDED: Mapping[str, str] = {**IMAGES, "internalAuthority": "internal_authority"}


def steps_left(settings: Settings) -> tuple[str, ...]:
    """What a person does before phase complete, in order; nothing is left in phase complete."""
    return tuple(_steps(settings)) if settings.phase == FOUNDATION else ()


def keys_left(settings: Settings) -> tuple[str, ...]:
    """The keys that phase complete needs and that are not written yet."""
    return tuple(key for key, field in NEEDED.items() if not getattr(settings, field))


def _steps(settings: Settings) -> Iterator[str]:
    left = keys_left(settings)
    if absent := [key for key in left if key in IMAGES]:
        yield f"build and push the images, and pin them: {', '.join(absent)} (rampart images)"
    yield (
        f"put the egress guard's certificate and key into {certificate_secret(settings.environment)}"
        + (", and its authority into internalAuthority" if "internalAuthority" in left else "")
    )
    service = service_certificate_secret(settings.environment)
    yield f"put the OCPI service's certificate and key into {service}"
    if not settings.hosted_zone:
        yield f"delegate {settings.domain} to the zone's name servers, with its DS record (stack outputs)"
    yield "then `rampart up` again, or set rampart:phase to complete"


def never_back(last: object, phase: str) -> str:
    """`phase`, where the stack last stood in phase `last` (None: never deployed). Raises ConfigError.

    A smaller program would delete what serves partners.
    """
    if last == COMPLETE and phase != COMPLETE:
        raise ConfigError(
            f"phase: expected {COMPLETE}, found {phase!r}: the stack was complete, and never goes back",
            "set rampart:phase to complete; `rampart destroy` is what takes a stack down",
        )
    return phase
