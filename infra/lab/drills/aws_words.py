"""A command line of `aws` as the call that it stands for, by AWS's own models of its services.

AWS CLI User Guide, "Command structure": an operation's and a member's name with hyphens; a list is several
words; a flag is a boolean; a structure is written `Key=value,Key=value`. No command of the CLI's own making
(`aws s3 cp`, `aws logs tail`) is known here.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, Shape

from hardening.errors import ConfigError

# Options of every command (AWS CLI User Guide, "Command line options"), each with a value.
_LEAST = 3  # words
_GLOBAL = ("--region", "--profile", "--output", "--query")


@dataclass(frozen=True, slots=True)
class AwsCall:
    """One call: `operation` as botocore's clients name it, `words` each member's values as written."""

    service: str
    operation: str
    words: Mapping[str, tuple[str, ...]]
    region: str
    model: OperationModel

    @property
    def action(self) -> str:
        """The right that it needs, by the names that AWS gives most of them."""
        return f"{self.service}:{self.model.name}"

    def parameters(self) -> dict[str, Any]:
        """What botocore takes. Raises ConfigError for a value of another type."""
        members = self.model.input_shape.members if self.model.input_shape else {}
        return {name: _value(members[name], words) for name, words in self.words.items()}


def parse(line: str) -> AwsCall:
    """The call in a line. Raises ConfigError for what AWS does not have, or what it lacks."""
    every = shlex.split(line)
    if len(every) < _LEAST or every[0] != "aws":
        raise ConfigError(f"{line}: expected aws, a service and a command")
    _, service, verb, *rest = every
    model = _operation(service, verb)
    named = {f"--{xform_name(name, '-')}": name for name in _members(model)}
    words: dict[str, tuple[str, ...]] = {}
    region = ""
    for option, values in _options(rest):
        if option in _GLOBAL:
            region = values[0] if option == "--region" and values else region
        elif option in named:
            words[named[option]] = values
        else:
            raise ConfigError(f"aws {service} {verb}: no option {option}", ", ".join(sorted(named)))
    missing = sorted(set(model.input_shape.required_members if model.input_shape else ()) - words.keys())
    if missing:
        raise ConfigError(f"aws {service} {verb}: lacks {', '.join(missing)}")
    return AwsCall(service, xform_name(model.name), words, region, model)


@cache
def _operations(service: str) -> Mapping[str, OperationModel]:
    try:
        model = botocore.session.get_session().get_service_model(service)
    except UnknownServiceError:
        raise ConfigError(f"aws {service}: no such service") from None
    return {xform_name(name, "-"): model.operation_model(name) for name in model.operation_names}


def _operation(service: str, verb: str) -> OperationModel:
    found = _operations(service).get(verb)
    if found is None:
        raise ConfigError(f"aws {service} {verb}: no such command")
    return found


def _members(model: OperationModel) -> Mapping[str, Shape]:
    members: Mapping[str, Shape] = model.input_shape.members if model.input_shape else {}
    return members


def _options(words: list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each option with the words up to the next one. Raises ConfigError for a word of no option."""
    if words and not words[0].startswith("--"):
        raise ConfigError(f"{words[0]}: expected an option")
    begins = [index for index, word in enumerate(words) if word.startswith("--")]
    for begin, end in pairwise([*begins, len(words)]):
        yield words[begin], tuple(words[begin + 1 : end])


def _value(shape: Shape, words: tuple[str, ...]) -> Any:
    if shape.type_name == "boolean":
        return True
    if shape.type_name == "list":
        return [_value(shape.member, (word,)) for word in words]
    [word] = words
    if shape.type_name in ("integer", "long"):
        if not word.isdecimal():
            raise ConfigError(f"{word}: expected a number")
        return int(word)
    if shape.type_name in ("structure", "map"):
        return dict(part.partition("=")[::2] for part in word.split(","))
    return word
