"""Test doubles of the services and tools that generated projects talk to (`README.md`)."""
