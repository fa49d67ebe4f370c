"""The product: a ward's radio. Inside, everything points at ``gateway.domain``."""
