resource "aws_lb" "inner" {
  internal                         = true
  load_balancer_type               = "network"
  enable_deletion_protection       = true
  enable_cross_zone_load_balancing = true
  subnets                          = ["subnet-0123456789abcdef0"]
  access_logs {
    bucket  = "logs"
    enabled = true
  }
}
resource "aws_lb_target_group" "guard" {
  port     = 8443
  protocol = "TLS"
  vpc_id   = "vpc-0123456789abcdef0"
  health_check {
    path     = "/"
    protocol = "HTTPS"
  }
}
resource "aws_lb_listener" "tls" {
  load_balancer_arn = aws_lb.inner.arn
  port              = 443
  protocol          = "TLS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.guard.arn
  }
}
resource "aws_lb" "outer" {
  internal           = false
  load_balancer_type = "application"
  subnets            = ["subnet-0123456789abcdef0"]
}
resource "aws_lb_target_group" "plain" {
  port     = 80
  protocol = "HTTP"
  vpc_id   = "vpc-0123456789abcdef0"
}
resource "aws_lb_listener" "plain" {
  load_balancer_arn = aws_lb.outer.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.plain.arn
  }
}
resource "aws_lb_listener" "redirect" {
  load_balancer_arn = aws_lb.outer.arn
  port              = 81
  protocol          = "HTTP"
  default_action {
    type = "redirect"
    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}
resource "aws_elb" "classic" {
  subnets = ["subnet-0123456789abcdef0"]
  listener {
    instance_port     = 80
    instance_protocol = "http"
    lb_port           = 80
    lb_protocol       = "http"
  }
}
