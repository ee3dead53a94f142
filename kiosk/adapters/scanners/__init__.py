"""Barcode imagers at the door: a USB keyboard or a serial line, read in the gate process (ADR 8)."""
