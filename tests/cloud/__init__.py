"""Provisioning, deployment, Bicep and azd of generated projects, without Azure (`tests/fakes`)."""
