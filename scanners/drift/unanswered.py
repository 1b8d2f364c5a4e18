"""A question without an answer: refused, not reached, or answered by something that is not AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

UNANSWERED: Final = (BotoCoreError, ClientError, ResponseParserError, ParseError)
# What is raised where an answer does not have the documented form.
_MISSHAPEN: Final = (LookupError, TypeError, ValueError, AttributeError)
BROKEN: Final = (*UNANSWERED, *_MISSHAPEN)
# A client that waits in vain: it does not connect, or nothing comes.
_HANGS: Final = (ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError)
# AWS SDKs and Tools Reference Guide, retry behavior: the codes of throttling, which no reached limit is.
_THROTTLED: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


def throttles(answer: Mapping[str, Any]) -> bool:
    """Whether an answer as botocore reads it says: not so fast."""
    return (answer.get("Error") or {}).get("Code") in _THROTTLED


def is_in_vain(error: Exception) -> bool:
    """Whether another question of the same operation would wait as long, and for nothing."""
    return isinstance(error, _HANGS) or (isinstance(error, ClientError) and throttles(error.response))


def reason(error: Exception) -> str:
    """Why there is no answer, in one line: operation and error code, never the parameters."""
    if isinstance(error, ClientError):
        return f"{error.operation_name}: {error.response['Error'].get('Code', 'unknown error')}"
    if isinstance(error, ResponseParserError):
        # The lines after the first are what was answered.
        return f"{error}".partition("\n")[0]
    if isinstance(error, BotoCoreError):
        return type(error).__name__
    return f"{type(error).__name__}: the answer does not have the documented form"
