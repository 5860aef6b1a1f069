"""The bot: a request from its first words to a workload that runs with its identity."""
