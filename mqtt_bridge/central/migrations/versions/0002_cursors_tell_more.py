"""Cursors count repeats and know since when a journal is heard of, and when it was last."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; repeats count from now on, the times come from the events that are there."""
    for column in ("repeats", "began", "heard"):
        op.execute(f"ALTER TABLE cursors ADD COLUMN {column} BIGINT NOT NULL DEFAULT 0")
    op.execute(
        """UPDATE cursors SET began = told.began, heard = told.heard FROM (
            SELECT kiosk, epoch, min(received) AS began, max(received) AS heard FROM events GROUP BY kiosk, epoch
        ) AS told WHERE told.kiosk = cursors.kiosk AND told.epoch = cursors.epoch"""
    )
