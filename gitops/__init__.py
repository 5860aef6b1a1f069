"""A library that proposes edits to a GitOps repository; it knows no Slack, Azure or request."""
