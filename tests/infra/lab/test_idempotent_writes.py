"""The emulator makes a transaction once for each token of a client, as DynamoDB does."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.lab.idempotent_writes import write_once


def _put(client: Any, token: str, digest: str = "d") -> None:
    item = {"TableName": "tokens", "Item": {"digest": {"S": digest}}}
    only_new = {"ConditionExpression": "attribute_not_exists(digest)"}
    client.transact_write_items(TransactItems=[{"Put": {**item, **only_new}}], ClientRequestToken=token)


def test_a_call_that_is_repeated_is_answered_as_the_first_time_and_another_one_meets_its_write() -> None:
    write_once()
    with mock_aws():
        keys = {"aws_access_key_id": "lab", "aws_secret_access_key": "lab"}
        place = {"endpoint_url": "https://dynamodb.eu-central-1.amazonaws.com", "region_name": "eu-central-1"}
        client: Any = boto3.client("dynamodb", **place, **keys)
        client.create_table(
            TableName="tokens",
            AttributeDefinitions=[{"AttributeName": "digest", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "digest", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        _put(client, "first")
        _put(client, "first")
        with pytest.raises(client.exceptions.TransactionCanceledException):
            _put(client, "second")
        with pytest.raises(client.exceptions.TransactionCanceledException):
            _put(client, "second")
