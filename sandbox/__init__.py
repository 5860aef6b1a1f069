"""Slack, Azure Resource Manager, GitHub and Argo CD on loopback, for clients that do not know the difference.

It imports nothing of the bot: what it says is a witness's word, not an accomplice's.
"""
