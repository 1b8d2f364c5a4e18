"""What calls partners goes through the egress proxy; its calls to AWS do not, whichever client makes them."""

from __future__ import annotations

import urllib.request

import boto3
import pytest
from botocore.config import Config
from botocore.utils import get_environ_proxies

from infra.compute.egress_proxy import proxy_environment
from infra.environment import Environment

ENVIRONMENT = Environment("test", "111122223333", "eu-central-1")
# What rotation and service call: Secrets Manager, the token table, keys and parameters.
SERVICES = ("secretsmanager", "dynamodb", "kms", "ssm", "sts")


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in proxy_environment(ENVIRONMENT).items():
        monkeypatch.setenv(name, value)


def endpoints() -> list[str]:
    session = boto3.session.Session(region_name=ENVIRONMENT.region)
    real = Config(ignore_configured_endpoint_urls=True)
    found = [session.client(service, config=real).meta.endpoint_url for service in SERVICES]
    # Where the account is known, the SDK calls DynamoDB by a name of the account's own.
    return [*found, f"https://{ENVIRONMENT.account}.ddb.{ENVIRONMENT.region}.amazonaws.com"]


@pytest.mark.usefixtures("declared")
@pytest.mark.parametrize("url", endpoints())
def test_calls_to_aws_go_past_the_proxy(url: str) -> None:
    assert get_environ_proxies(url) == {}
    assert urllib.request.proxy_bypass(url.removeprefix("https://"))


@pytest.mark.usefixtures("declared")
@pytest.mark.parametrize("url", endpoints())
def test_without_the_exception_every_call_to_aws_would_end_at_the_proxy(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_PROXY")
    assert "https" in get_environ_proxies(url)


@pytest.mark.usefixtures("declared")
@pytest.mark.parametrize(
    "url", ["https://ocpi.cpo.example", "https://eu-central-1.amazonaws.com.evil.example"]
)
def test_calls_to_partners_go_through_the_proxy(url: str) -> None:
    assert get_environ_proxies(url)["https"] == "http://proxy.rampart-test-ocpi.internal:3128"
    assert not urllib.request.proxy_bypass(url.removeprefix("https://"))
