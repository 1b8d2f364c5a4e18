"""AWS Systems Manager: the parameter store."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, Row, table

ADAPTERS: dict[str, Adapter] = table(
    [
        Row(
            type="aws:ssm/parameter:Parameter",
            service="ssm",
            operation="PutParameter",
            named="name",
            id="=name",
            outputs={"arn": "arn:aws:ssm:{region}:{account}:parameter{name}", "version": "Version"},
        ),
    ]
)
