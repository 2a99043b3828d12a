"""The order workflow: HTTP surface, orchestrator, activities and models."""
