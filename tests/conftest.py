"""What all tests share."""

from __future__ import annotations

from hypothesis import settings

# No deadline: a loaded machine is not a failing test.
settings.register_profile("leadwright", deadline=None, max_examples=60)
settings.load_profile("leadwright")
