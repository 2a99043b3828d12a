"""A stand-in for Azure CLI with a simulated subscription, so that scripts run without Azure."""
