"""JSON bodies as GitHub gives them, from plain values; tests hold them against its OpenAPI description."""
