"""Checks of the queues: TLS."""

from __future__ import annotations

from hardening.checks import Verdicts, check
from scanners.policy.checks.policies import plaintext_verdict, policies_of
from scanners.policy.checks.reading import attached
from scanners.policy.samples.data import policy, refuse_plaintext
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import weaken
from scanners.policy.stack import Stack

QUEUE = "aws:sqs/queue:Queue"

_SENDING_ONLY = policy(refuse_plaintext("sqs:SendMessage", "arn:queue-dead-letters"))


@check(
    "storage-refuses-plaintext",
    good=AUDIT,
    bad=weaken(AUDIT, "queue-policy", "policy", _SENDING_ONLY),
)
def queues_refuse_plaintext(stack: Stack) -> Verdicts:
    """The policy denies every action on the queue without TLS."""
    for queue in stack.of_type(QUEUE):
        rules = policies_of(attached(stack, queue, "aws:sqs/queuePolicy:QueuePolicy", "queueUrl"))
        yield plaintext_verdict(queue, rules, "sqs:*", [str(queue.outputs.get("arn") or "")])
