"""The screens of the desk, and how they are looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from playwright.sync_api import ViewportSize

SCREENS = {
    "today": "/",
    "campaigns": "/campaigns",
    "campaign": "/campaigns/alice/founders",
    "leads": "/leads/alice",
    "wizard": "/campaigns/new?seat=alice",
    "approve": "/approve",
    "inbox": "/inbox",
    "answer": "/inbox/alice/ACwAAVfqfQtcboGabQHitirynmotJ4PCamOz26s",
    "credits": "/credits/alice",
    "ahead": "/credits/alice/ahead",
    "last-page": "/seats/alice/last-page",
}
THEMES: dict[Literal["light", "dark"], str] = {
    "light": "rgb(245, 246, 248)",
    "dark": "rgb(18, 21, 24)",
}  # and the colour of the ground
SIZES = {
    "wide": ViewportSize(width=1280, height=900),
    "phone": ViewportSize(width=390, height=844),
}
AXE = Path(__file__).parents[2] / "out" / "tools" / "axe.min.js"


def axe_source() -> str:
    """axe-core as tools/vendor.py fetched it."""
    assert AXE.exists(), f"{AXE} is missing: `python tools/vendor.py` gets it"
    return AXE.read_text(encoding="utf-8")
