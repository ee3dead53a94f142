"""The lights at the manager's screen: the worst first, each with since when it is so."""

import asyncio

from kiosk.api.manager import ShowHealth
from kiosk.api.messages import LinkHealth, Role, UiHealth
from kiosk.domain.health import Part, State
from kiosk.testing.gatehouse import Gatehouse
from kiosk.testing.staff import TECHNICIAN


def shown(door):
    async def ask():
        if not door.staff.session:
            await door.staff.sign_in(TECHNICIAN)
        return (await door.staff.ask(ShowHealth())).reply.lights

    return asyncio.run(ask())


def test_every_part_has_a_light_and_the_worst_come_first():
    lights = shown(Gatehouse())
    assert {light.part for light in lights} == set(Part)
    order = [list(State).index(light.state) for light in lights]
    assert order == sorted(order, reverse=True)


def test_a_light_says_since_when_it_is_so():
    door = Gatehouse()
    bridge = door.join(Role.BRIDGE)

    async def work():
        alive = UiHealth(first_frame_ms=812.4, page="idle", shown_ns=1, sound="ok")
        await door.shell.received(door.screen, alive, None)
        await door.shell.received(bridge, LinkHealth(link="up"), None)
        door.wait(60)
        await door.shell.received(bridge, LinkHealth(link="down"), None)
        door.wait(5)
        door.wait(7)

    asyncio.run(work())
    link = next(light for light in shown(door) if light.part is Part.LINK)
    assert (link.state, link.code, link.since_s) == (State.CARE, "link_down", 7)
    sound = next(light for light in shown(door) if light.part is Part.SOUND)
    assert (sound.state, sound.since_s) == (State.GOOD, 12)
