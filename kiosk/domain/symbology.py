"""Kinds of code that are read: the scan says which it was, because the same text means something else in another."""

from enum import StrEnum


class Symbology(StrEnum):
    """What a text was read from."""

    QR = "qr"
    CODE128 = "code128"
    """A linear code with a checksum: the labels of sample tubes, at a sampling desk."""
    UNKNOWN = "unknown"
    """From a scanner that does not say what it has read: taken as a QR code, the only kind that proves anything."""
