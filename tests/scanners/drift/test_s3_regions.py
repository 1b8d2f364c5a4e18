"""Regions to which no edge of S3 leads refuse to tell whether a bucket is accelerated: it is not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from scanners.drift.account import View
from scanners.drift.declared import Declared
from scanners.drift.readers.s3 import READERS
from scanners.drift.reading import read, read_tasks
from scanners.drift.records import Unseen
from scanners.drift.session import open_account
from tests.beds.aws_account import REGION, declare, emulated_account, stack_of

BUCKETS = tuple(reader for reader in READERS if reader.type == "aws:s3/bucket:Bucket")


class _Body(io.BytesIO):
    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


@pytest.fixture(scope="module")
def view() -> Iterator[View]:
    with emulated_account() as account:
        account.s3.create_bucket(Bucket="north", CreateBucketConfiguration={"LocationConstraint": REGION})
        yield open_account(account.target(Path()))


@pytest.mark.parametrize(
    ("status", "code", "seen"),
    [(405, "MethodNotAllowed", True), (400, "UnsupportedArgument", True), (403, "AccessDenied", False)],
)
def test_a_region_without_acceleration_is_no_gap(view: View, status: int, code: str, seen: bool) -> None:
    def refused(request: Any, **_: Any) -> AWSResponse:
        error = f"<Error><Code>{code}</Code></Error>".encode()
        return AWSResponse(request.url, status, {}, _Body(error))

    name = "before-send.s3.GetBucketAccelerateConfiguration"
    view.session.events.register(name, refused, unique_id="edge")
    declared = Declared(stack_of(declare("aws:s3/bucket:Bucket", "north", {"bucket": "north"})), REGION)
    found = read(view.afresh_clients(), tuple(read_tasks(declared, BUCKETS)), lambda _, __: None)
    view.session.events.unregister(name, unique_id="edge")
    ((bucket,),) = found.live.values()
    told = bucket.has("accelerateConfiguration")
    assert told == "Suspended" if seen else isinstance(told, Unseen)
