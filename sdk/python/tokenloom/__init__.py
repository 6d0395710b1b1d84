"""Stubs of the Tokenloom services, generated from its protos: `tokenloom.<package>.v1`."""
