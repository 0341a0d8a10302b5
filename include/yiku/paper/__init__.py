"""What is printed: sign boards and their lists, a page a household, a file an expert. Pure, set by Typst."""
