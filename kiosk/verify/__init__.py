"""Bytes in, Verified or Rejected out: one module a format, no clock, no file, no network."""
