"""One file per channel: turns its updates into our messages, and ours into its own."""
