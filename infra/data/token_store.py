"""The token store: digests of credentials tokens, and fingerprints of calls already seen."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.component_context import ComponentContext
from infra.data.dynamodb import TableShape, table


@dataclass(frozen=True, slots=True)
class TokenStoreArgs:
    """`context` gives the tables their key and names."""

    context: ComponentContext


class TokenStore(pulumi.ComponentResource):
    """`tokens` maps the SHA-256 of a token to its partner, kind, state and expiry; it holds no token.

    `replay` holds fingerprints of requests until they expire.
    """

    def __init__(self, name: str, args: TokenStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:data:TokenStore", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        tokens = TableShape("tokens", "digest", by="partner", expires="expires", data_class="restricted")
        self.tokens = table(args.context, tokens, child)
        self.replay = table(args.context, TableShape("replay", "fingerprint", expires="expires"), child)
        self.register_outputs({"tokens": self.tokens.name, "replay": self.replay.name})
