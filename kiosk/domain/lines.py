"""Names of the lines that a board file gives to pins: what the kiosk drives, and what it senses."""

from enum import StrEnum


class Out(StrEnum):
    """What the kiosk drives."""

    RELAY = "relay"
    """Releases the door, the entry side of a lane, or the outer door of a mantrap."""
    EXIT_RELAY = "exit_relay"
    """Releases the exit side of a lane."""
    INNER_RELAY = "inner_relay"
    """Releases the inner door of a mantrap."""
    LAMP_GREEN = "lamp_green"
    LAMP_RED = "lamp_red"
    BUZZER = "buzzer"
    CAMERA_LIGHT = "camera_light"


RELAYS = (Out.RELAY, Out.EXIT_RELAY, Out.INNER_RELAY)


class Sense(StrEnum):
    """What the kiosk senses. A line is `active` when what its docstring says is so."""

    CONTACT = "contact"
    """The door is open; of a mantrap, the outer one."""
    INNER_CONTACT = "inner_contact"
    """The inner door of a mantrap is open."""
    BEAM = "beam"
    """Somebody stands in the light barrier of the passage; it does not say which way they go."""
    TURNED_IN = "turned_in"
    """Somebody has gone through inwards: a turnstile's feedback, or a pair of light barriers."""
    TURNED_OUT = "turned_out"
    """Somebody has gone through outwards."""
    EXIT_BUTTON = "exit_button"
    """The exit button is pressed."""
    FIRE_NC = "fire_nc"
    """The closed contact of the fire panel's relay has opened."""
    FIRE_NO = "fire_no"
    """The open contact of the fire panel's relay has closed."""
    TAMPER = "tamper"
    """The case is open."""
    PRESENCE = "presence"
    """Somebody stands before the kiosk."""
