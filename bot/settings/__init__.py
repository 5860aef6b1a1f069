"""What the bot is told before it starts: settings from the environment, the catalog from a YAML file."""

from bot.settings.catalog_file import CatalogError, load_catalog
from bot.settings.environment import PREFIX, Settings, SettingsError, load_settings

__all__ = ["PREFIX", "CatalogError", "Settings", "SettingsError", "load_catalog", "load_settings"]
