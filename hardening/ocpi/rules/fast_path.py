"""The fast path over the rules, put together from what each rule says certainly holds.

Most messages keep every rule. Here they pass with one walk over their content (`facts`) and one short
predicate for each rule. A rule without a predicate is asked itself, so none is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hardening.ocpi.rules import rules_for
from hardening.ocpi.rules.facts import FACTS
from hardening.ocpi.rules.rule import ALWAYS, Holds, Rule


def fast_path(version: str, object_type: str) -> Callable[[Any], bool]:
    """Whether a decoded object certainly breaks no rule that needs no other object. False: ask the rules."""
    facts_of = FACTS.get((version, object_type))
    if facts_of is None:
        return _ask_the_rules
    rules = [one for one in rules_for(version, object_type) if not one.needs]
    # Several rules may have one predicate: it is called once.
    predicates = dict.fromkeys(_predicate(one, object_type) for one in rules)
    return _joined(facts_of, [one for one in predicates if one is not ALWAYS])


def _joined(facts_of: Callable[[Any], Any], predicates: list[Holds]) -> Callable[[Any], bool]:
    """One function of all predicates.

    It is written out because the interpreter calls a function by its name in half the time that a call of
    whatever a loop comes to takes.
    """
    names: dict[str, Any] = {f"holds_{index}": one for index, one in enumerate(predicates)}
    calls = " and ".join(f"{name}(value, facts)" for name in names)
    code = f"def keeps_every_rule(value):\n    facts = facts_of(value)\n    return {calls or True}\n"
    names["facts_of"] = facts_of
    exec(code, names)  # noqa: S102  (the text is the lines above and the names in them)
    made: Callable[[Any], bool] = names["keeps_every_rule"]
    return made


def _ask_the_rules(_: Any) -> bool:
    return False


def _predicate(one: Rule, object_type: str) -> Holds:
    return one.holds.get(object_type) or (lambda value, _: not one.find(value))
