"""Whether black or white can be read on a colour. Source: WCAG 2.2, relative luminance and contrast ratio."""

from __future__ import annotations

READABLE = 4.5  # success criterion 1.4.3
BLACK, WHITE = "#000000", "#ffffff"


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours such as "#c8643c": from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_on(colour: str) -> str:
    """Return the colour of a text on a colour: white where it can be read, else black, which then can."""
    return WHITE if contrast(colour, WHITE) >= READABLE else BLACK


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[start : start + 2], 16) / 255) for start in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
