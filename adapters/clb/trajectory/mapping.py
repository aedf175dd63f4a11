"""A CLB trajectory to labelled FHIR: one part per message, about one pupil."""

from itertools import chain

from adapters.clb.delivery import Content, Told, translate_message
from adapters.clb.trajectory.episode import trajectory
from adapters.clb.trajectory.payload import Export
from adapters.contract import ReadOptions, Translation
from adapters.ledger import Ledger


def to_fhir(export: Export, options: ReadOptions) -> Translation:
    """The message with the trajectories it tells of."""

    def content(told: Told) -> Content:
        made = (trajectory(one, told) for one in export.trajectories)
        return Content(segments=tuple(chain.from_iterable(made)))

    ledger = Ledger(export.message.fields)
    return translate_message(export.message, ledger, options, content)
