"""Numbers as the language of the screen writes them. Pure."""

from ui.manager.page import Words


def decimal(value: float, words: Words, digits: int = 1) -> str:
    """Return `value` with the language's decimal sign: 12.5, or 12,5."""
    return f"{value:.{digits}f}".replace(".", words["manager.numbers.point"])


def seconds(milliseconds: str, words: Words) -> str:
    """Return a whole number of milliseconds as seconds, 3 or 3.5; what is no number stays as it is."""
    if not milliseconds.isdecimal():
        return milliseconds
    return f"{int(milliseconds) / 1000:.3f}".rstrip("0").rstrip(".").replace(".", words["manager.numbers.point"])


def milliseconds(seconds: str) -> str:
    """Return seconds as somebody types them, with either decimal sign; what is no number stays as it is."""
    whole, _, part = seconds.strip().replace(",", ".").partition(".")
    if not f"{whole}{part}".isdecimal():
        return seconds
    return str(int(whole or "0") * 1000 + int(part[:3].ljust(3, "0")))


def megabytes(size_mb: int, words: Words) -> str:
    """Return a size in MB, or in GB where it is large."""
    return f"{decimal(size_mb / 1000, words)} GB" if size_mb >= 1000 else f"{size_mb} MB"
