"""Finds the explanation of any id: a control, a check of ours, a rule of checkov or the name of its check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from difflib import get_close_matches

from hardening.errors import CollectError, ConfigError
from scanners.explain import checkov, checks
from scanners.explain.explanation import Explanation
from scanners.policy.checkov.process import checkov_rules


def explain(name: str) -> Explanation:
    """What `name` asks for. Raises ConfigError, with the nearest names, where there is no such thing.

    checkov is asked (which takes seconds) only for what is not ours. Raises CollectError when it is missing.
    """
    # SARIF and reports write a rule of checkov beside its control: `aws-baseline/CKV_AWS_20`.
    wanted = name.rpartition("/")[2]
    if found := checks.named(wanted):
        return found
    rules = checkov_rules()
    if rule := checkov.named(wanted, rules):
        return rule
    known = {
        one.casefold(): one for one in (*checks.names(), *(r.id for r in rules), *(r.check for r in rules))
    }
    near = [known[one] for one in get_close_matches(wanted.casefold(), known, n=3)]
    hint = f"did you mean {', '.join(near)}?" if near else "`rampart controls` lists every control"
    raise ConfigError(f"{name}: no such control, check or rule of checkov", hint)


def explanations(names: Iterable[str]) -> Mapping[str, Explanation]:
    """The explanation of each name. One that nobody can explain now (checkov is missing) is left out."""
    found = {}
    for name in names:
        with suppress(ConfigError, CollectError):
            found[name] = explain(name)
    return found
