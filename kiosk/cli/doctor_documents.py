"""What `kiosk doctor` finds of the centre's documents."""

from collections.abc import Iterator

from kiosk.cli.command_documents import GOOD, kept
from kiosk.cli.doctor_state import Finding
from kiosk.config import KioskConfig


def documents(config: KioskConfig | None) -> Iterator[Finding]:
    """Say which documents from the centre count; a kiosk that has none needs none."""
    found = list(kept(config)) if config is not None else []
    good = [f"{one.kind} {one.version}" + (" (on trial)" if one.state == "on trial" else "") for one in found
            if one.state in GOOD]  # fmt: skip
    if good:
        yield Finding("documents", "ok", f"from the centre: {', '.join(good)}")
    if bad := [f"{one.kind} ({one.state})" for one in found if one.state not in GOOD]:
        step = "send it again: kiosk command push; docs/documents.md has the codes"
        yield Finding("documents", "warning", f"kept and not in force: {', '.join(bad)}", step)
