"""The published registry of services that no reload restarts: what is moved into its place is served."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hardening.errors import ConfigError
from hardening.requests.samples import CPO, EMSP, PARTNERS
from infra.runtime.functions.partners_file import dump
from infra.runtime.guard.registry import replace_file
from infra.runtime.policy_service.settings import published_partners
from infra.runtime.published_registry import PublishedRegistry, partners_from


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "partners.json"
    found.write_text(dump(PARTNERS), encoding="utf-8")
    return found


def test_partners_are_served_by_name(file: Path) -> None:
    registry = PublishedRegistry(file, "test")
    assert dict(registry) == {one.name: one for one in PARTNERS}
    assert (len(registry), registry[EMSP.name]) == (len(PARTNERS), EMSP)
    with pytest.raises(KeyError):
        registry["somebody"]


def test_a_registry_that_takes_its_place_is_served_within_half_a_second(file: Path) -> None:
    seconds = [100.0]
    registry = PublishedRegistry(file, "test", clock=lambda: seconds[0])
    replace_file(file, dump((CPO,)))
    seconds[0] = 100.4
    assert len(registry) == len(PARTNERS), "it is not looked for at each call"
    seconds[0] = 100.5
    assert list(registry) == [CPO.name]
    replace_file(file, dump((EMSP,)))
    assert list(registry) == [CPO.name]
    seconds[0] = 101.0
    assert list(registry) == [EMSP.name]


def _with_modules(modules: object) -> str:
    return json.dumps([{**one, "modules": modules} for one in json.loads(dump((CPO,)))])


@pytest.mark.parametrize(
    "text", ["", "{", "[{}]", "7", "[7]", _with_modules([]), _with_modules({"cdrs": 1}), "[" * 100_000, None]
)
def test_a_broken_registry_leaves_the_one_that_is_known(
    file: Path, text: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = [0.0]
    registry = PublishedRegistry(file, "test", clock=lambda: seconds[0])
    if text is None:
        file.unlink()
    else:
        replace_file(file, text)
    for seconds[0] in (1.0, 2.0):
        assert len(registry) == len(PARTNERS)
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["event"] for one in said] == ["registry-refused"], "once for each file"
    replace_file(file, dump((CPO,)))
    seconds[0] = 3.0
    assert list(registry) == [CPO.name]


def test_a_registry_of_nobody_is_meant(file: Path) -> None:
    seconds = [0.0]
    registry = PublishedRegistry(file, "test", clock=lambda: seconds[0])
    replace_file(file, dump(()))
    seconds[0] = 1.0
    assert dict(registry) == {}


def test_what_is_no_registry_does_not_start(file: Path) -> None:
    with pytest.raises(ConfigError, match="no partner of the environment 'production'"):
        PublishedRegistry(file, "production")
    file.write_text("[{}]", encoding="utf-8")
    with pytest.raises(ConfigError, match="expected a published registry"):
        PublishedRegistry(file, "test")


def test_the_settings_name_a_folder_or_a_file_that_is_followed(file: Path) -> None:
    assert published_partners(file, "test") == {one.name: one for one in PARTNERS}
    from_folder = partners_from({"RAMPART_PARTNERS": "partners"}, "test")
    assert from_folder == dict(partners_from({"RAMPART_PARTNERS_FILE": str(file)}, "test"))
    assert isinstance(partners_from({"RAMPART_PARTNERS_FILE": str(file)}, "test"), PublishedRegistry)
    with pytest.raises(ConfigError, match="RAMPART_PARTNERS: expected a value"):
        partners_from({}, "test")
    with pytest.raises(ConfigError, match="RAMPART_REGISTRY: expected s3://"):
        partners_from({"RAMPART_REGISTRY": "", "RAMPART_PARTNERS_FILE": str(file)}, "test")
