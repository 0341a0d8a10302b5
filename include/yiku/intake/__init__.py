"""Where files come from: the inbox, the archive of every content, and its journal."""
