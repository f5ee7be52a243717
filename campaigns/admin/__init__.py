"""The editorial desk: it shows and collects, all decisions are made in the topic modules."""

from campaigns.admin import broadcasts, channel, editorial, log, money, people, series

__all__ = ["broadcasts", "channel", "editorial", "log", "money", "people", "series"]
