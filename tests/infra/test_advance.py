"""From one phase to the next: by what the DNS says, and by what the stack's file says."""

from __future__ import annotations

import shutil
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hardening.errors import CollectError, ConfigError
from infra.advance import advanced
from infra.phases import COMPLETE, FOUNDATION, IMAGES
from infra.preflight.name_servers import is_delegated, name_servers
from infra.settings import Settings, load
from infra.stack_file import write_settings

ROOT = Path(__file__).resolve().parents[2]
SERVERS = ("ns-1.awsdns-01.org", "ns-2.awsdns-02.com")


@contextmanager
def resolver(answers: list[bytes], code: int = 0) -> Iterator[tuple[str, int]]:
    """A DNS server on loopback that answers each question with these records."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            question, client = server.recvfrom(4096)
            head = question[:2] + struct.pack(">5H", 0x8180 | code, 1, len(answers), 0, 0)
            server.sendto(head + question[12:] + b"".join(answers), client)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()


def labels(name: str) -> bytes:
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def record(name: str, kind: int = 2) -> bytes:
    """A record of the name that was asked for, by a pointer to it."""
    return b"\xc0\x0c" + struct.pack(">2HIH", kind, 1, 300, len(labels(name))) + labels(name)


def test_the_name_servers_of_a_domain_are_read_from_the_dns() -> None:
    with resolver([record("alias.example", 5), *map(record, SERVERS)]) as address:
        found = name_servers("ocpi.example.com", address)
    assert found == set(SERVERS)
    assert is_delegated(found, [f"{name.upper()}." for name in SERVERS])
    assert not is_delegated(found, SERVERS[:1])
    assert not is_delegated(frozenset(), ())


def test_a_domain_that_nobody_knows_has_no_name_servers() -> None:
    with resolver([], code=3) as address:
        assert name_servers("ocpi.example.com", address) == frozenset()


@pytest.mark.parametrize("answers", [[b"\xc0"], [b"\xc0\xff" + b"\0" * 4], [b"\xc0\x1e\0"]])
def test_an_answer_that_cannot_be_read_is_no_answer(answers: list[bytes]) -> None:
    with resolver(answers) as address, pytest.raises(CollectError, match="cannot be read"):
        name_servers("ocpi.example.com", address)


def test_a_resolver_that_fails_is_no_answer() -> None:
    with resolver([], code=2) as address, pytest.raises(CollectError):
        name_servers("ocpi.example.com", address)


def project(folder: Path, phase: str, hosted_zone: bool, images: bool) -> Settings:
    file = folder / "Pulumi.test.yaml"
    shutil.copy(ROOT / "Pulumi.test.yaml", file)
    write_settings(file, {"phase": phase, **({"hostedZone": "Z0123456789ABC"} if hosted_zone else {})})
    if not images:
        lines = file.read_text().splitlines(keepends=True)
        file.write_text("".join(line for line in lines if not any(f":{key}:" in line for key in IMAGES)))
    return load("test", folder)


def test_a_foundation_with_images_in_a_served_zone_becomes_complete(tmp_path: Path) -> None:
    settings = project(tmp_path, FOUNDATION, hosted_zone=True, images=True)
    assert advanced("test", tmp_path, settings, {"phase": FOUNDATION}).phase == COMPLETE
    assert load("test", tmp_path).phase == COMPLETE


@pytest.mark.parametrize(
    ("images", "last"), [(False, {"phase": FOUNDATION}), (True, {})], ids=["no images", "nothing deployed"]
)
def test_a_foundation_stays_one_while_something_is_missing(
    images: bool, last: dict[str, str], tmp_path: Path
) -> None:
    settings = project(tmp_path, FOUNDATION, hosted_zone=True, images=images)
    assert advanced("test", tmp_path, settings, last).phase == FOUNDATION
    assert load("test", tmp_path).phase == FOUNDATION


def test_a_complete_stack_is_not_taken_back(tmp_path: Path) -> None:
    settings = project(tmp_path, FOUNDATION, hosted_zone=True, images=True)
    with pytest.raises(ConfigError, match="never goes back"):
        advanced("test", tmp_path, settings, {"phase": COMPLETE})
