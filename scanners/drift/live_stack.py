"""What nobody declared, as a stack has it: Pulumi's resources, so that the policy checks can judge it. Pure.

Only what is read as it is stands here. What could not be read is unknown, and a check that needs it gives
`error`; a property that is not translated is asked for by no check that `ASKED` names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from scanners.drift.buckets import BLOCKS
from scanners.drift.records import Live, Unseen
from scanners.policy.stack import UNKNOWN, Resource

_ROLE: Final = "aws:iam/role:Role"
_USER: Final = "aws:iam/user:User"
_GROUP: Final = "aws:iam/group:Group"

_OF_STORES: Final = ("stores-admit-no-foreign-account", "services-are-named")
_OF_RIGHTS: Final = ("no-policy-grants-everything", "nobody-has-administrator-access")
# The policy checks that each type is asked: what they read of it is translated.
ASKED: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:ec2/securityGroup:SecurityGroup": ("no-ingress-from-world",),
    "aws:s3/bucket:Bucket": (
        *("buckets-block-public-access", "buckets-take-no-access-lists", "buckets-keep-versions"),
        *("buckets-refuse-plaintext", *_OF_STORES),
    ),
    "aws:sqs/queue:Queue": ("queues-refuse-plaintext", *_OF_STORES),
    "aws:sns/topic:Topic": ("topics-refuse-plaintext", *_OF_STORES),
    "aws:kms/key:Key": ("keys-rotate", "key-policies-name-principals", *_OF_STORES),
    "aws:secretsmanager/secret:Secret": _OF_STORES,
    "aws:cloudwatch/logGroup:LogGroup": ("log-groups-keep-a-year", "log-groups-forget"),
    "aws:dynamodb/table:Table": ("ledgers-survive-deletion", *_OF_STORES),
    "aws:ecr/repository:Repository": _OF_STORES,
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": _OF_STORES,
    "aws:sns/topicSubscription:TopicSubscription": ("subscriptions-are-encrypted",),
    "aws:lb/loadBalancer:LoadBalancer": ("load-balancers-are-internal",),
    "aws:lb/listener:Listener": ("listeners-are-modern",),
    _ROLE: (
        *("roles-name-who-may-take-them", "services-act-for-this-account", *_OF_RIGHTS),
        "workloads-roles-are-taken-from-this-account",
    ),
    _USER: ("no-user-has-a-standing-key", *_OF_RIGHTS),
    _GROUP: _OF_RIGHTS,
    "aws:iam/policy:Policy": ("no-policy-grants-everything",),
}


def translated(live: Live, urn: str) -> tuple[Resource, ...]:
    """The resource, and after it its parts, whose URNs begin with `urn`."""
    return tuple((_MADE.get(live.type) or _as_it_is)(live, urn))


def _value(live: Live, name: str) -> Any:
    value = live.has(name)
    return UNKNOWN if isinstance(value, Unseen) or live.unseen else value


def _owner(live: Live, urn: str, **inputs: Any) -> Resource:
    arn = {"arn": live.key} if live.key.startswith("arn:") else {}
    written = {name: value for name, value in inputs.items() if value is not None}
    return Resource(urn=urn, type=live.type, name=live.key, id=live.key, inputs=written, outputs=arn)


def _part(live: Live, urn: str, type_: str, **inputs: Any) -> Resource:
    """A part, which names its owner by the id."""
    return Resource(urn=urn, type=type_, name=live.key, inputs=inputs)


def _as_it_is(live: Live, urn: str) -> Iterator[Resource]:
    """Properties that the account has as Pulumi's inputs are."""
    names = () if callable(live.properties) else tuple(live.properties)
    yield _owner(live, urn, **{name: _value(live, name) for name in names})


def _log_group(live: Live, urn: str) -> Iterator[Resource]:
    days = _value(live, "retentionInDays")
    # What AWS does not say is for ever, which Pulumi writes as none.
    yield _owner(live, urn, retentionInDays=0 if days is None else days)


def _security_group(live: Live, urn: str) -> Iterator[Resource]:
    rules = _value(live, "ingress")
    yield _owner(live, urn, ingress=rules if rules is UNKNOWN else [_rule(text) for text in rules or ()])


def _rule(text: str) -> dict[str, Any]:
    """`tcp 443 from 192.0.2.0/24`, as the reader writes a rule."""
    what, _, peer = text.partition(" from ")
    protocol, _, ports = what.partition(" ")
    rule: dict[str, Any] = {"protocol": "-1" if protocol == "all" else protocol}
    first, _, last = ports.replace("/", "-").partition("-")
    if first.isdecimal():
        rule |= {"fromPort": int(first), "toPort": int(last) if last.isdecimal() else int(first)}
    for start, name in (("sg-", "securityGroups"), ("pl-", "prefixListIds")):
        if peer.startswith(start):
            return {**rule, name: [peer]}
    return {**rule, "ipv6CidrBlocks" if ":" in peer else "cidrBlocks": [peer]}


def _bucket(live: Live, urn: str) -> Iterator[Resource]:
    yield _owner(live, urn, bucket=live.key)
    off, owners = _value(live, "publicAccess"), _value(live, "ownership")
    blocks = {name: UNKNOWN if off is UNKNOWN else f"{name} is off" not in (off or ()) for name in BLOCKS}
    kind = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    yield _part(live, f"{urn}/publicAccess", kind, bucket=live.key, **blocks)
    owner = UNKNOWN if owners is UNKNOWN else next(iter(owners or ()), None)
    kind = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    yield _part(live, f"{urn}/ownership", kind, bucket=live.key, rule={"objectOwnership": owner})
    status = {"status": _value(live, "versioning")}
    kind = "aws:s3/bucketVersioning:BucketVersioning"
    yield _part(live, f"{urn}/versioning", kind, bucket=live.key, versioningConfiguration=status)
    yield from _policy(live, urn, "aws:s3/bucketPolicy:BucketPolicy", "bucket")


def _policy(live: Live, urn: str, type_: str, link: str) -> Iterator[Resource]:
    written = _value(live, "policy")
    if written is not None:
        yield _part(live, f"{urn}/policy", type_, **{link: live.key, "policy": written})


def _with_policy(type_: str, link: str) -> Callable[[Live, str], Iterator[Resource]]:
    def made(live: Live, urn: str) -> Iterator[Resource]:
        yield from _as_it_is(live, urn)
        yield from _policy(live, urn, type_, link)

    return made


def _principal(inline: str, attachment: str, link: str) -> Callable[[Live, str], Iterator[Resource]]:
    """Who has rights: the policies in it, and those that are attached."""

    def made(live: Live, urn: str) -> Iterator[Resource]:
        yield _owner(live, urn, assumeRolePolicy=_value(live, "assumeRolePolicy"))
        own, managed = _value(live, "inlinePolicies"), _value(live, "managedPolicies")
        for text in (f": {UNKNOWN!r}",) if own is UNKNOWN else own or ():
            name, _, document = text.partition(": ")
            policy = UNKNOWN if own is UNKNOWN else document
            yield _part(live, f"{urn}/inlinePolicies/{name}", inline, **{link: live.key, "policy": policy})
        for arn in (UNKNOWN,) if managed is UNKNOWN else managed or ():
            part = f"{urn}/managedPolicies/{arn}"
            yield _part(live, part, attachment, **{link: live.key, "policyArn": arn})

    return made


_MADE: Final[Mapping[str, Callable[[Live, str], Iterator[Resource]]]] = {
    "aws:ec2/securityGroup:SecurityGroup": _security_group,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:sqs/queue:Queue": _with_policy("aws:sqs/queuePolicy:QueuePolicy", "queueUrl"),
    "aws:sns/topic:Topic": _with_policy("aws:sns/topicPolicy:TopicPolicy", "arn"),
    "aws:secretsmanager/secret:Secret": _with_policy(
        "aws:secretsmanager/secretPolicy:SecretPolicy", "secretArn"
    ),
    "aws:ecr/repository:Repository": _with_policy("aws:ecr/repositoryPolicy:RepositoryPolicy", "repository"),
    "aws:dynamodb/table:Table": _with_policy("aws:dynamodb/resourcePolicy:ResourcePolicy", "resourceArn"),
    _ROLE: _principal(
        "aws:iam/rolePolicy:RolePolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role"
    ),
    _USER: _principal(
        "aws:iam/userPolicy:UserPolicy", "aws:iam/userPolicyAttachment:UserPolicyAttachment", "user"
    ),
    _GROUP: _principal(
        "aws:iam/groupPolicy:GroupPolicy", "aws:iam/groupPolicyAttachment:GroupPolicyAttachment", "group"
    ),
}
