"""Numbers as the language of the screen writes them. Pure."""

from ui.manager.page import Words


def decimal(value: float, words: Words, digits: int = 1) -> str:
    """Return `value` with the language's decimal sign: 12.5, or 12,5."""
    return f"{value:.{digits}f}".replace(".", words["manager.numbers.point"])


def megabytes(size_mb: int, words: Words) -> str:
    """Return a size in MB, or in GB where it is large."""
    return f"{decimal(size_mb / 1000, words)} GB" if size_mb >= 1000 else f"{size_mb} MB"
