"""What Home Assistant is told of the kiosk: which device it is, and what can be seen of it. Pure.

One device discovery message (Home Assistant 2024.11 or newer). There is no command topic in it and there must never
be one: whoever holds the local broker can look, and can open nothing.
"""

import json
from dataclasses import dataclass
from typing import Any, get_args

from kiosk.api.messages import CameraState, Telemetry
from kiosk.api.telemetry import DOOR, EVENT, HEALTH, LINK
from kiosk.domain.door_io import DoorState, Mode
from mqtt_bridge.codec import CodecError, encode_telemetry
from mqtt_bridge.topics import KioskAddress

ROOT = "entrance-kiosk"
"""First level of the topics on the local broker: they are none of the centre's."""
STATUS = "homeassistant/status"
"""Where Home Assistant says that it has started, whatever its prefix of discovery: the only topic that is read."""
VISITS = {"visit.admitted": "admitted", "visit.denied": "denied"}
"""Which events are told, and as what."""
_ORIGIN = "entrance-kiosk"
_OPEN = (DoorState.OPEN, DoorState.HELD, DoorState.FORCED)
_DIAGNOSTIC = {"entity_category": "diagnostic"}


@dataclass(frozen=True, slots=True)
class HomeDevice:
    """A kiosk as Home Assistant knows it. `prefix` is what its MQTT integration listens below."""

    address: KioskAddress
    version: str
    prefix: str = "homeassistant"

    @property
    def name(self) -> str:
        """What stands for the device, and begins the names of all that can be seen of it."""
        address = self.address
        # The names hold no underscore: two kiosks never have one name.
        return f"entrance_kiosk_{address.tenant}_{address.site}_{address.kiosk}"

    @property
    def topic(self) -> str:
        """Where the discovery message goes, retained."""
        return f"{self.prefix}/device/{self.name}/config"

    @property
    def presence(self) -> str:
        """Where the kiosk says that it is there, and the broker that it is not."""
        return self.state("presence")

    def state(self, name: str) -> str:
        """Return where one kind of telemetry goes."""
        address = self.address
        return f"{ROOT}/{address.tenant}/{address.site}/{address.kiosk}/{name}"

    def config(self) -> bytes:
        """Return the discovery message."""
        message = {
            "device": {
                "identifiers": [self.name],
                "name": f"Entrance kiosk {self.address.kiosk}",
                "manufacturer": "Entrance kiosk project",
                "model": "Entrance kiosk",
                "sw_version": self.version,
            },
            "origin": {"name": _ORIGIN, "sw_version": self.version},
            "components": {
                name: {**said, "unique_id": f"{self.name}_{name}"} for name, said in self._components().items()
            },
        }
        return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()

    def _components(self) -> dict[str, dict[str, Any]]:
        bridge = {
            "topic": self.presence,
            "value_template": "{{ 'online' if value_json.state == 'online' else 'offline' }}",
        }
        gate = {"topic": self.state(LINK), "value_template": "{{ 'online' if value_json.gate else 'offline' }}"}
        there = {"availability": [bridge, gate], "availability_mode": "all"}
        online = {
            "platform": "binary_sensor", "name": "Online", "device_class": "connectivity",
            "state_topic": self.presence, **_DIAGNOSTIC,
            "value_template": "{{ 'ON' if value_json.state == 'online' else 'OFF' }}",
        }  # fmt: skip
        shown = {**self._door(), **self._people(), **self._state_of_health()}
        return {"online": online, **{name: {**said, **there} for name, said in shown.items()}}

    def _door(self) -> dict[str, dict[str, Any]]:
        topic = self.state(DOOR)
        is_open = f"{{{{ 'ON' if value_json.state in {[state.value for state in _OPEN]} else 'OFF' }}}}"
        return {
            "door": {
                "platform": "binary_sensor", "name": "Door", "device_class": "door", "state_topic": topic,
                "value_template": is_open,
            },
            "door_state": _enum("Door state", topic, "state", [state.value for state in DoorState]),
            "mode": _enum("Mode", topic, "mode", [mode.value for mode in Mode]),
        }  # fmt: skip

    def _people(self) -> dict[str, dict[str, Any]]:
        topic = self.state(DOOR)
        return {
            "inside": _figure("People inside", topic, "inside", icon="mdi:account-group"),
            "visits_today": {
                **_figure("Visits today", topic, "visits_today", icon="mdi:counter"), "state_class": "total_increasing",
            },
            "visit": {
                "platform": "event", "name": "Visit", "state_topic": self.state("visit"),
                "event_types": list(VISITS.values()), "icon": "mdi:card-account-details",
            },
        }  # fmt: skip

    def _state_of_health(self) -> dict[str, dict[str, Any]]:
        topic = self.state(HEALTH)
        problem = {"platform": "binary_sensor", "state_topic": topic, "device_class": "problem", **_DIAGNOSTIC}
        return {
            "problem": {
                **problem, "name": "Fault", "value_template": "{{ 'ON' if value_json.faults else 'OFF' }}",
            },
            "faults": {
                "platform": "sensor", "name": "Faults", "state_topic": topic, **_DIAGNOSTIC,
                "value_template": "{{ (value_json.faults | join(', ') or 'none')[:255] }}",
            },
            "alarm": {
                **problem, "name": "Alarm", "device_class": "safety",
                "value_template": "{{ 'ON' if value_json.alarms else 'OFF' }}",
            },
            "camera": {
                **_enum("Camera", topic, "camera.state", list(get_args(CameraState))), **_DIAGNOSTIC,
            },
            "temperature": {
                **_figure("Temperature", topic, "machine.temperature_c.mean", "machine.temperature_c"),
                "device_class": "temperature", "unit_of_measurement": "°C", **_DIAGNOSTIC,
            },
            "disk": {
                **_figure("Disk used", topic, "machine.disk_used_percent", icon="mdi:harddisk"),
                "unit_of_measurement": "%", **_DIAGNOSTIC,
            },
            "waiting": {
                **_figure("Events waiting", topic, "events.waiting.max", icon="mdi:tray-full"), **_DIAGNOSTIC,
            },
            "centre": {
                "platform": "binary_sensor", "name": "Centre", "device_class": "connectivity",
                "state_topic": self.state(LINK), **_DIAGNOSTIC,
                "value_template": "{{ 'ON' if value_json.link == 'up' else 'OFF' }}",
            },
        }  # fmt: skip

    def shown(self, message: Telemetry) -> tuple[str, bytes] | None:
        """Return the topic and payload that telemetry becomes; None: it is not shown."""
        if message.name != EVENT:
            try:
                return self.state(message.name), encode_telemetry(message)
            except CodecError:
                return None
        visit = VISITS.get(str(message.data.get("type")))
        return None if visit is None else (self.state("visit"), json.dumps({"event_type": visit}).encode())


def _enum(name: str, topic: str, key: str, options: list[str]) -> dict[str, Any]:
    return {
        "platform": "sensor", "name": name, "state_topic": topic, "device_class": "enum", "options": options,
        "value_template": f"{{{{ value_json.{key} }}}}",
    }  # fmt: skip


def _figure(name: str, topic: str, key: str, known: str = "", icon: str = "") -> dict[str, Any]:
    """Return a sensor of a figure that may not be known: 'None' is Home Assistant's word for that."""
    template = f"value_json.{key} if value_json.{known or key} is not none else 'None'"
    return {
        "platform": "sensor", "name": name, "state_topic": topic, "state_class": "measurement",
        "value_template": f"{{{{ {template} }}}}", **({"icon": icon} if icon else {}),
    }  # fmt: skip
