"""The whole stack in one command."""
