"""For every test: no real AWS account, and no traffic but to this machine."""

import ipaddress
import os
import socket
import sys
from typing import Any

import pytest
from hypothesis import settings

from tests.beds.lab import lab

__all__ = ["lab"]

# A closed port: a client that was not given the emulator's address reaches nothing.
NOWHERE = "http://127.0.0.1:9"

# At import, so it also holds for module-level code, and for every program that a test starts.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_SESSION_TOKEN="testing",
    AWS_DEFAULT_REGION="eu-central-1",
    AWS_ENDPOINT_URL=NOWHERE,
    AWS_EC2_METADATA_DISABLED="true",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
)


# Many programs are started from here, and each imports much: what one has compiled, the next one reads.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A busy machine is no failure: time is the suite's to limit, not one example's.
settings.register_profile("rampart", deadline=None)
settings.load_profile("rampart")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--slow", action="store_true", help="also run what takes minutes: kills, drills, big beds"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the second tier, and say how to run it."""
    if config.getoption("--slow"):
        return
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="takes minutes: run with --slow"))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """For the suite one more than cores, as tests wait; what a command line names runs in this process."""
    return min((os.cpu_count() or 1) + 1, 4) if config.args_source is config.ArgsSource.TESTPATHS else 0


@pytest.fixture(autouse=True, scope="session")
def only_loopback() -> Any:
    """Refuse connections from this process to any other machine."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def checked(original: Any) -> Any:
        def to(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                host = address[0]
                if host != "localhost" and not ipaddress.ip_address(host.split("%")[0]).is_loopback:
                    raise ConnectionRefusedError(f"tests talk to this machine only, not to {host}")
            return original(self, address)

        return to

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", checked(connect))
    patch.setattr(socket.socket, "connect_ex", checked(connect_ex))
    yield
    patch.undo()
