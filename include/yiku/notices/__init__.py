"""Digests.

One for each recipient and night, grouped, Chinese first, with no number of a person in
it.
"""

from yiku.notices.channels import ChannelDownError, ChannelRefusedError, send
from yiku.notices.digests import Digest, NoticeFact, build_digests, should_send
from yiku.notices.night import Sent, deliver, notify
from yiku.notices.recipients import (
    Recipient,
    RecipientBook,
    RecipientsError,
    load_recipients,
)

__all__ = [
    "ChannelDownError",
    "ChannelRefusedError",
    "Digest",
    "NoticeFact",
    "Recipient",
    "RecipientBook",
    "RecipientsError",
    "Sent",
    "build_digests",
    "deliver",
    "load_recipients",
    "notify",
    "send",
    "should_send",
]
