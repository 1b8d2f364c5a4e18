"""Services that our stack does not use: what runs code, holds data, or sends it on (each API's reference)."""

from __future__ import annotations

from typing import Final

from scanners.drift.kinds import Kind, reader_of

_OWN: Final = {"Owners": ["self"]}

KINDS: Final = (
    # What runs code.
    Kind(
        "aws:ec2/instance:Instance",
        *("ec2", "describe_instances", "Reservations.Instances", "InstanceId"),
        state="State.Name",
        gone=("terminated", "shutting-down"),
    ),
    Kind(
        "aws:ec2/launchTemplate:LaunchTemplate",
        *("ec2", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateId"),
    ),
    Kind("aws:ec2/keyPair:KeyPair", "ec2", "describe_key_pairs", "KeyPairs", "KeyName"),
    Kind("aws:ec2/ami:Ami", "ec2", "describe_images", "Images", "ImageId", asked=_OWN),
    Kind("aws:ebs/volume:Volume", "ec2", "describe_volumes", "Volumes", "VolumeId"),
    Kind(
        "aws:ebs/snapshot:Snapshot",
        *("ec2", "describe_snapshots", "Snapshots", "SnapshotId"),
        asked={"OwnerIds": ["self"]},
    ),
    Kind(
        "aws:autoscaling/group:Group",
        *("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", "AutoScalingGroupName"),
    ),
    Kind("aws:eks/cluster:Cluster", "eks", "list_clusters", "clusters", ""),
    Kind(
        "aws:sagemaker/notebookInstance:NotebookInstance",
        *("sagemaker", "list_notebook_instances", "NotebookInstances", "NotebookInstanceName"),
    ),
    Kind("aws:codebuild/project:Project", "codebuild", "list_projects", "projects", "", known="name"),
    Kind("aws:codepipeline/pipeline:Pipeline", "codepipeline", "list_pipelines", "pipelines", "name"),
    Kind(
        "aws:cloudformation/stack:Stack",
        *("cloudformation", "describe_stacks", "Stacks", "StackId"),
        state="StackStatus",
        gone=("DELETE_COMPLETE",),
    ),
    Kind(
        "aws:sfn/stateMachine:StateMachine",
        *("stepfunctions", "list_state_machines", "stateMachines", "stateMachineArn"),
    ),
    Kind("aws:scheduler/schedule:Schedule", "scheduler", "list_schedules", "Schedules", "Arn", known="arn"),
    Kind("aws:pipes/pipe:Pipe", "pipes", "list_pipes", "Pipes", "Name"),
    Kind(
        "aws:ssm/document:Document",
        *("ssm", "list_documents", "DocumentIdentifiers", "Name"),
        asked={"Filters": [{"Key": "Owner", "Values": ["Self"]}]},
    ),
    Kind(
        "aws:ssm/association:Association",
        *("ssm", "list_associations", "Associations", "AssociationId"),
        known="associationId",
    ),
    Kind("aws:ssm/activation:Activation", "ssm", "describe_activations", "ActivationList", "ActivationId"),
    Kind(
        "aws:ssm/maintenanceWindow:MaintenanceWindow",
        *("ssm", "describe_maintenance_windows", "WindowIdentities", "WindowId"),
    ),
    Kind("aws:glue/job:Job", "glue", "list_jobs", "JobNames", ""),
    Kind(
        "aws:lambda/layerVersion:LayerVersion",
        "lambda",
        "list_layers",
        "Layers",
        "LayerArn",
        known="layerArn",
    ),
    # What holds or moves data.
    Kind(
        "aws:rds/instance:Instance",
        *("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"),
        known="identifier",
    ),
    Kind("aws:rds/cluster:Cluster", "rds", "describe_db_clusters", "DBClusters", "DBClusterIdentifier"),
    Kind(
        "aws:elasticache/replicationGroup:ReplicationGroup",
        *("elasticache", "describe_replication_groups", "ReplicationGroups", "ReplicationGroupId"),
    ),
    Kind(
        "aws:opensearch/domain:Domain",
        *("opensearch", "list_domain_names", "DomainNames", "DomainName"),
        known="domainName",
    ),
    Kind("aws:redshift/cluster:Cluster", "redshift", "describe_clusters", "Clusters", "ClusterIdentifier"),
    Kind("aws:kinesis/stream:Stream", "kinesis", "list_streams", "StreamNames", "", known="name"),
    Kind(
        "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
        *("firehose", "list_delivery_streams", "DeliveryStreamNames", ""),
        known="name",
    ),
    Kind("aws:transfer/server:Server", "transfer", "list_servers", "Servers", "ServerId"),
    Kind("aws:datasync/task:Task", "datasync", "list_tasks", "Tasks", "TaskArn", known="arn"),
    Kind("aws:glacier/vault:Vault", "glacier", "list_vaults", "VaultList", "VaultName"),
    Kind("aws:mq/broker:Broker", "mq", "list_brokers", "BrokerSummaries", "BrokerId"),
    # Ways to the objects of buckets, and where lists of them go.
    Kind(
        "aws:s3/accessPoint:AccessPoint",
        *("s3control", "list_access_points", "AccessPointList", "AccessPointArn"),
        known="arn",
        account="AccountId",
    ),
    Kind(
        "aws:s3control/multiRegionAccessPoint:MultiRegionAccessPoint",
        *("s3control", "list_multi_region_access_points", "AccessPoints", "Name"),
        known="details.name",
        account="AccountId",
        is_global=True,
        region="us-west-2",
    ),
    Kind(
        "aws:s3control/storageLensConfiguration:StorageLensConfiguration",
        *("s3control", "list_storage_lens_configurations", "StorageLensConfigurationList", "Id"),
        known="configId",
        # AWS makes one for every account.
        state="Id",
        gone=("default-account-dashboard",),
        account="AccountId",
    ),
    # Where events and logs go.
    Kind(
        "aws:cloudwatch/eventApiDestination:EventApiDestination",
        *("events", "list_api_destinations", "ApiDestinations", "Name"),
    ),
    Kind(
        "aws:cloudwatch/eventConnection:EventConnection", "events", "list_connections", "Connections", "Name"
    ),
    Kind("aws:cloudwatch/eventArchive:EventArchive", "events", "list_archives", "Archives", "ArchiveName"),
    Kind(
        "aws:cloudwatch/logDestination:LogDestination",
        *("logs", "describe_destinations", "destinations", "destinationName"),
    ),
    Kind("aws:cloudwatch/metricStream:MetricStream", "cloudwatch", "list_metric_streams", "Entries", "Name"),
    Kind(
        "aws:xray/group:Group",
        "xray",
        "get_groups",
        "Groups",
        "GroupARN",
        known="arn",
        state="GroupName",
        gone=("Default",),
    ),
)

READERS: Final = tuple(map(reader_of, KINDS))
