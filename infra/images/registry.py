"""The stack's ECR repositories: where images are pushed, and which digest a tag has."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from hardening.errors import ConfigError
from infra.aws_calls import Absent, AwsCalls
from infra.environment import Environment
from infra.settings import Settings


@dataclass(frozen=True, slots=True)
class Repositories:
    """The repositories of one stack, in the account of the caller."""

    calls: AwsCalls
    environment: Environment

    @property
    def host(self) -> str:
        """The registry of the account."""
        return f"{self.environment.account}.dkr.ecr.{self.environment.region}.amazonaws.com"

    def url(self, image: str) -> str:
        """Where `image` is pushed to, without a tag."""
        return f"{self.host}/{self.environment.name(image)}"

    def password(self) -> str:
        """A password for twelve hours (ECR API, GetAuthorizationToken)."""
        answer = self.calls.ask("ecr", "get_authorization_token")
        token = answer["authorizationData"][0]["authorizationToken"]
        return base64.b64decode(token).decode().partition(":")[2]

    def digest(self, image: str, tag: str) -> str:
        """The digest of the image that was pushed under `tag`. Raises ConfigError where there is none."""
        name = self.environment.name(image)
        try:
            answer = self.calls.ask(
                "ecr", "describe_images", repositoryName=name, imageIds=[{"imageTag": tag}]
            )
        except Absent:
            raise ConfigError(
                f"{name}: no image with the tag {tag!r}", "deploy the foundation, then `rampart images push`"
            ) from None
        return str(answer["imageDetails"][0]["imageDigest"])


def repositories(settings: Settings) -> Repositories:
    """The repositories of a stack. Raises CredentialsError or CollectError."""
    calls = AwsCalls(settings.region)
    account = str(calls.ask("sts", "get_caller_identity")["Account"])
    return Repositories(calls, Environment(settings.environment, account, settings.region))
