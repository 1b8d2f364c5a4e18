"""Runbooks about what must be renewed and rolled out: certificates, tokens, the registry."""

from __future__ import annotations

from typing import Final

from hardening.runbooks.partners import LEARN
from hardening.runbooks.platform import PARTNERS, PULUMI
from hardening.runbooks.runbook import Runbook, Who, afterwards, contain, first, restore, tell

CERTIFICATE_EXPIRING: Final = Runbook(
    name="certificate-expiring",
    title="A certificate is about to expire",
    about="A certificate of ours ends within 30 days: the gateway's, the guard's, the egress "
    "guard's, or one that we show.",
    alarms=(
        "certificate-ends",
        "gateway-certificate-expiry",
        "guard-certificate-expiry",
        "certificate-expiry",
        "certificate-expiry-undelivered",
    ),
    signs=("`rampart due` lists it.",),
    steps=(
        first(Who.READER, "Which one?", "rampart due {on} --within 60d"),
        first(
            Who.READER,
            "Does ACM renew it? It does while its DNS record stands.",
            "aws acm describe-certificate --certificate-arn ARN",
        ),
        contain(
            Who.PIPELINE,
            "The gateway's or the guard's: put the DNS record back.",
            "rampart up --stack {stack}",
            PULUMI,
        ),
        contain(
            Who.OPERATOR,
            "The egress guard's: put chain and key of the new one there.",
            "aws secretsmanager put-secret-value --secret-id rampart/{label}/internal/egress-certificate "
            "--secret-string file://both.pem",
        ),
        contain(
            Who.OPERATOR,
            "One that partners are shown: the same, by its name.",
            "aws secretsmanager put-secret-value --secret-id "
            "rampart/{label}/internal/client-certificate/NAME "
            "--secret-string file://both.pem",
        ),
        restore(Who.READER, "See what the gateway shows.", "rampart audit tls {on} --own"),
        tell(
            Who.LEAD,
            "Partners that pin the certificate or hold its CA, by their `contacts`: a week "
            "before it changes.",
        ),
        afterwards(Who.LEAD, "Remove `both.pem` from every machine that had it."),
        LEARN,
    ),
    no_drill="the egress guard looks once an hour, and ACM counts once a day: no drill waits for that; "
    "tests hold what the guard says of a certificate that ends",
)
ROTATION_STUCK: Final = Runbook(
    name="rotation-stuck",
    title="A rotation does not end",
    about="Tokens grow older than they may: the rotation function fails, or a partner does not "
    "take the new one.",
    alarms=("rotation-failed", "rotation-errors", "rotation-throttles", "rotation-dead-letters"),
    signs=("`rampart due` lists a rotation as overdue.",),
    steps=(
        first(Who.OPERATOR, "Whose?", "rampart partner list {on}"),
        first(
            Who.ADMIN,
            "What does the function say?",
            "aws logs filter-log-events --log-group-name /aws/lambda/{prefix}-rotation "
            "--filter-pattern ERROR",
        ),
        contain(
            Who.LEAD,
            "Does the partner refuse? Both tokens hold until it takes the new one: call its contacts.",
        ),
        restore(
            Who.OPERATOR, "Try again; it takes up where it stopped.", "rampart token rotate PARTNER {on}"
        ),
        restore(Who.OPERATOR, "See that nobody is left.", "rampart partner rotate-due {on} --dry-run"),
        LEARN,
    ),
    no_drill="the emulator's Secrets Manager calls no function, and says of none that it failed; slow tests "
    "kill rotations in every step",
)
REGISTRY_MISTAKE: Final = Runbook(
    name="registry-mistake",
    title="The registry went out with a mistake",
    about="A partner can do too much, or is locked out, because its entry was wrong when it was deployed.",
    signs=("A partner is refused what it contracted, or served what it did not.",),
    steps=(
        first(Who.READER, "Every fault that a machine finds.", "rampart partner check"),
        first(Who.READER, "What can the partner do by its entry?", "rampart partner reach PARTNER"),
        contain(Who.LEAD, "Too much? Then end its tokens until the entry is right:"),
        contain(
            Who.OPERATOR,
            "Only where it could do too much.",
            "rampart token revoke PARTNER {on} --reason INCIDENT",
        ),
        restore(Who.LEAD, "Revert the commit, with a second person's review."),
        restore(
            Who.PIPELINE, "See that only the registry changes.", "rampart preview --stack {stack}", PULUMI
        ),
        restore(Who.PIPELINE, "Deploy what is declared.", "rampart up --stack {stack}", PULUMI),
        restore(
            Who.READER, "Hold what is deployed against program and registry.", "rampart audit intent {on}"
        ),
        restore(Who.OPERATOR, "Give back the tokens that were ended.", "rampart token rotate PARTNER {on}"),
        PARTNERS,
        LEARN,
    ),
    no_drill="no alarm leads here: a registry that is well-formed and wrong looks like any other to AWS",
)
