"""What is wrong with ``sources.yml``."""

from yiku.settings import SettingsError


class SourcesError(SettingsError):
    """The file of sources cannot be used.

    The message names places in it, never an address or a secret.
    """
