"""Controls of the transport layer over what is declared, and over each call."""

from __future__ import annotations

from hardening.controls import frameworks
from hardening.controls.control import Control, Layer, Severity
from hardening.requests import statuses

CONTROLS: tuple[Control, ...] = (
    Control(
        id="edge-tls-policy-modern",
        layer=Layer.TRANSPORT,
        severity=Severity.HIGH,
        promise=(
            "Partners reach us over TLS with forward secrecy and post-quantum key exchange, and nothing "
            "weaker."
        ),
        citation="Amazon API Gateway, security policies for REST APIs (API and domain name); RFC 9325, 4.1",
        infra=("ApiDomain", "Api"),
        frameworks=frameworks.ENCRYPTED_TRANSPORT,
    ),
    Control(
        id="certificates-validated-by-dns",
        layer=Layer.TRANSPORT,
        severity=Severity.MEDIUM,
        promise="Our certificates are issued after DNS validation, so they renew unattended.",
        citation="AWS Security Hub ACM.1; AWS Certificate Manager, DNS validation",
        infra=("Certificates",),
        frameworks=frameworks.TRUSTED_CERTIFICATES,
    ),
    Control(
        id="certificate-expiry-alarmed",
        layer=Layer.TRANSPORT,
        severity=Severity.HIGH,
        promise="A certificate that nears its end raises an alarm at least 30 days before.",
        citation="AWS Security Hub ACM.1; OCPI 2.2.1, 4.1: peers validate our certificate",
        infra=("Monitoring", "Certificates", "InternalCertificate"),
        frameworks=frameworks.TRUSTED_CERTIFICATES,
    ),
    Control(
        id="guard-behind-private-link",
        layer=Layer.TRANSPORT,
        severity=Severity.HIGH,
        promise="The API reaches the guard over a private link only; its load balancer has no public side.",
        citation="Amazon API Gateway, private integrations",
        infra=("Api", "LoadBalancer"),
        frameworks=frameworks.TRAFFIC_FILTERS,
    ),
    Control(
        id="gateway-verifies-guard",
        layer=Layer.TRANSPORT,
        severity=Severity.HIGH,
        promise="The API speaks TLS to the guard and checks its certificate.",
        citation="RFC 9325, 3; Amazon API Gateway, private integrations (tlsConfig)",
        infra=("Api",),
        frameworks=frameworks.ENCRYPTED_TRANSPORT,
    ),
    Control(
        id="only-the-gateway-calls-the-guard",
        layer=Layer.TRANSPORT,
        severity=Severity.HIGH,
        promise=(
            "Nothing but the API's private link reaches the guard: its load balancer and its tasks admit "
            "nobody in the VPC."
        ),
        citation="Elastic Load Balancing, security groups for your Network Load Balancer",
        infra=("LoadBalancer", "SecurityGroups", "Services"),
        frameworks=frameworks.TRAFFIC_FILTERS,
    ),
    Control(
        id="inner-listeners-encrypt",
        layer=Layer.TRANSPORT,
        severity=Severity.HIGH,
        promise="The load balancer in front of the guard accepts TLS only, with a modern policy.",
        citation="AWS Security Hub ELB.18; Elastic Load Balancing, TLS listener policies",
        infra=(
            "LoadBalancer",
            "FargateService",
        ),
        frameworks=frameworks.ENCRYPTED_TRANSPORT,
    ),
    Control(
        id="storage-refuses-plaintext",
        layer=Layer.TRANSPORT,
        severity=Severity.MEDIUM,
        promise="Buckets, queues and topics refuse every request that does not come over TLS.",
        citation="AWS Security Hub S3.5",
        infra=("PrivateBucket", "AlarmTopic", "NoticeTopic", "LambdaFunction"),
        frameworks=frameworks.ENCRYPTED_TRANSPORT + frameworks.cis_aws(intersects="2.1.1"),
    ),
    Control(
        id="no-plaintext-call",
        layer=Layer.TRANSPORT,
        severity=Severity.CRITICAL,
        promise="A call that did not arrive over TLS is refused, and not redirected.",
        citation="OCPI 2.2.1, 4.1.2 (HTTPS); RFC 9325, 3.2",
        infra=("Services",),
        frameworks=frameworks.ENCRYPTED_TRANSPORT,
        refusal=statuses.FORBIDDEN,
    ),
    Control(
        id="zone-signed",
        layer=Layer.TRANSPORT,
        severity=Severity.HIGH,
        promise="The public zone is signed (DNSSEC) with an active key of ours.",
        citation="RFC 4033; Route 53 Developer Guide, configuring DNSSEC signing",
        infra=("HostedZone",),
        frameworks=frameworks.CERTIFICATES,
    ),
    Control(
        id="certificate-authorities-named",
        layer=Layer.TRANSPORT,
        severity=Severity.MEDIUM,
        promise="A CAA record names who may issue certificates for our names, and whom to tell of a refusal.",
        citation="RFC 8659",
        infra=("HostedZone", "Certificates"),
        frameworks=frameworks.CERTIFICATES,
    ),
    Control(
        id="certificate-keys-declared",
        layer=Layer.TRANSPORT,
        severity=Severity.HIGH,
        promise="The certificates that we ask for have strong keys, which cannot be exported.",
        citation="ACM User Guide, certificate key algorithms and exportable public certificates",
        infra=("Certificates",),
        frameworks=frameworks.CERTIFICATES,
    ),
)
