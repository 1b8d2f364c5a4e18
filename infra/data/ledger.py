"""The ledger: every session and CDR once, for reconciliation."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.component_context import ComponentContext
from infra.data.dynamodb import TableShape, table


@dataclass(frozen=True, slots=True)
class LedgerArgs:
    """`context` gives the table its key and name."""

    context: ComponentContext


class Ledger(pulumi.ComponentResource):
    """`cdrs` maps the owning party (`NL*EMX`) and the object's id to what was sent, until retention ends."""

    def __init__(self, name: str, args: LedgerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:data:Ledger", name, None, opts)
        shape = TableShape("cdrs", "party", "object", expires="expires", data_class="restricted")
        self.cdrs = table(args.context, shape, pulumi.ResourceOptions(parent=self))
        self.register_outputs({"cdrs": self.cdrs.name})
