resource "aws_route53_zone" "public" {
  name = "example.com"
}
resource "aws_route53_hosted_zone_dnssec" "public" {
  hosted_zone_id = aws_route53_zone.public.id
}
resource "aws_route53_query_log" "public" {
  zone_id                  = aws_route53_zone.public.zone_id
  cloudwatch_log_group_arn = "arn:aws:logs:us-east-1:123456789012:log-group:dns"
}
resource "aws_route53_record" "ocpi" {
  zone_id = aws_route53_zone.public.id
  name    = "ocpi"
  type    = "A"
  ttl     = 60
  records = ["192.0.2.1"]
}
resource "aws_acm_certificate" "ocpi" {
  domain_name       = "ocpi.example.com"
  validation_method = "DNS"
  options {
    certificate_transparency_logging_preference = "ENABLED"
  }
}
resource "aws_acm_certificate" "quiet" {
  domain_name       = "*.example.com"
  validation_method = "EMAIL"
  options {
    certificate_transparency_logging_preference = "DISABLED"
  }
}
resource "aws_route53_zone" "loose" {
  name = "example.org"
}
