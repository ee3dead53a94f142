"""Short codes for why the line is down: what the screen and the log may say. Pure."""

import socket
import ssl

_REASONS = {
    0x81: "protocol",
    0x82: "protocol",
    0x84: "protocol",
    0x85: "not_authorised",
    0x86: "not_authorised",
    0x87: "not_authorised",
    0x88: "unavailable",
    0x89: "busy",
    0x8A: "not_authorised",
    0x8B: "unavailable",
    0x8D: "no_answer",
    0x8E: "taken_over",
    0x93: "protocol",
    0x95: "too_large",
    0x97: "busy",
    0x9F: "busy",
}


def connect_detail(error: Exception) -> str:
    """Return the code for a connection that could not be made."""
    match error:
        case ssl.SSLError():
            return "tls"
        case socket.gaierror():
            return "unknown_host"
        case ConnectionRefusedError():
            return "refused"
        case _:
            return "unreachable"


def connack_detail(code: int) -> str:
    """Return the code for a CONNECT that the broker refused."""
    return _REASONS.get(code, f"connack_{code:#04x}")


def disconnect_detail(code: int) -> str:
    """Return the code for a connection that has ended; 0: without a word."""
    return _REASONS.get(code, f"disconnect_{code:#04x}") if code else "lost"


def publish_detail(code: int) -> str:
    """Return the code for an event that the broker did not take."""
    return "no_subscriber" if code == 0x10 else _REASONS.get(code, f"puback_{code:#04x}")
