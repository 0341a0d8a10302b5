"""What the product keeps for how long, and the old files of a home.

What came in, what was made of it and who looked is evidence and is kept: see ``retention.yml``.
"""

from yiku.housekeeping.old_files import OldFiles, old_files
from yiku.housekeeping.retention import Retention, load_retention

__all__ = ["OldFiles", "Retention", "load_retention", "old_files"]
