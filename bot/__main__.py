"""``python -m bot``."""

import gc
import sys

gc.disable()  # while modules are imported there is no garbage, only ever more to walk through
from bot.cli import main  # noqa: E402

gc.enable()
sys.exit(main())
