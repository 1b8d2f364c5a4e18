"""The one YAML reader: plain data, line numbers, duplicate keys refused, and never a traceback."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.errors import ConfigError
from hardening.yaml_file import parse_yaml, read_yaml, yaml_text

_TEXT = "a:\n  - x\n  - b: 1\n    c.d: [2, 3]\nrampart:domain: ocpi.example\n"
# Control characters are no plain text: YAML folds some of them.
_words = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=8)
_plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.dates() | _words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=3),
    max_leaves=8,
)


def _fault(text: str) -> str:
    with pytest.raises(ConfigError) as error:
        parse_yaml(text, "some.yaml")
    assert "\n" not in error.value.message
    return error.value.message


@pytest.mark.parametrize(
    ("path", "line"),
    [("a", 1), ("a[0]", 2), ("a[1].b", 3), ("a[1].c.d", 4), ("a[1].c.d[1]", 4), ("rampart:domain", 5)],
)
def test_a_key_has_the_line_on_which_it_is_written(path: str, line: int) -> None:
    assert parse_yaml(_TEXT, "some.yaml").at(path) == f"some.yaml:{line}"


@pytest.mark.parametrize(("path", "line"), [("missing", 1), ("a[7]", 1), ("a[1].zz", 3), ("", 1)])
def test_a_key_that_is_missing_has_the_line_of_what_would_hold_it(path: str, line: int) -> None:
    assert parse_yaml(_TEXT, "some.yaml").line(path) == line


@pytest.mark.parametrize("text", ["a: 1\na: 2\n", "x:\n  - {a: 1}\n  - a: 1\n    a: 2\n", "? a\n: 1\n'a': 2"])
def test_a_key_that_appears_twice_is_refused_with_its_line(text: str) -> None:
    line = len(text.rstrip().splitlines())
    assert _fault(text).startswith(f"some.yaml:{line}: a: the key appears twice (first on line ")


def test_norway_is_text() -> None:
    assert parse_yaml("country_code: NO", "x").data == {"country_code": "NO"}


@pytest.mark.parametrize(
    "text",
    ["1: a", "true: a", "~: a", "a: !!set {b}", "a: !!binary aGk=", "a: !!omap [b: 1]", f"a: 0x{'f' * 6000}",
     "[", "\x00", "? [a]\n: b", "&a [*a]", "x: 2026-13-45", "!!python/object:os.x {}", "a\n--- b",
     "[" * 5000, "a: !!int x", "%YAML 9.9\n---\na", "<<: 3", "\t- x", "a: [*b]"],
)  # fmt: skip
def test_what_is_no_plain_yaml_is_one_line(text: str) -> None:
    assert _fault(text).startswith("some.yaml:")


def test_a_fault_has_the_words_of_the_parser_where_it_has_any() -> None:
    assert _fault("a: [*b]").endswith("expected valid YAML: found undefined alias ...")
    assert _fault("\x00").endswith("expected valid YAML")


@pytest.mark.parametrize("text", ["a: 010", "a: [1, -007]", "a: 0_1", "limits: {minute: 0600}"])
def test_a_number_that_other_readers_take_for_octal_is_refused(text: str) -> None:
    assert "without leading zeros, or text in quotes" in _fault(text)
    assert parse_yaml("a: '010'\nb: 0\nc: 0.5\nd: 0x10\ne: 0o10", "x").data["a"] == "010"


def test_a_file_is_read_no_further_than_its_bound() -> None:
    with pytest.raises(ConfigError, match="expected a file of 4 MiB at most"):
        read_yaml(Path("/dev/zero"))


def test_aliases_that_multiply_are_refused() -> None:
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 9))
    assert "smaller document" in _fault(f"l0: &l0 [x]\n{levels}")


@pytest.mark.parametrize("text", ["a: 'TheSecretToken\nb: ]", "a: *TheSecretToken", "a: !TheSecretToken x"])
def test_a_fault_never_quotes_the_file(text: str) -> None:
    assert "TheSecretToken" not in _fault(text)


def test_a_file_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="expected readable UTF-8 text"):
        read_yaml(tmp_path / "odd.yaml")
    with pytest.raises(ConfigError, match=r"missing\.yaml: no such file"):
        read_yaml(tmp_path / "missing.yaml")
    with pytest.raises(ConfigError, match="expected readable UTF-8 text"):
        read_yaml(tmp_path)


@given(text=st.text(alphabet=st.sampled_from(list("ab:-[]{}&*!'\"%#|>?,. \n\t0~<=\x85\ufeff"))))
def test_any_text_is_data_or_a_fault(text: str) -> None:
    with contextlib.suppress(ConfigError):
        parse_yaml(text, "some.yaml")


@given(data=_plain)
def test_any_plain_data_is_read_back(data: object) -> None:
    assert parse_yaml(yaml_text(data), "some.yaml").data == data
