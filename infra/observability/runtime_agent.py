"""GuardDuty's agent, which Runtime Monitoring adds to each Fargate task: an image in a registry of AWS's.

GuardDuty User Guide, "ECR repository for GuardDuty agent on AWS Fargate (Amazon ECS only)": one account for
each region. Where the image cannot be pulled, ECS starts the task without it, and nobody watches that task.
"""

from __future__ import annotations

from collections.abc import Mapping

_ACCOUNTS: Mapping[str, str] = {
    "ap-south-1": "251508486986",
    "ap-southeast-1": "174946120834",
    "ap-southeast-2": "005257825471",
    "ca-central-1": "354763396469",
    "eu-central-1": "323658145986",
    "eu-central-2": "529164026651",
    "eu-north-1": "591436053604",
    "eu-west-1": "694911143906",
    "eu-west-2": "892757235363",
    "eu-west-3": "665651866788",
    "sa-east-1": "758426053663",
    "us-east-1": "593207742271",
    "us-east-2": "307168627858",
    "us-west-1": "684579721401",
    "us-west-2": "733349766148",
}


def agent_repository(region: str) -> str:
    """The ARN of the agent's repository, or an empty text for a region of which we know none."""
    account = _ACCOUNTS.get(region)
    return f"arn:aws:ecr:{region}:{account}:repository/aws-guardduty-agent-fargate" if account else ""
