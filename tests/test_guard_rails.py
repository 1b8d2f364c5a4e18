"""Nothing that a test does can reach a real account or another machine."""

import socket

import boto3
import botocore.exceptions
import pytest


def test_a_connection_to_another_machine_is_refused() -> None:
    with socket.socket() as other, pytest.raises(ConnectionRefusedError, match="this machine only"):
        other.connect(("192.0.2.1", 443))


def test_a_client_without_an_endpoint_reaches_nothing() -> None:
    client = boto3.client("sts", config=boto3.session.Config(retries={"max_attempts": 0}, connect_timeout=2))
    assert client.meta.endpoint_url == "http://127.0.0.1:9"
    with pytest.raises(botocore.exceptions.EndpointConnectionError):
        client.get_caller_identity()


def test_the_credentials_are_dummies() -> None:
    credentials = boto3.Session().get_credentials()
    assert credentials is not None
    assert credentials.access_key == "testing"
