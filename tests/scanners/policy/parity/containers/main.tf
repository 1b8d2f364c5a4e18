resource "aws_ecs_cluster" "guard" {
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}
resource "aws_ecs_task_definition" "guard" {
  family                   = "guard"
  network_mode             = "awsvpc"
  container_definitions    = jsonencode([{ name = "guard", image = "g:1", readonlyRootFilesystem = true, privileged = false, user = "1000", essential = true }])
  execution_role_arn       = "arn:aws:iam::123456789012:role/e"
  task_role_arn            = "arn:aws:iam::123456789012:role/t"
  requires_compatibilities = ["FARGATE"]
}
resource "aws_ecs_task_definition" "loose" {
  family                = "loose"
  container_definitions = jsonencode([{ name = "guard", image = "g:1", privileged = true, environment = [{ name = "A", value = "b" }] }])
  pid_mode              = "host"
  execution_role_arn    = "arn:aws:iam::123456789012:role/e"
  task_role_arn         = "arn:aws:iam::123456789012:role/e"
  volume {
    name = "v"
    efs_volume_configuration {
      file_system_id     = "fs-1"
      transit_encryption = "DISABLED"
    }
  }
}
resource "aws_ecs_service" "guard" {
  cluster          = aws_ecs_cluster.guard.id
  task_definition  = aws_ecs_task_definition.guard.arn
  launch_type      = "FARGATE"
  platform_version = "LATEST"
  network_configuration {
    subnets          = ["subnet-0123456789abcdef0"]
    assign_public_ip = false
  }
}
resource "aws_ecs_service" "public" {
  cluster          = aws_ecs_cluster.guard.id
  task_definition  = aws_ecs_task_definition.guard.arn
  launch_type      = "FARGATE"
  platform_version = "1.3.0"
  network_configuration {
    subnets          = ["subnet-0123456789abcdef0"]
    assign_public_ip = true
  }
}
resource "aws_ecs_cluster" "loose" {
}
