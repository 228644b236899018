"""`python -m bot` is `leadwright`."""

import sys

from bot.cli.main import main

sys.exit(main())
