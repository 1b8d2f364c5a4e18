"""Small readings of what is not ours: the stage in a path, a token in a file, the trace of a call."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from hardening.errors import ConfigError
from hardening.requests.hop_signature import key_of
from hardening.requests.paths import without_stage
from hardening.requests.token_file import read_token
from hardening.requests.trace import begun, trace_id

KEY_TEXT = base64.b64encode(bytes(range(32))).decode()
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(
    ("target", "stage", "judged"),
    [
        ("/live/ocpi/versions", "live", "/ocpi/versions"),
        ("/live/ocpi/2.2.1/sender/cdrs?limit=1", "live", "/ocpi/2.2.1/sender/cdrs?limit=1"),
        ("/ocpi/live/ocpi/versions", "live", "/ocpi/live/ocpi/versions"),
        ("/live/live/ocpi/versions", "live", "/live/live/ocpi/versions"),
        ("/live/healthz", "live", "/live/healthz"),
        ("/live/ocpi", "live", "/live/ocpi"),
        ("/lively/ocpi/versions", "live", "/lively/ocpi/versions"),
        ("/live/ocpi/versions", "", "/live/ocpi/versions"),
        ("//ocpi/versions", "", "//ocpi/versions"),
    ],
)
def test_the_stage_is_taken_off_once_and_only_before_ocpi(target: str, stage: str, judged: str) -> None:
    assert without_stage(target, stage) == judged


def _token_file(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    file = folder / "token"
    file.write_bytes(content)
    file.chmod(mode)
    return file


@pytest.mark.parametrize("content", [b"a-token", b"a-token\n", b"  a-token\r\n"])
def test_a_token_is_read_from_a_file_of_ones_own(tmp_path: Path, content: bytes) -> None:
    assert read_token(_token_file(tmp_path, content)) == "a-token"
    assert read_token(_token_file(tmp_path, content, 0o400)) == "a-token"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601])
def test_a_token_that_others_may_read_or_change_is_not_taken(tmp_path: Path, mode: int) -> None:
    with pytest.raises(ConfigError, match="others may read it") as error:
        read_token(_token_file(tmp_path, b"a-token", mode))
    assert "a-token" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"\n", b"a" * 65, b"two words", b"one,two", b"t\xc3\xb6ken"])
def test_what_is_no_token_of_ocpi_is_not_taken_and_not_shown(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ConfigError, match="expected 1 to 64 printable characters") as error:
        read_token(_token_file(tmp_path, content))
    assert not content.strip() or content.decode() not in str(error.value)


def test_a_file_that_is_missing_or_no_text_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_token(tmp_path / "nothing")
    with pytest.raises(ConfigError, match="no text"):
        read_token(_token_file(tmp_path, b"\xff\xfe"))


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (f"00-{TRACE}-00f067aa0ba902b7-01", TRACE),
        (f"cc-{TRACE}-00f067aa0ba902b7-00", TRACE),
        (f"00-{TRACE.upper()}-00f067aa0ba902b7-01", ""),
        (f"00-{TRACE}-00f067aa0ba902b7-01-more", ""),
        (f"00-{TRACE[1:]}-00f067aa0ba902b7-01", ""),
        (f"ff-{TRACE}-00f067aa0ba902b7-01", ""),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", ""),
        (f"00-{TRACE}-{'0' * 16}-01", ""),
        ("", ""),
    ],
)
def test_the_trace_of_a_call_is_the_one_of_its_header_or_none(header: str, found: str) -> None:
    assert trace_id({"traceparent": header}) == found
    assert trace_id({}) == ""


def test_a_trace_that_begins_here_can_be_read_and_is_another_each_time() -> None:
    traces = {trace_id({"traceparent": begun()}) for _ in range(100)}
    assert len(traces - {""}) == 100


@pytest.mark.parametrize(
    "text", ["", "a" * 43, "!" + KEY_TEXT, KEY_TEXT[:4] + "*" + KEY_TEXT[4:], KEY_TEXT[:40]]
)
def test_a_key_between_guard_and_service_is_strict_base64_of_32_bytes(text: str) -> None:
    assert key_of(f" {KEY_TEXT}\n") == bytes(range(32))
    with pytest.raises(ValueError, match="expected Base64 of 32 bytes") as error:
        key_of(text)
    assert not text or text not in str(error.value)
