"""The room's door to icalendar: the days of a stage as a calendar that phones and schools read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from icalendar import Alarm, Calendar, vText
from icalendar import Event as Component

from app.kernel.clock import PARIS
from app.placements.stage_rules import Event


def calendar(name: str, events: Sequence[Event], *, remind: bool = False) -> bytes:
    """`events` as RFC 5545, in Paris time. With `remind`, an alarm the evening before (12 hours) rings."""
    found = Calendar()
    found.add("prodid", "-//Passerelle ESS//FR")
    found.add("version", "2.0")
    found.add("calscale", "GREGORIAN")
    found.add("method", "CANCEL" if events and all(event.cancelled for event in events) else "PUBLISH")
    found.add("x-wr-calname", name)
    found.add("x-wr-timezone", PARIS.key)
    found.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for event in events:
        found.add_component(_component(event, remind))
    if events:
        found.add_missing_timezones()
    return bytes(found.to_ical())


def _component(event: Event, remind: bool) -> Component:
    one = Component()
    one.add("uid", event.uid)
    one.add("dtstamp", event.changed_at)
    one.add("last-modified", event.changed_at)
    one.add("sequence", event.sequence)
    one.add("dtstart", event.starts.astimezone(PARIS))
    one.add("dtend", event.ends.astimezone(PARIS))
    one.add("summary", event.title)
    one.add("location", vText(event.place))
    one.add("description", event.words)
    one.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    one.add("transp", "OPAQUE")
    if remind and not event.cancelled:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", event.title)
        alarm.add("trigger", timedelta(hours=-12))
        one.add_component(alarm)
    return one
