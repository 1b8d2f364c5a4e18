"""Runbooks about partners and their tokens, and about wrong business data."""

from __future__ import annotations

from typing import Final

from hardening.runbooks.notices import AUTHORITIES, PERSONAL_DATA
from hardening.runbooks.runbook import Runbook, Who, afterwards, contain, first, restore, tell

LEARN: Final = afterwards(
    Who.LEAD, "Which alarm should have come earlier, and which step took too long? Change the runbook."
)
SEAL: Final = afterwards(
    Who.READER,
    "Seal what is now deployed as evidence.",
    "rampart evidence build {on}",
    "an evidence run is a drill's frame, not its step",
)
CONTACTS = tell(
    Who.LEAD, "The partner's `contacts` in `partners/PARTNER.yaml`, by telephone first: within an hour."
)
_REFUSALS = "rampart guard log --log-group /rampart/{label}/guard --refused --since 1h --partner PARTNER"
_NO_LOG_HERE = "the lab's guard writes a file, which CloudWatch does not have"
REVOKE = contain(
    Who.OPERATOR,
    "End every token of the partner. The command says after how many seconds the gateway refused.",
    "rampart token revoke PARTNER {on} --reason INCIDENT",
)
_STATUS = first(
    Who.OPERATOR,
    "Which tokens does the partner have, and when was each used?",
    "rampart token status PARTNER {on}",
)
_ROTATE = restore(
    Who.OPERATOR,
    "Give the partner new tokens, both directions in one exchange with it.",
    "rampart token rotate PARTNER {on}",
)
_SEEN = restore(
    Who.OPERATOR, "See that one token is active, and no other.", "rampart token status PARTNER {on}"
)

LEAKED_TOKEN: Final = Runbook(
    name="leaked-token",
    title="A token has leaked",
    about="Somebody who is not the partner has its token, ours or theirs: in a repository, a log, a mail.",
    alarms=("unauthorized", "firewall-blocks", "token-read-by-person"),
    signs=(
        "Somebody says so: a partner, a secret scanner, a finder.",
        "`forbidden` fires, and `firewall` in the access log is `WAF_BLOCK`: somebody calls from elsewhere.",
    ),
    steps=(
        first(
            Who.LEAD,
            "Whose token is it? Its first twelve hexadecimal digits of SHA-256 are what `status` shows.",
        ),
        _STATUS,
        first(Who.OPERATOR, "Where was it used from, and for what?", _REFUSALS, _NO_LOG_HERE),
        REVOKE,
        contain(Who.READER, "What could it do while it was honoured?", "rampart partner reach PARTNER"),
        _ROTATE,
        _SEEN,
        CONTACTS,
        *AUTHORITIES,
        PERSONAL_DATA,
        SEAL,
        LEARN,
    ),
)
ROGUE_PARTNER: Final = Runbook(
    name="rogue-partner",
    title="A partner does what it must not",
    about="A partner with a good token asks for what it did not contract, or for far too much.",
    alarms=("forbidden", "unexpected-path", "throttled", "foreign-session"),
    signs=("Our service is slow for everybody while one partner calls.",),
    steps=(
        first(Who.OPERATOR, "What was refused, to whom, and by which control?", _REFUSALS, _NO_LOG_HERE),
        first(Who.READER, "What did it contract?", "rampart partner reach PARTNER"),
        _STATUS,
        contain(
            Who.LEAD, "A mistake, or an attack? For a mistake call the contacts, and wait fifteen minutes."
        ),
        REVOKE,
        contain(
            Who.LEAD,
            "Is it over with this partner? Then end it, with the proof of it, by `rampart partner offboard`.",
        ),
        restore(Who.LEAD, "The partner has said in writing what it mended."),
        _ROTATE,
        _SEEN,
        CONTACTS,
        *AUTHORITIES,
        SEAL,
        LEARN,
    ),
)
PARTNER_COMPROMISED: Final = Runbook(
    name="partner-compromised",
    title="A partner was broken into",
    about="A partner's platform is in other hands: what it sends and what we send to it are not safe.",
    alarms=("egress-refused",),
    signs=("The partner says so, or the press does.", "Calls from its networks at hours that it never had."),
    steps=(
        _STATUS,
        first(Who.OPERATOR, "What has it done since?", _REFUSALS, _NO_LOG_HERE),
        REVOKE,
        contain(
            Who.PIPELINE,
            "Take its entry off the registry, so that nothing is sent to it either.",
            "rampart partner offboard PARTNER {on} --reason INCIDENT",
            "the drill brings the partner back, and an offboarding ends it",
        ),
        contain(
            Who.PIPELINE,
            "Deploy the registry without it.",
            "rampart up --stack {stack}",
            "the lab's registry is the one that it was brought up with",
        ),
        restore(Who.LEAD, "The partner has an independent report, and new keys and certificates."),
        restore(
            Who.READER,
            "Onboard it anew, from the first item.",
            "rampart partner onboard PARTNER --url URL --token-file FILE",
            "people sign an onboarding",
        ),
        CONTACTS,
        tell(Who.LEAD, "Every other partner whose objects this one could read: within a day."),
        *AUTHORITIES,
        PERSONAL_DATA,
        SEAL,
        LEARN,
    ),
    no_drill="its own steps end a partner and begin it anew with signatures; revocation and rotation are "
    "drilled in leaked-token and rogue-partner",
)
CDR_FLOOD: Final = Runbook(
    name="cdr-flood",
    title="A flood of CDRs",
    about="More CDRs come than sessions were held: a sender in a loop, or made-up charges.",
    alarms=("cdr-volume",),
    signs=("Finance sees the same sessions twice, or charges without a session.",),
    steps=(
        first(
            Who.OPERATOR,
            "Who sends them? Group the last hour by partner.",
            "aws logs start-query --log-group-name /rampart/{label}/api --start-time START --end-time END "
            "--query-string 'filter route like /cdrs/ | stats count(*) by partner'",
        ),
        first(
            Who.READER, "Are they well-formed? Judge a saved one.", "rampart validate --version 2.2.1 FILE"
        ),
        contain(Who.LEAD, "Tell finance: nothing of this partner is settled until the flood is understood."),
        REVOKE,
        restore(Who.LEAD, "The partner has said which CDRs are void, and sends credit CDRs for them."),
        _ROTATE,
        _SEEN,
        CONTACTS,
        tell(Who.LEAD, "Finance and customer care: before the next settlement run."),
        SEAL,
        LEARN,
    ),
    no_drill="the alarm counts 5,000 CDRs in an hour (`rampart:cdrsPerHourAlarm`), which take a lab longer "
    "than a drill may; tests hold the filter's pattern and threshold",
)
WRONG_TARIFFS: Final = Runbook(
    name="wrong-tariffs",
    title="Wrong tariffs were sent",
    about="We pushed tariffs that are wrong, and drivers are charged by them.",
    signs=("A partner, a driver or finance says so. No alarm knows what a price should be.",),
    steps=(
        first(Who.LEAD, "Which tariffs, since when, and to which partners?"),
        first(
            Who.READER,
            "Judge the tariff that was sent.",
            "rampart validate --version 2.2.1 --object Tariff FILE",
        ),
        contain(
            Who.LEAD, "Have the OCPI service stop its tariff push, and hold the CDRs that name the tariff."
        ),
        restore(
            Who.READER,
            "Judge the right tariff before it is sent.",
            "rampart validate --version 2.2.1 --object Tariff FILE",
        ),
        restore(
            Who.LEAD,
            "Have the service PUT the right tariff to each partner, then DELETE what was never valid.",
        ),
        restore(
            Who.LEAD,
            "Have it send a credit CDR for each wrong one (`credit`, "
            "`credit_reference_id`), then the right one.",
        ),
        CONTACTS,
        tell(
            Who.LEAD,
            "Drivers who paid too much, through the partner that has their contract: within 14 days.",
        ),
        LEARN,
    ),
    no_drill="no alarm leads here, so a drill could find nothing silent; the commands are tested",
)
