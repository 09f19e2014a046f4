"""The staff console: who waits for a person, the conversations themselves, and replies. It talks to services only."""
