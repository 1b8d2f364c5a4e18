"""Checks of the image registries."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import must_be
from scanners.policy.samples.compute import WORKLOAD
from scanners.policy.samples.sample_stack import weaken
from scanners.policy.stack import Stack

REPOSITORY: Final = "aws:ecr/repository:Repository"


@check("images-pinned", good=WORKLOAD, bad=weaken(WORKLOAD, "repo-guard", "imageTagMutability", "MUTABLE"))
def registries_scan_and_never_move_a_tag(stack: Stack) -> Verdicts:
    """Tags are immutable, and every pushed image is scanned."""
    yield from must_be(stack.of_type(REPOSITORY), "imageTagMutability", "IMMUTABLE")
    yield from must_be(stack.of_type(REPOSITORY), "imageScanningConfiguration.scanOnPush", True)
