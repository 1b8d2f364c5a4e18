"""The token store: digests of credentials tokens, and fingerprints of calls already seen."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.component_context import ComponentContext
from infra.data.dynamodb import TableShape, table
from infra.identity.iam_policies import Statement, allow

# What the use of a token and its revocation change in a record, and the key that names the record.
_STATE = ("digest", "expires", "state", "used")


@dataclass(frozen=True, slots=True)
class TokenStoreArgs:
    """`context` gives the tables their key and names."""

    context: ComponentContext


class TokenStore(pulumi.ComponentResource):
    """`tokens` maps the SHA-256 of a token to its partner, kind, state, expiry and last use: no token.

    `replay` holds fingerprints of requests until they expire.
    """

    def __init__(self, name: str, args: TokenStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:data:TokenStore", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        tokens = TableShape("tokens", "digest", by="partner", expires="expires", data_class="restricted")
        self.tokens = table(args.context, tokens, child)
        self.replay = table(args.context, TableShape("replay", "fingerprint", expires="expires"), child)
        self.register_outputs({"tokens": self.tokens.name, "replay": self.replay.name})


def token_state_only(name: str, table: pulumi.Input[str]) -> Statement:
    """The statement `name`: who has this right on the token table can end or retire a token.

    It can make no token, and not give one to another partner (DynamoDB Developer Guide, "Using IAM policy
    conditions for fine-grained access control": `dynamodb:Attributes`).
    """
    limits = {
        "ForAllValues:StringEquals": {"dynamodb:Attributes": list(_STATE)},
        # Without any attribute the first condition would hold.
        "Null": {"dynamodb:Attributes": "false"},
    }
    return allow(name, ["dynamodb:UpdateItem"], [table], None, limits)
