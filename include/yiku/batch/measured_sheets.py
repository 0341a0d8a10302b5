"""What was measured of a table as a whole, with the facts of its message."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Measured:
    """Collects measures and their facts for one table."""

    measures: dict[str, float] = field(default_factory=dict)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, rule: str, measure: float, **facts: Any) -> None:
        """Keep what was measured for a rule, 0 where it is fine, and what its message says."""
        self.measures[rule] = float(measure)
        self.facts[rule] = facts
