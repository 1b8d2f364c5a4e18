"""What falls due: one calendar of everything in an OCPI deployment that ends on a day."""
