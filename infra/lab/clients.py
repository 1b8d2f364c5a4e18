"""The only place that makes AWS clients. They reach the emulator on loopback and nothing else.

No client can be made without an endpoint on loopback, and none reads the user's credentials, profile,
region or proxy: a mistake in the lab must not touch a real account.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import threading
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from botocore.model import OperationModel

from infra.lab.sandbox.service_models import refuse

# moto's default account, and credentials that no AWS account accepts.
ACCOUNT = "123456789012"
DUMMY_KEY = "lab"

_SETTINGS = Config(
    connect_timeout=5,
    read_timeout=60,
    # The emulator is one process on this machine: what fails once fails again.
    retries={"total_max_attempts": 1},
    max_pool_connections=16,
    # An empty mapping, as None would read HTTP_PROXY.
    proxies={},
    inject_host_prefix=False,
    s3={"addressing_style": "path"},
)


class Clients:
    """One client for each service and region, made once and shared between threads."""

    def __init__(self, endpoint: str, region: str, ca_file: str = "") -> None:
        """`endpoint`: `https://127.0.0.1:PORT`, with a certificate of the CA in `ca_file`.

        Raises ValueError for anything but loopback.
        """
        if not _is_loopback(endpoint):
            raise ValueError(f"the lab only talks to an emulator on loopback, not to {endpoint!r}")
        self.endpoint = endpoint
        self.region = region
        self.ca_file = ca_file
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], Any] = {}
        self._session = botocore.session.Session(
            # (configuration key, environment variable, default, conversion): neither file nor environment.
            session_vars={
                "profile": (None, None, None, None),
                "config_file": (None, None, os.devnull, None),
                "credentials_file": (None, None, os.devnull, None),
            }
        )
        self._session.register("before-parameter-build", refuse)
        self._session.register("before-sign", self._at_the_endpoint)

    def get(self, service: str, region: str = "") -> Any:
        """The client of a service (`ec2`), in the stack's region unless another is given."""
        key = (service, region or self.region)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._session.create_client(
                    service,
                    region_name=key[1],
                    endpoint_url=self.endpoint,
                    # Never False: the CA, or this machine's own list.
                    verify=self.ca_file or None,
                    aws_access_key_id=DUMMY_KEY,
                    aws_secret_access_key=DUMMY_KEY,
                    config=_SETTINGS,
                )
            return self._clients[key]

    def _at_the_endpoint(self, request: Any, **_: Any) -> None:
        """Some services (S3 Control) write the account's number before the host; here there is one host."""
        request.url = urlsplit(request.url)._replace(netloc=urlsplit(self.endpoint).netloc).geturl()

    def warm(self) -> None:
        """Make the emulator load the services that take it longest. What fails here fails again later."""
        with contextlib.suppress(BotoCoreError, ClientError):
            self.get("ec2").describe_vpcs()
            self.get("iam").list_roles()
            self.get("apigateway").get_rest_apis()
            self.get("lambda").list_functions()
            self.get("s3").list_buckets()


class ReadingClients(Clients):
    """Clients that only look: every other call raises ParamValidationError before it is sent."""

    def __init__(self, endpoint: str, region: str, ca_file: str = "") -> None:
        super().__init__(endpoint, region, ca_file)
        self._session.register("before-parameter-build", _refuse_writes)


def _refuse_writes(model: OperationModel, **_: Any) -> None:
    if not model.name.startswith(("Get", "Describe", "Head", "List")):
        raise ParamValidationError(report=f"{model.name} is not a look")


def _is_loopback(endpoint: str) -> bool:
    parts = urlsplit(endpoint)
    try:
        return parts.scheme in ("http", "https") and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
