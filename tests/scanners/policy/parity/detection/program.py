"""One side of a pair: `main.tf` says the same in Terraform."""

import pulumi_aws as aws

detector = aws.guardduty.Detector("main", enable=True)
aws.guardduty.Detector("off", enable=False)
recorder = aws.cfg.Recorder(
    "main",
    role_arn="arn:aws:iam::123456789012:role/c",
    recording_group={"all_supported": True, "include_global_resource_types": True},
)
aws.cfg.RecorderStatus("main", name=recorder.name, is_enabled=True)
aws.cfg.ConfigurationAggregator(
    "all", account_aggregation_source={"account_ids": ["123456789012"], "all_regions": True}
)
aws.securityhub.Account("main")
aws.accessanalyzer.Analyzer("main", analyzer_name="main")
