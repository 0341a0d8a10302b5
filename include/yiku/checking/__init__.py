"""Great Expectations decides: suites of expectations, their findings, and the fate of every row."""
