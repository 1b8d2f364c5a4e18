"""Opens the account of a target for reading: whose it is, within which bounds, and why it does not answer.

Apart from `account`, since the readers name what they read from, and boto3 takes long to load.
"""

from __future__ import annotations

from typing import Final

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigNotFound,
    ConfigParseError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.session import get_session

from hardening.errors import CollectError, ConfigError, CredentialsError
from scanners.drift.account import View
from scanners.drift.models import reading_loader
from scanners.drift.unanswered import BROKEN, reason
from scanners.target import Target

_LIMITS: Final = Config(connect_timeout=5, read_timeout=30, max_pool_connections=20)
# Adaptive: slows down when the account throttles us, instead of using up its API quota for others.
_ON_AWS: Final = _LIMITS.merge(Config(retries={"mode": "adaptive", "total_max_attempts": 6}))
# An emulator on this machine throttles nobody: what fails twice is broken.
_ON_EMULATOR: Final = _LIMITS.merge(Config(retries={"mode": "standard", "total_max_attempts": 2}))
_REJECTED: Final = frozenset(
    {
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "ExpiredToken",
        "UnrecognizedClientException",
        "AuthFailure",
    }
)
_CREDENTIALS_HINT = "set AWS_PROFILE, or the AWS_* variables, to a role that may read (SecurityAudit)"


def open_account(target: Target, account_id: str = "") -> View:
    """The account that `target` names; of an emulator, with dummy credentials.

    `account_id` is the account that the stack was deployed to, if known. Raises CredentialsError,
    CollectError if AWS cannot be reached, and ConfigError if the credentials are for another account.
    """
    view = View(session_for(target), target.region, target.aws_endpoint, ca_file=target.ca_file)
    found = _account_number(view)
    if account_id and found != account_id:
        raise ConfigError(
            f"the stack was deployed to account {account_id}, but these credentials are for {found}",
            "name the target and the credentials of the same account",
        )
    return view


def _account_number(view: View) -> str:
    try:
        return view.account()
    except (NoCredentialsError, PartialCredentialsError):
        raise CredentialsError("no AWS credentials", _CREDENTIALS_HINT) from None
    except (ProfileNotFound, ConfigNotFound, ConfigParseError) as error:
        raise CredentialsError(f"AWS's settings on this machine: {error}", _CREDENTIALS_HINT) from None
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _REJECTED:
            raise CredentialsError(f"AWS refuses the credentials: {code}", _CREDENTIALS_HINT) from None
        raise CollectError(f"AWS does not say which account this is: {reason(error)}") from None
    except BotoCoreError as error:
        where = view.endpoint or "AWS"
        hint = "start the lab (`rampart lab up`)" if view.endpoint else "check the network and the region"
        raise CollectError(f"{where} cannot be reached: {reason(error)}", hint) from None
    except BROKEN as error:
        raise CollectError(f"AWS does not say which account this is: {reason(error)}") from None


def session_for(target: Target) -> boto3.Session:
    """boto3's session with the audit's bounds; for an emulator with dummy credentials."""
    bounded = get_session()
    bounded.register_component("data_loader", reading_loader())
    if target.aws_endpoint:
        bounded.set_default_client_config(_ON_EMULATOR)
        return boto3.Session("rampart", "rampart", region_name=target.region, botocore_session=bounded)
    bounded.set_default_client_config(_ON_AWS)
    return boto3.Session(region_name=target.region, botocore_session=bounded)
