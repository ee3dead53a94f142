"""Home Assistant itself with its MQTT integration, run by the Python that has it and not by the project's own.

    python guest.py FOLDER PORT

Connects to a broker on loopback and then answers one line of JSON with another: {"until": N} waits for N entities of
MQTT whose state is known and returns all of them, by their entity id; {"unavailable": N} waits for N that are not
available; {"again": true} says to everybody that it has started anew.
"""

import asyncio
import json
import sys
import types

from homeassistant import config_entries, core, loader
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.helpers import (
    area_registry,
    device_registry,
    entity,
    entity_registry,
    frame,
    issue_registry,
    restore_state,
    translation,
)

WAIT_S = 20.0
UNKNOWN = ("unknown", "unavailable")


async def begin(folder, port):
    """Start the core and the integration, and nothing else of it."""
    hass = core.HomeAssistant(folder)
    hass.config.skip_pip = True
    loader.async_setup(hass)
    frame.async_setup(hass)
    entity.async_setup(hass)
    translation.async_setup(hass)
    hass.config_entries = config_entries.ConfigEntries(hass, {})
    await hass.config_entries.async_initialize()
    for registry in (area_registry, device_registry, entity_registry, issue_registry):
        await registry.async_load(hass)
    await restore_state.async_load(hass)
    # What the integration asks for and this test does not: a web server.
    hass.config.components |= {"http", "file_upload"}
    hass.http = types.SimpleNamespace(register_view=lambda _: None)
    entry = config_entries.ConfigEntry(
        version=1, minor_version=1, domain="mqtt", title="MQTT", source="user", unique_id=None,
        data={"broker": "127.0.0.1", "port": port, "protocol": "5"}, options={"discovery": True},
        discovery_keys=types.MappingProxyType({}), subentries_data=None,
    )  # fmt: skip
    await hass.config_entries.async_add(entry)
    assert entry.state is config_entries.ConfigEntryState.LOADED, entry.reason
    hass.set_state(core.CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done()
    return hass


def wanted(question, states):
    """Tell whether what a question waits for has come."""
    if "unavailable" in question:
        return states.count("unavailable") >= question["unavailable"]
    return sum(state not in UNKNOWN for state in states) >= question["until"]


async def answer(hass, question):
    """Do what a line asks for."""
    if "again" in question:
        await hass.services.async_call("mqtt", "publish", {"topic": "homeassistant/status", "payload": "online"})
        return {}
    end = hass.loop.time() + WAIT_S
    while True:
        states = hass.states.async_all()
        if wanted(question, [state.state for state in states]) or hass.loop.time() > end:
            break
        await asyncio.sleep(0.05)
    devices = device_registry.async_get(hass)
    return {
        "entities": {s.entity_id: {"state": s.state, **{k: str(v) for k, v in s.attributes.items()}} for s in states},
        "devices": [[one.name, one.sw_version, sorted(map(list, one.identifiers))] for one in devices.devices.values()],
        "domains": sorted({one.domain for one in entity_registry.async_get(hass).entities.values()}),
    }


async def main():
    """Answer until the input ends."""
    hass = await begin(sys.argv[1], int(sys.argv[2]))
    print(json.dumps({"ready": True}), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(await answer(hass, json.loads(line))), flush=True)
    await hass.async_stop(force=True)


asyncio.run(main())
