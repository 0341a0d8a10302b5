"""Places: what clerks write for a town, a village or an address, resolved to division codes."""
