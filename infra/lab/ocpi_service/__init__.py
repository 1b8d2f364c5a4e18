"""A small reference OCPI service for the lab: in memory, correct envelopes, pagination, no business."""
