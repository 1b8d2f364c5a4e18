"""Explains checkov's AWS rules: names are checkov's own, the example comes from what a rule compares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from hardening.controls import Severity
from scanners.explain.explanation import Explanation
from scanners.explain.pulumi_python import declaration
from scanners.policy.checkov.job import Rule
from scanners.policy.checkov.severity import severity_of
from scanners.policy.plan_tables import aws_tables
from scanners.policy.stack import UNKNOWN

CONTROL: Final = "aws-baseline"
ADDRESS: Final = "https://www.checkov.io/5.Policy%20Index/terraform.html"
_WHY: Final = {
    Severity.CRITICAL: "open to the world, or full power to whoever gets in",
    Severity.HIGH: "data or credentials unprotected, or traces lost",
    Severity.MEDIUM: "a line of defence is missing",
    Severity.LOW: "hygiene, resilience or cost",
}
# checkov's word for "whatever it is, if it is there".
_ANY: Final = "__ANY__"
# Rules about every type name each of them.
_FEW: Final = 4


def explain_rule(rule: Rule) -> Explanation:
    """One rule of checkov."""
    severity = severity_of(rule.id)
    judged = [kind for kind in rule.types if kind in _tokens()]
    return Explanation(
        id=rule.id,
        title=rule.name,
        what=f"{rule.name}. Judged: {', '.join(judged[:_FEW])}{', ...' if len(judged) > _FEW else ''}",
        why=_WHY[severity],
        mend=_mended(rule),
        example=_example(rule, judged),
        citation=f"checkov, rule {rule.id}{f' ({rule.check})' if rule.check else ''}",
        address=ADDRESS,
        severity=severity,
        control=CONTROL,
    )


def named(name: str, rules: Iterable[Rule]) -> Explanation | None:
    """The rule with that id or name of a check (`S3BucketLogging`), in any case."""
    wanted = name.casefold()
    return next((explain_rule(r) for r in rules if wanted in (r.id.casefold(), r.check.casefold())), None)


def _mended(rule: Rule) -> str:
    where = ".".join(part for part in rule.attribute.split("/") if not part.startswith("["))
    if rule.forbidden:
        return f"`{where}` is none of {', '.join(map(str, rule.forbidden))}"
    if rule.expected == [_ANY]:
        return f"`{where}` is there"
    if rule.expected:
        return f"`{where}` is {' or '.join(str(value) for value in rule.expected)}"
    if len(rule.types) > 1:
        return "declare what the rule's name asks for, on the resource or on one that is connected to it"
    return "declare what the rule's name asks for"


def _tokens() -> Mapping[str, str]:
    """Terraform type -> Pulumi token; of several tokens the shortest, which is the current one."""
    found: dict[str, str] = {}
    for token, (terraform, _) in aws_tables().types.items():
        if terraform not in found or len(token) < len(found[terraform]):
            found[terraform] = token
    return found


def _example(rule: Rule, judged: list[str]) -> str:
    tokens = _tokens()
    path = [part for part in rule.attribute.split("/") if part and not part.startswith("[")]
    return "\n".join(
        declaration(tokens[kind], "example", _nested(tokens[kind], path, _good_value(rule)))
        for kind in judged[:_FEW]
    )


def _good_value(rule: Rule) -> Any:
    """A value with which the rule passes, `UNKNOWN` where it is the reader's to choose."""
    if rule.expected and rule.expected[0] != _ANY:
        return rule.expected[0]
    flags = [value for value in rule.forbidden if isinstance(value, bool)]
    return not flags[0] if len(flags) == 1 else UNKNOWN


def _nested(token: str, path: list[str], value: Any) -> dict[str, Any]:
    """The value at a path of Terraform attributes, as Pulumi's properties; nothing for an empty path."""
    tables = aws_tables()
    shape = tables.types[token][1]
    steps = []
    for attribute in path:
        name = tables.pulumi_names(shape).get(attribute, attribute) if shape >= 0 else attribute
        known = tables.property(shape, name)
        steps.append((name, known.kind if known else ""))
        shape = known.shape if known else -1
    for name, kind in reversed(steps):
        value = {name: [value] if kind in ("list", "relist") and not isinstance(value, list) else value}
    return dict(value) if steps else {}
