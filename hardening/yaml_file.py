"""The one YAML reader: partner files, settings, waivers and endpoint lists.

YAML 1.2, plain data only (mappings with text keys, lists, text, numbers, dates, true and false). What other
readers take otherwise is refused: a key that appears twice (they keep the last one) and `010` (8 to YAML
1.1 and to Pulumi's engine). Faults name file and line, and never quote a value, which may be a secret.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from hardening.errors import ConfigError

_MOST_BITS = 1024
_MOST_BYTES = 4 * 1024 * 1024
# Aliases can make a small file a huge or an endless document; no file of ours comes near these bounds.
_MOST_NODES = 200_000
_DEEPEST = 60
_YAML = "tag:yaml.org,2002:"
_WORD, _MERGE = f"{_YAML}str", f"{_YAML}merge"
_PLAIN_TAGS = frozenset(
    f"{_YAML}{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq")
)
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")
_QUOTED = re.compile(r"'.*'|\".*\"", re.DOTALL)
_HINT = "indent with spaces, quote the odd value"
# What the parser raises on text that is no YAML, beside its own error.
_BROKEN = (YAMLError, ValueError, TypeError, AttributeError, LookupError, AssertionError, RecursionError)


@dataclass(frozen=True, slots=True)
class YamlFile:
    """One YAML document: its plain `data`, and on which line of `source` each key is written."""

    source: str
    data: Any
    _root: Node | None = field(default=None, repr=False, compare=False)

    def line(self, path: str) -> int:
        """The line, from 1, of `path` (`networks[0]`, `parties[1].role`), or of what holds it."""
        node, rest, line = self._root, path, 1
        while node is not None:
            line = node.start_mark.line + 1 if node is self._root else line
            step = next(_steps(node, rest), None)
            if step is None:
                break
            node, rest, line = step
        return line

    def at(self, path: str) -> str:
        """Where `path` is written, as `file:line`."""
        return f"{self.source}:{self.line(path)}"


def read_yaml(file: Path, source: str = "") -> YamlFile:
    """The document in `file`, which faults name as `source` (its path by default).

    Raises ConfigError: one line with the file, the line, and what is wrong.
    """
    source = source or str(file)
    try:
        with file.open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
        text = content.decode("utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{source}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{source}: expected readable UTF-8 text ({type(error).__name__})") from None
    if len(content) > _MOST_BYTES:
        raise ConfigError(f"{source}: expected a file of {_MOST_BYTES // 1024**2} MiB at most")
    return parse_yaml(text, source)


def parse_yaml(text: str, source: str) -> YamlFile:
    """The document in `text`; `source` is what faults name. Raises ConfigError. No text is None."""
    yaml = YAML(typ="safe", pure=True)
    try:
        constructor, _ = yaml.get_constructor_parser(text)
        yaml.composer.warn_double_anchors = False
        root = yaml.composer.get_single_node()
        for line, fault in _faults(root, constructor.construct_object):
            raise ConfigError(f"{source}:{line}: {fault}", _HINT)
        data = None if root is None else constructor.construct_document(root)
    except _BROKEN as error:
        raise ConfigError(f"{source}{_line(error)}: expected valid YAML{_reason(error)}", _HINT) from None
    return YamlFile(source, data, root)


def yaml_text(data: Any) -> str:
    """Plain data as YAML that `parse_yaml` reads back."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    stream = io.StringIO()
    yaml.dump(data, stream)
    return stream.getvalue()


def _faults(root: Node | None, construct: Callable[[Node], Any]) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) of what YAML allows and no file of ours may have."""
    waiting = [] if root is None else [(root, 0)]
    seen = 0
    while waiting:
        node, depth = waiting.pop()
        seen += 1
        if depth > _DEEPEST or seen > _MOST_NODES:
            yield node.start_mark.line + 1, "expected a smaller document, without aliases that repeat it"
            return
        if str(node.tag).startswith(_YAML) and str(node.tag) not in _PLAIN_TAGS:
            yield node.start_mark.line + 1, "expected valid YAML of plain data, without this tag"
        elif isinstance(node, MappingNode):
            yield from _key_faults(node)
            waiting += [(value, depth + 1) for _, value in node.value]
        elif isinstance(node, SequenceNode):
            waiting += [(item, depth + 1) for item in node.value]
        elif isinstance(node, ScalarNode) and not node.style and _LEADING_ZERO.fullmatch(node.value):
            yield node.start_mark.line + 1, "expected a number without leading zeros, or text in quotes"
        elif not _is_value(node, construct):
            yield node.start_mark.line + 1, "expected valid YAML: a value is not what it looks like"


def _is_value(node: Node, construct: Callable[[Node], Any]) -> bool:
    """Whether a scalar is what its form says: `2026-13-45` looks like a date, and is none."""
    try:
        value = construct(node)
    except MarkedYAMLError:
        raise
    except _BROKEN:
        return False
    # A longer number could not even be printed in a fault (sys.set_int_max_str_digits).
    return not isinstance(value, int) or value.bit_length() <= _MOST_BITS


def _key_faults(node: MappingNode) -> Iterator[tuple[int, str]]:
    first: dict[str, int] = {}
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, ScalarNode) or str(key.tag) not in (_WORD, _MERGE):
            yield line, "expected valid YAML whose keys are text"
        elif key.value in first:
            yield line, f"{_printable(key.value)}: the key appears twice (first on line {first[key.value]})"
        else:
            first[key.value] = line


def _steps(node: Node, path: str) -> Iterator[tuple[Node, str, int]]:
    """The node that the first step of `path` leads to, the rest of the path, and the step's line."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            rest = path[len(key.value) :]
            if path.startswith(key.value) and (not rest or rest[0] in ".["):
                yield value, rest.removeprefix("."), key.start_mark.line + 1
    elif isinstance(node, SequenceNode):
        found = re.match(r"\[(\d+)\]\.?", path)
        if found and int(found[1]) < len(node.value):
            item = node.value[int(found[1])]
            yield item, path[found.end() :], item.start_mark.line + 1


def _line(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return "" if mark is None else f":{mark.line + 1}"


def _reason(error: Exception) -> str:
    """The parser's words, without what it quotes out of the file."""
    problem = error.problem if isinstance(error, MarkedYAMLError) else None
    return f": {_QUOTED.sub('...', str(problem))}" if problem else ""


def _printable(key: str) -> str:
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in key)[:80]
