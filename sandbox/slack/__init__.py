"""Slack on loopback: one workspace, one app, people who write and click."""

from sandbox.slack.errors import Refused
from sandbox.slack.service import Slack

__all__ = ["Refused", "Slack"]
