"""What kiosks have said of themselves last: presence, telemetry, what became of commands and documents."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table. Its key starts with the kiosk's path: what is asked for is one kiosk, one site or one tenant."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    key, octets, table = ("TEXT", "BLOB", "WITHOUT ROWID") if sqlite else ('TEXT COLLATE "C"', "BYTEA", "")
    op.execute(
        f"""CREATE TABLE kiosk_state (
            place {key} NOT NULL, name {key} NOT NULL, payload {octets} NOT NULL, received BIGINT NOT NULL,
            PRIMARY KEY (place, name)
        ) {table}"""
    )
