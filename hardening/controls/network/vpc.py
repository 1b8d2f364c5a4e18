"""Controls of the network layer inside the VPC."""

from __future__ import annotations

from hardening.controls import frameworks
from hardening.controls.control import Control, Layer, Severity

CONTROLS: tuple[Control, ...] = (
    Control(
        id="tiers-span-zones",
        layer=Layer.NETWORK,
        severity=Severity.MEDIUM,
        promise=(
            "Edge, guard, service and data each have their own subnets, in at least two availability zones."
        ),
        citation="AWS Well-Architected, REL10-BP01 and SEC05-BP01",
        infra=("Network",),
        frameworks=frameworks.REDUNDANCY,
    ),
    Control(
        id="tiers-have-access-lists",
        layer=Layer.NETWORK,
        severity=Severity.MEDIUM,
        promise=(
            "Each tier has a network ACL of its own that lets in named ports from inside, never the "
            "whole world."
        ),
        citation="AWS Security Hub EC2.21; AWS Well-Architected, SEC05-BP02",
        infra=("Network",),
        frameworks=frameworks.SEGMENTATION + frameworks.cis_aws(intersects="5.2"),
    ),
    Control(
        id="no-ingress-from-world",
        layer=Layer.NETWORK,
        severity=Severity.CRITICAL,
        promise="No security group lets the world in.",
        citation="AWS Security Hub EC2.18, EC2.19",
        infra=("SecurityGroups",),
        frameworks=frameworks.TRAFFIC_FILTERS + frameworks.cis_aws(intersects="5.1.2,5.3,5.4"),
    ),
    Control(
        id="ingress-by-reference",
        layer=Layer.NETWORK,
        severity=Severity.HIGH,
        promise="Security groups admit other security groups by reference, not address ranges.",
        citation="Amazon VPC, security group rules; AWS Well-Architected, SEC05-BP02",
        infra=("SecurityGroups",),
        frameworks=frameworks.SEGMENTATION,
    ),
    Control(
        id="default-security-group-closed",
        layer=Layer.NETWORK,
        severity=Severity.HIGH,
        promise="The VPC's default security group lets nothing in and nothing out.",
        citation="AWS Security Hub EC2.2",
        infra=("Network",),
        frameworks=frameworks.SEGMENTATION + frameworks.cis_aws(subset="5.5"),
    ),
    Control(
        id="flow-logs-on",
        layer=Layer.NETWORK,
        severity=Severity.MEDIUM,
        promise="All traffic of the VPC, accepted and rejected, leaves flow logs.",
        citation="AWS Security Hub EC2.6",
        infra=("VpcEndpoints", "Network"),
        frameworks=frameworks.LOGGING + frameworks.cis_aws(subset="3.7"),
    ),
    Control(
        id="aws-through-private-endpoints",
        layer=Layer.NETWORK,
        severity=Severity.MEDIUM,
        promise=(
            "Workloads reach AWS services over VPC endpoints, each with a policy that names whom it serves."
        ),
        citation="AWS Well-Architected, SEC05-BP03; AWS PrivateLink, endpoint policies",
        infra=(
            "VpcEndpoints",
            "Network",
        ),
        frameworks=frameworks.SEGMENTATION,
    ),
    Control(
        id="no-public-addresses",
        layer=Layer.NETWORK,
        severity=Severity.CRITICAL,
        promise="Nothing in our subnets is given a public address.",
        citation="AWS Security Hub EC2.15, ECS.2",
        infra=("Network", "FargateService"),
        frameworks=frameworks.TRAFFIC_FILTERS,
    ),
    Control(
        id="inner-tiers-have-no-internet-route",
        layer=Layer.NETWORK,
        severity=Severity.CRITICAL,
        promise="Service and data tiers have no route to the internet; the guard's leads out, never in.",
        citation="Amazon VPC, route tables; AWS Well-Architected, SEC05-BP01",
        infra=("Network",),
        frameworks=frameworks.SEGMENTATION,
    ),
    Control(
        id="service-not-exposed",
        layer=Layer.NETWORK,
        severity=Severity.CRITICAL,
        promise="The OCPI service is behind no load balancer and admits the guard alone.",
        citation="OWASP API9:2023; AWS Well-Architected, SEC05-BP01",
        infra=("SecurityGroups", "Services"),
        frameworks=frameworks.TRAFFIC_FILTERS,
    ),
    Control(
        id="egress-through-guard-only",
        layer=Layer.NETWORK,
        severity=Severity.HIGH,
        promise=(
            "The OCPI service has one way out, the egress guard: no security group of it leads to the world, "
            "and no proxy opens a tunnel."
        ),
        citation="OWASP API7:2023; OCPI 2.2.1, 7.1: the peer chooses our callback URLs",
        infra=("SecurityGroups", "LambdaFunction", "Services"),
        frameworks=frameworks.EGRESS_CONTROL,
    ),
    Control(
        id="egress-callers-known",
        layer=Layer.NETWORK,
        severity=Severity.HIGH,
        promise=(
            "The egress guard calls a partner for our own services alone: each signs its calls with a "
            "rotated key of its own, over TLS of our private authority."
        ),
        citation="OWASP API2:2023, API7:2023; AWS Secrets Manager User Guide, Lambda rotation functions",
        infra=("CallerKeys", "InternalCertificate", "LambdaFunction", "Services", "SecurityGroups"),
        frameworks=frameworks.EGRESS_CONTROL,
    ),
    Control(
        id="egress-hosts-listed",
        layer=Layer.NETWORK,
        severity=Severity.HIGH,
        promise="The egress guard connects to the partners' contracted hosts and to nothing else.",
        citation="OWASP API7:2023; OCPI 2.2.1, 7.1: the peer chooses our callback URLs",
        infra=("DnsFirewall", "Network", "Services"),
        frameworks=frameworks.EGRESS_CONTROL,
    ),
    Control(
        id="network-stands-alone",
        layer=Layer.NETWORK,
        severity=Severity.HIGH,
        promise=(
            "The VPC is joined to no other network: administration and finance have networks of their own."
        ),
        citation="AWS Well-Architected, SEC05-BP01; PCI DSS 4, 1.4.1",
        infra=("Network",),
        frameworks=frameworks.SEGMENTATION,
    ),
    Control(
        id="security-groups-name-ports",
        layer=Layer.NETWORK,
        severity=Severity.MEDIUM,
        promise="Each rule of a security group is for one port of one protocol.",
        citation="AWS Security Hub EC2.18, EC2.19; Amazon VPC, security group rules",
        infra=("SecurityGroups",),
        frameworks=frameworks.TRAFFIC_FILTERS,
    ),
    Control(
        id="references-stay-inside",
        layer=Layer.NETWORK,
        severity=Severity.HIGH,
        promise="The networks, security groups, route tables and keys that resources name are their stack's.",
        citation="AWS Well-Architected, SEC05-BP01 and SEC05-BP02",
        infra=(
            "Network",
            "SecurityGroups",
            "VpcEndpoints",
            "LoadBalancer",
            "DnsFirewall",
            "EncryptionKeys",
            "LambdaFunction",
            "FargateService",
        ),
        frameworks=frameworks.SEGMENTATION,
    ),
)
