"""Childcare and the care for young children: what locations and their agency send."""

from adapters.childcare import (
    child_report,
    feed,
    identity_updates,
    observations,
    recognition,
    sheet,
)
from adapters.contract import Adapter

ADAPTER = Adapter(
    source="childcare",
    layouts=(
        sheet.LAYOUT,
        feed.LAYOUT,
        observations.LAYOUT,
        child_report.LAYOUT,
        identity_updates.LAYOUT,
        recognition.LAYOUT,
    ),
)
