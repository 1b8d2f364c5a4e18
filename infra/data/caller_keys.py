"""The keys with which our services sign their calls of the egress guard: a rotated secret for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from hardening.egress.callers import CHANGE_TOKENS, key_secret
from infra.data.service_key import Rotator, ServiceKey, service_key


@dataclass(frozen=True, slots=True)
class CallerKeysArgs:
    """`readers` maps a caller to the roles (ARNs) that read its key."""

    rotator: Rotator
    readers: Mapping[str, Sequence[pulumi.Input[str]]]


class CallerKeys(pulumi.ComponentResource):
    """A key of its own for each caller."""

    def __init__(self, name: str, args: CallerKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:data:CallerKeys", name, None, opts)
        label = args.rotator.context.environment.label
        for caller in CHANGE_TOKENS:
            key = ServiceKey(
                f"egress-{caller}",
                key_secret(label, caller),
                f"Key with which {caller} signs its calls of the egress guard",
                args.readers[caller],
                (("caller", caller),),
            )
            service_key(key, args.rotator, self)
        self.register_outputs({})
