"""From the settings and the board to the door that the gate's machine knows."""

from kiosk.config import ConfigError, KioskConfig
from kiosk.domain.door_io import DoorKind, DoorSetup
from kiosk.domain.lines import Out, Sense

_NEEDED: dict[DoorKind, tuple[Out | Sense, ...]] = {
    DoorKind.LANE: (Out.RELAY, Out.EXIT_RELAY),
    DoorKind.INTERLOCK: (Out.RELAY, Out.INNER_RELAY, Sense.CONTACT, Sense.INNER_CONTACT),
}
"""What a kind of door cannot do without. A mantrap whose doors nobody watches would have two open ones."""

_FIRE = frozenset({Sense.FIRE_NC, Sense.FIRE_NO})


def door_setup(config: KioskConfig, names: frozenset[str]) -> DoorSetup:
    """Return what the door is like. `names`: the lines of the board file. Raises ConfigError where they do not fit."""
    door, pulse_ms = config.door, config.gate.pulse_ms
    needed = _NEEDED.get(door.kind, (Out.RELAY,))
    if missing := [line.value for line in needed if line not in names]:
        raise ConfigError(
            f"'door.kind': '{door.kind}' needs the lines {', '.join(missing)}; wire them, name them in the board file"
        )
    _check_sensors(config, names)
    longer_ms = _at_least(config, "longer_ms", pulse_ms, "gate.pulse_ms")
    return DoorSetup(
        kind=door.kind,
        senses=frozenset(sense for sense in Sense if sense in names),
        direction=config.gate.direction,
        pulse_ms=pulse_ms,
        longer_ms=longer_ms,
        exit_ms=door.exit_ms,
        passage_ms=_at_least(config, "passage_ms", pulse_ms, "gate.pulse_ms"),
        held_ms=_at_least(config, "held_ms", longer_ms, "door.longer_ms"),
        escalate_ms=door.escalate_ms,
        free_exit=door.free_exit,
        fire_wiring_releases=door.fire_wiring == "release",
    )


def _check_sensors(config: KioskConfig, names: frozenset[str]) -> None:
    """Refuse sensors that would say what is not so."""
    if len(names & _FIRE) == 1:
        raise ConfigError(
            "the fire input needs both contacts, fire_nc and fire_no: with one, a cut wire cannot be told from a fire"
        )
    if config.door.free_handle and Sense.CONTACT in names and Sense.EXIT_BUTTON not in names:
        raise ConfigError(
            "'door.free_handle': whoever leaves by it would look like somebody who forces the door;"
            " wire a switch at the handle as exit_button, or leave the contact out of the board file"
        )


def _at_least(config: KioskConfig, key: str, least: int, what: str) -> int:
    """Return a time that must not be shorter than another one. Nobody who left it out has to know that."""
    value: int = getattr(config.door, key)
    if value >= least:
        return value
    if key in config.door.model_fields_set:
        raise ConfigError(f"'door.{key}': {value} is shorter than {what}, {least}; write a longer time, or none")
    return least
