"""Runbooks about what we run: keys, gateway, certificates, region, rotations, registry."""

from __future__ import annotations

from typing import Final

from hardening.runbooks.notices import AUTHORITIES
from hardening.runbooks.partners import LEARN, SEAL
from hardening.runbooks.runbook import Runbook, Who, contain, first, restore, tell

PULUMI = "the lab is made anew by `rampart lab up`, not by Pulumi's CLI"
_DRIFT = restore(
    Who.READER,
    "See that the account is what the stack declares.",
    "rampart audit drift {on}",
    "it looks at the whole account; `rampart accept` has it",
)
PARTNERS = tell(
    Who.LEAD, "Partners whose calls failed, by their `contacts`: as soon as calls are served again."
)
_TASKS = "the lab has no ECS: its containers are processes"
_SERVICES = (
    "aws ecs describe-services --cluster {prefix}-guard "
    "--services {prefix}-guard {prefix}-egress {prefix}-service"
)

LOST_KEY: Final = Runbook(
    name="lost-key",
    title="A key is disabled or about to be deleted",
    about="A KMS key of the stack cannot be used: tables, tokens or logs under it cannot be read.",
    alarms=("key-disabled", "secret-set-aside"),
    signs=("Calls fail with 5xx, and functions log AccessDenied or DisabledException of KMS.",),
    steps=(
        first(
            Who.READER,
            "Which key, and how does it stand? KEY is data, secrets, logs, messages or backups.",
            "aws kms describe-key --key-id alias/{prefix}-KEY",
        ),
        first(
            Who.READER,
            "Who did it, and from where?",
            "aws cloudtrail lookup-events --lookup-attributes "
            "AttributeKey=EventName,AttributeValue=DisableKey",
            "the emulator's trail has no history of events",
        ),
        contain(
            Who.ADMIN,
            "Take back the deletion. A key that waits for none says so: go on.",
            "aws kms cancel-key-deletion --key-id KEY_ID",
            "the drill disables the key, and deletes none",
        ),
        contain(Who.ADMIN, "Switch it on again.", "aws kms enable-key --key-id KEY_ID"),
        contain(
            Who.LEAD, "Was it a person of ours? If not, go on with the runbook account-intrusion at once."
        ),
        restore(Who.READER, "See that it is enabled.", "aws kms describe-key --key-id alias/{prefix}-KEY"),
        restore(
            Who.ADMIN,
            "Was a secret deleted besides? Bring it back (30 days).",
            "aws secretsmanager restore-secret --secret-id SECRET",
            "the drill deletes no secret",
        ),
        _DRIFT,
        PARTNERS,
        *AUTHORITIES,
        SEAL,
        LEARN,
    ),
)
GATEWAY_DOWN: Final = Runbook(
    name="gateway-down",
    title="The gateway does not answer",
    about="Partners get 5xx or nothing: guard, authorizer or service do not do their work.",
    alarms=(
        "no-guard",
        "server-errors",
        "slow",
        "availability-burns-fast",
        "availability-burns-slowly",
        "latency-burns-fast",
        "latency-burns-slowly",
        "authorizer-crash",
        "guard-crash",
        "boundary-crash",
        "guard-key-overdue",
        "authorizer-throttles",
        "authorizer-dead-letters",
        "guard-tasks-lost",
        "egress-tasks-lost",
        "service-tasks-lost",
    ),
    signs=("A partner says that it gets 5xx.",),
    steps=(
        first(Who.OPERATOR, "Which service lacks tasks, and what do its last events say?", _SERVICES),
        first(
            Who.OPERATOR,
            "What did the guard log last?",
            "rampart guard log --log-group /rampart/{label}/guard --since 30m",
        ),
        first(Who.LEAD, "Was there an `up` in the last hour? Then revert its commit, and deploy that."),
        contain(
            Who.OPERATOR,
            "Start the guard's tasks anew: old ones end once new ones are healthy.",
            "aws ecs update-service --cluster {prefix}-guard --service {prefix}-guard --force-new-deployment",
        ),
        contain(
            Who.OPERATOR,
            "The same for the OCPI service, if its tasks are the ones.",
            "aws ecs update-service --cluster {prefix}-guard --service {prefix}-service "
            "--force-new-deployment",
        ),
        restore(Who.PIPELINE, "Use it as a partner would.", "rampart accept {on} --tokens-file FILE"),
        _DRIFT,
        PARTNERS,
        *AUTHORITIES,
        LEARN,
    ),
    no_drill="the emulator has no load balancer or ECS that counts tasks or starts them; the slow tests "
    "kill the guard's processes and measure the way back",
)
REGION_LOST: Final = Runbook(
    name="region-lost",
    title="The region is lost",
    about="AWS's region does not answer, or is not coming back in time.",
    alarms=("backups-missing", "copies-missing", "backups-failed", "backups-failed-undelivered"),
    signs=("AWS Health says so, and the other region answers.",),
    steps=(
        first(Who.LEAD, "Wait, or go? Going costs a day and every partner's registration."),
        first(
            Who.OWNER,
            "What is in the vault over there?",
            "aws backup list-recovery-points-by-backup-vault --backup-vault-name {prefix}-tables-copy "
            "--region {replica_region}",
        ),
        contain(Who.LEAD, "Decided to go: nobody brings the old region's stack back by half."),
        restore(
            Who.PIPELINE,
            "Deploy a stack in the other region, with settings of its own.",
            "rampart up --stack NEW",
            PULUMI,
        ),
        restore(
            Who.OWNER,
            "Restore the tables from the vault.",
            "aws backup start-restore-job --recovery-point-arn ARN --iam-role-arn ROLE "
            "--metadata file://restore.json "
            "--region {replica_region}",
        ),
        restore(
            Who.OPERATOR,
            "Hand each partner a registration token.",
            "rampart token issue PARTNER --stack NEW --to-file FILE",
        ),
        restore(Who.PIPELINE, "Use it as a partner would.", "rampart accept --stack NEW --tokens-file FILE"),
        tell(Who.LEAD, "Every partner: that it has to register anew, and where; when the decision falls."),
        *AUTHORITIES,
        LEARN,
    ),
    no_drill="the emulator has one machine for all regions, and copies no recovery point between them",
)
