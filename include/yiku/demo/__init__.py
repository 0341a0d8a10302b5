"""The fictitious demo counties.

Workbooks as townships make them, with dirt that is counted.
"""

from yiku.demo.counties import write_inbox
from yiku.demo.manifest import Manifest, Planted
from yiku.demo.province import write_province

__all__ = ["Manifest", "Planted", "write_inbox", "write_province"]
