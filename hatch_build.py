"""A wheel carries the browser code that the desk serves; it is fetched when the wheel is built."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class VendorHook(BuildHookInterface):  # type: ignore[type-arg]
    """Fetches what tools/vendor.lock.json names, unless it is there."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Ends the build with what to do, if something cannot be had."""
        if version == "editable":  # a checkout: tools/setup.py sees to it
            return
        vendor = runpy.run_path(str(Path(self.root) / "tools" / "vendor.py"))
        vendor["fetch"]()
        for path, place in vendor["shipped"]().items():
            build_data["force_include"][str(path)] = place
