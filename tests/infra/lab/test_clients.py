"""No client of the lab can reach anything but the emulator on this machine."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.lab.clients import Clients

LAB = Path(__file__).resolve().parents[3] / "infra" / "lab"


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "https://ec2.eu-central-1.amazonaws.com",
        "http://localhost:5000",
        "http://10.0.0.1:5000",
        "http://127.0.0.1.example.com",
        "http://169.254.169.254",
        "ftp://127.0.0.1:5000",
        "127.0.0.1:5000",
    ],
)
def test_an_endpoint_elsewhere_is_refused(endpoint: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        Clients(endpoint, "eu-central-1")


@given(st.ip_addresses(v=4).filter(lambda address: not address.is_loopback))
def test_any_address_but_loopback_is_refused(address: object) -> None:
    with pytest.raises(ValueError, match="loopback"):
        Clients(f"http://{address}:5000", "eu-central-1")


def test_the_users_environment_has_no_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Profile, region, credentials, endpoints and proxies of the user are not read."""
    config = tmp_path / "config"
    config.write_text("[profile real]\nregion = us-west-2\n")
    for name, value in {
        "AWS_PROFILE": "does-not-exist",
        "AWS_CONFIG_FILE": str(config),
        "AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL",
        "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_ENDPOINT_URL_S3": "https://s3.amazonaws.com",
        "HTTP_PROXY": "http://192.0.2.1:3128",
        "http_proxy": "http://192.0.2.1:3128",
    }.items():
        monkeypatch.setenv(name, value)
    client = Clients("http://127.0.0.1:5999", "eu-central-1").get("s3")
    assert client.meta.endpoint_url == "http://127.0.0.1:5999"
    assert client.meta.region_name == "eu-central-1"
    assert client._request_signer._credentials.access_key == "lab"
    assert client._endpoint.http_session._proxy_config.proxy_url_for("http://127.0.0.1:5999") is None


def test_a_client_is_made_once_for_each_service_and_region() -> None:
    clients = Clients("http://127.0.0.1:5999", "eu-central-1")
    assert clients.get("sts") is clients.get("sts", "eu-central-1")
    assert clients.get("sts") is not clients.get("sts", "us-east-1")


def test_only_one_module_of_the_lab_makes_clients() -> None:
    """A client that is made elsewhere could be made without the endpoint.

    The reference service makes its own, as a service in AWS does: it runs held to the lab's network.
    """
    makers = {
        file.relative_to(LAB).as_posix()
        for file in LAB.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and any(name.name.startswith("boto3") for name in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("boto3"))
        or (isinstance(node, ast.Attribute) and node.attr in ("create_client", "Session"))
    }
    assert makers == {"clients.py", "ocpi_service/registration.py", "ocpi_service/__main__.py"}
