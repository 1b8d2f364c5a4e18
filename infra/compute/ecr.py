"""ECR repositories: tags cannot be moved, every push is scanned."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext

# One repository each; the settings pin an image of each by its digest.
IMAGES = ("guard", "policy", "service")


@dataclass(frozen=True, slots=True)
class RegistriesArgs:
    """`context` gives the repositories their key and names."""

    context: ComponentContext


class Registries(pulumi.ComponentResource):
    """`arns` are the ARNs of the repositories, one an image, and `urls` where each is pushed to."""

    def __init__(self, name: str, args: RegistriesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:compute:Registries", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        repositories = {image: self._repository(args.context, image) for image in IMAGES}
        self.arns = [one.arn for one in repositories.values()]
        self.urls = {image: one.repository_url for image, one in repositories.items()}
        self.register_outputs({})

    def _repository(self, context: ComponentContext, image: str) -> aws.ecr.Repository:
        """The repository of `image`, under our data key.

        Amazon ECR User Guide, "Preventing image tags from being overwritten". Tasks name digests anyway.
        """
        return aws.ecr.Repository(
            image,
            name=context.environment.name(image),
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            encryption_configurations=[{"encryption_type": "KMS", "kms_key": context.keys.data.arn}],
            force_delete=False,
            tags=context.environment.tags(image),
            opts=self._child,
        )
