"""Entrance kiosk and gate appliance."""

__version__ = "0.1.0"
