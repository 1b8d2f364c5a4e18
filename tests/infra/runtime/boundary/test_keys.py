"""The key of pseudonyms is made once, is nobody else's to read, and is never taken for another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hardening.errors import ConfigError
from infra.runtime.boundary.keys import pseudonyms_of


def test_workers_that_start_together_have_one_key(tmp_path: Path) -> None:
    file = tmp_path / "pseudonym.key"
    with ThreadPoolExecutor(16) as threads:
        keys = {one.key for one in threads.map(lambda _: pseudonyms_of(file), range(64))}
    assert keys == {file.read_bytes()}
    assert len(file.read_bytes()) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["pseudonym.key"]


def test_a_key_that_others_can_read_or_that_is_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "pseudonym.key"
    file.write_bytes(bytes(31))
    file.chmod(0o600)
    for mode, expected in ((0o600, "at least 32 random bytes"), (0o644, "others can read this key")):
        file.chmod(mode)
        with pytest.raises(ConfigError) as error:
            pseudonyms_of(file)
        assert expected in error.value.message
    with pytest.raises(ConfigError) as error:
        pseudonyms_of(tmp_path)
    assert "Is a directory" in error.value.message
    with pytest.raises(ConfigError):
        pseudonyms_of(tmp_path / "nowhere" / "key")


def test_pseudonyms_do_not_show_their_key(tmp_path: Path) -> None:
    made = pseudonyms_of(tmp_path / "key")
    assert repr(made) == "Pseudonyms()"
