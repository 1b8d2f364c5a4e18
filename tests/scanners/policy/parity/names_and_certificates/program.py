"""One side of a pair: `main.tf` says the same in Terraform."""

import pulumi_aws as aws

zone = aws.route53.Zone("public", name="example.com")
aws.route53.HostedZoneDnsSec("public", hosted_zone_id=zone.id)
aws.route53.QueryLog(
    "public",
    zone_id=zone.zone_id,
    cloudwatch_log_group_arn="arn:aws:logs:us-east-1:123456789012:log-group:dns",
)
aws.route53.Record("ocpi", zone_id=zone.id, name="ocpi", type="A", ttl=60, records=["192.0.2.1"])
aws.acm.Certificate(
    "ocpi",
    domain_name="ocpi.example.com",
    validation_method="DNS",
    options={"certificate_transparency_logging_preference": "ENABLED"},
)
aws.acm.Certificate(
    "quiet",
    domain_name="*.example.com",
    validation_method="EMAIL",
    options={"certificate_transparency_logging_preference": "DISABLED"},
)
aws.route53.Zone("loose", name="example.org")
