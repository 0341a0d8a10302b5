"""The fictitious demo counties.

Workbooks as townships make them, with dirt that is counted.
"""

from yiku.demo.counties import Manifest, Planted, write_inbox

__all__ = ["Manifest", "Planted", "write_inbox"]
