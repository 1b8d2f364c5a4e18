"""Single calls to AWS before and beside a deployment, with one set of errors."""

from __future__ import annotations

from functools import cache
from typing import Any

from hardening.errors import CollectError, CredentialsError

# What services answer where there is no such thing; the rest of the errors is somebody's fault.
_ABSENT = ("NotFound", "NoSuch", "ResourceNotFound", "InvalidAccess")


class Absent(Exception):
    """AWS says that there is no such thing."""


class AwsCalls:
    """Calls with the caller's own credentials; clients are kept, as each takes a while to make."""

    def __init__(self, region: str) -> None:
        self.region = region
        self._session = _session()
        self._clients: dict[tuple[str, str], Any] = {}

    def ask(self, service: str, operation: str, region: str = "", **parameters: Any) -> Any:
        """The answer of one operation. Raises Absent, CredentialsError or CollectError."""
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

        try:
            return getattr(self._client(service, region or self.region), operation)(**parameters)
        except NoCredentialsError:
            raise CredentialsError("no AWS credentials", "log in, and set AWS_PROFILE") from None
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if any(word in code for word in _ABSENT):
                raise Absent(code) from None
            raise CollectError(f"{service}: {operation}: {code}", f"allow {service}:{operation}") from None
        except BotoCoreError as error:
            raise CollectError(f"AWS cannot be asked: {type(error).__name__}", "check the network") from None

    def pages(self, service: str, operation: str, key: str, region: str = "", **parameters: Any) -> list[Any]:
        """All items under `key`, over the pages of an operation. Raises as `ask` does."""
        client = self._client(service, region or self.region)
        if not client.can_paginate(operation):
            return list(self.ask(service, operation, region, **parameters).get(key) or [])
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            pages = client.get_paginator(operation).paginate(**parameters)
            return [item for page in pages for item in page.get(key) or []]
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise CollectError(f"{service}: {operation}: {code}", f"allow {service}:{operation}") from None
        except BotoCoreError as error:
            raise CollectError(f"AWS cannot be asked: {type(error).__name__}", "check the network") from None

    def _client(self, service: str, region: str) -> Any:
        key = (service, region)
        if key not in self._clients:
            self._clients[key] = self._session.client(service, region_name=region)
        return self._clients[key]


def _session() -> Any:
    """A session of its own, that shares what it reads of AWS's service models with all others."""
    import boto3  # slow to import: only where AWS is asked
    from botocore.session import get_session

    core = get_session()
    core.register_component("data_loader", _models())
    return boto3.Session(botocore_session=core)


@cache
def _models() -> Any:
    """Reads AWS's service models, each once a process: 12 MB of JSON of EC2, IAM and others."""
    from botocore.loaders import create_loader

    return create_loader()
