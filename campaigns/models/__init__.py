"""What we say, when, and what became of every single message."""

from campaigns.models.account import AccountCheck
from campaigns.models.alarms import Alarm
from campaigns.models.archive import ArchivedBroadcast
from campaigns.models.broadcasts import Broadcast, BroadcastEvent
from campaigns.models.channel import Channel, Heartbeat, InboxEntry, Reply, SeenMessage
from campaigns.models.checks import About, Check, Fault
from campaigns.models.counted import CountedBroadcast
from campaigns.models.deliveries import Attempt, Batch, Delivery, Tally
from campaigns.models.doubts import Doubt, EchoDelay
from campaigns.models.drafts import MessageVersion, Unsaved
from campaigns.models.editorial import Category, Message, MessageTemplate
from campaigns.models.media import Media
from campaigns.models.money import Budget, Charge, Rate
from campaigns.models.phone_tests import PhoneTest
from campaigns.models.press import Feed, FeedItem, PressLine
from campaigns.models.samples import Sample
from campaigns.models.series import Series, Slot
from campaigns.models.templates import ForeignTemplate, TemplateEvent

__all__ = [
    "About",
    "AccountCheck",
    "Alarm",
    "ArchivedBroadcast",
    "Attempt",
    "Batch",
    "Broadcast",
    "BroadcastEvent",
    "Budget",
    "Category",
    "Channel",
    "Charge",
    "Check",
    "CountedBroadcast",
    "Delivery",
    "Doubt",
    "EchoDelay",
    "Fault",
    "Feed",
    "FeedItem",
    "ForeignTemplate",
    "Heartbeat",
    "InboxEntry",
    "Media",
    "Message",
    "MessageTemplate",
    "MessageVersion",
    "PhoneTest",
    "PressLine",
    "Rate",
    "Reply",
    "Sample",
    "SeenMessage",
    "Series",
    "Slot",
    "Tally",
    "TemplateEvent",
    "Unsaved",
]
