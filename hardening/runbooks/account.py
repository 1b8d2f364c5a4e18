"""Runbooks about the AWS account: intruders, and evidence that somebody touched."""

from __future__ import annotations

from typing import Final

from hardening.runbooks.notices import AUTHORITIES, PERSONAL_DATA
from hardening.runbooks.partners import LEARN, SEAL
from hardening.runbooks.runbook import Runbook, Who, contain, first, restore

EVIDENCE_TAMPERED: Final = Runbook(
    name="evidence-tampered",
    title="Trail or evidence was touched",
    about="Somebody stops the trail, loosens its store, or changes a sealed run: perhaps to hide "
    "something else.",
    alarms=("trail-stopped", "config-stopped", "guardduty-stopped", "bucket-policy-changed"),
    signs=("`rampart evidence verify` names a file.",),
    steps=(
        first(Who.READER, "Does the trail run?", "aws cloudtrail get-trail-status --name {prefix}-trail"),
        first(
            Who.READER, "What of the sealed runs was touched?", "rampart evidence verify EVIDENCE", finds=True
        ),
        contain(Who.ADMIN, "Start the trail again.", "aws cloudtrail start-logging --name {prefix}-trail"),
        contain(
            Who.LEAD, "Whoever did it has a role that may: go on with the runbook account-intrusion besides."
        ),
        restore(Who.READER, "See that it runs.", "aws cloudtrail get-trail-status --name {prefix}-trail"),
        restore(
            Who.READER,
            "What else was changed behind the stack's back?",
            "rampart audit drift {on}",
            "it looks at the whole account; `rampart accept` has it",
        ),
        restore(
            Who.PIPELINE,
            "Deploy what is declared.",
            "rampart up --stack {stack}",
            "the lab is made anew by `rampart lab up`, not by Pulumi's CLI",
        ),
        restore(
            Who.LEAD,
            "Replace touched runs by the copies that are kept elsewhere; note the hours without a trail.",
        ),
        restore(Who.READER, "See that every run is as it was sealed.", "rampart evidence verify EVIDENCE"),
        *AUTHORITIES,
        SEAL,
        LEARN,
    ),
)
ACCOUNT_INTRUSION: Final = Runbook(
    name="account-intrusion",
    title="Somebody is in the account who must not be",
    about="Root or a person without a second factor logs in, rights or the network change by "
    "hand, or GuardDuty finds something.",
    alarms=(
        "root-login",
        "login-without-mfa",
        "login-failed",
        "access-denied",
        "identity-changed",
        "group-changed",
        "acl-changed",
        "route-changed",
        "edge-changed",
        "guardduty",
        "security-hub",
        "guardduty-undelivered",
        "security-hub-undelivered",
    ),
    signs=("AWS calls the security contact.",),
    steps=(
        first(
            Who.READER,
            "Who did it, and from where?",
            "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=EVENT",
        ),
        first(Who.LEAD, "Is it one of ours, with a change that was announced? Then note it, and stop here."),
        contain(
            Who.OWNER,
            "End the sessions of the role: deny what began before now.",
            "aws iam put-role-policy --role-name ROLE --policy-name AWSRevokeOlderSessions "
            "--policy-document file://revoke.json",
        ),
        contain(
            Who.OWNER,
            "Switch off the access key of a user, where it was one.",
            "aws iam update-access-key --user-name USER --access-key-id KEY_ID --status Inactive",
        ),
        restore(Who.READER, "What was changed, by whom?", "rampart audit drift {on}"),
        restore(Who.PIPELINE, "Deploy what is declared.", "rampart up --stack {stack}"),
        restore(Who.PIPELINE, "Use it as a partner would.", "rampart accept {on} --tokens-file FILE"),
        *AUTHORITIES,
        PERSONAL_DATA,
        SEAL,
        LEARN,
    ),
    no_drill="who is let into an account is the identity provider's and IAM's, and the emulator asks nobody",
)
