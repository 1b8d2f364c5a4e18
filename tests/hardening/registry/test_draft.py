"""A new partner's file: written into the registry, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardening.errors import ConfigError
from hardening.registry.draft import write_partner

_WRITTEN = {
    "environment": "test",
    "parties": [{"country_code": "NL", "party_id": "NEW", "role": "EMSP"}],
    "versions": ["2.2.1"],
    "modules": {"tokens": ["read", "write"]},
    "networks": ["198.51.100.0/28"],
    "callback_hosts": ["ocpi.new.example"],
}


def test_a_new_partner_is_written_into_the_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert write_partner(tmp_path / "partners", {"name": "new-emsp", **_WRITTEN}).is_file()
    monkeypatch.chdir(tmp_path)
    assert write_partner(Path(), {"name": "new-emsp", **_WRITTEN}).is_file()


@pytest.mark.parametrize("name", ["", ".", "..", "../evil", "a/b", "{}/evil", "Evil", "evil\0", "e" * 300])
@pytest.mark.parametrize("dry_run", [True, False])
def test_a_name_that_leads_elsewhere_writes_nothing(name: str, dry_run: bool, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="name: "):
        write_partner(tmp_path / "partners", {"name": name.format(tmp_path), **_WRITTEN}, dry_run=dry_run)
    assert list(tmp_path.iterdir()) == []


def test_a_faulty_partner_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        write_partner(tmp_path / "partners", {"name": "new-emsp", **_WRITTEN, "networks": ["0.0.0.0/0"]})
    assert str(tmp_path / "partners" / "new-emsp.yaml") in caught.value.problems[0]
    assert list(tmp_path.iterdir()) == []
