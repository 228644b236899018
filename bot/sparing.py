"""What a browser does not load where its owner says so (`block` under `[browser]`).

By the browser's own switches: no request is asked about one by one, and its cache stays in use,
which a route of Playwright's would switch off. It is a choice of the owner's to spare time and
traffic, and no disguise: the site can see that images are not fetched.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

# What no seat needs, and what would speak to others than the site.
ALWAYS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PARTS = ("images", "fonts", "other-hosts")
# Where the site keeps its own code, data and photos (site.md, 1).
SITE_HOSTS = ("linkedin.com", "*.linkedin.com", "*.licdn.com")
# The first four are what Playwright sets by the same switch, of which the last one counts.
_NO_IMAGES = (
    "primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4,"
    "imagesEnabled=false"
)


def switches(block: Collection[str], base_url: str) -> tuple[str, ...]:
    """The browser's switches for what is spared.

    block  of PARTS; `other-hosts` spares what is neither the site's nor at *base_url*: its name is
           not found. A browser that goes through a proxy leaves names to that.
    """
    hosts = (urlsplit(base_url).hostname or "", *SITE_HOSTS)
    excluded = ", ".join(f"EXCLUDE {host}" for host in hosts)
    known = {
        "images": f"--blink-settings={_NO_IMAGES}",
        "fonts": "--disable-remote-fonts",
        "other-hosts": f"--host-resolver-rules=MAP * ^NOTFOUND, {excluded}",
    }
    return tuple(known[part] for part in PARTS if part in block)
