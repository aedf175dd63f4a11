"""CLB files: the layouts of a LARS-like export."""

from adapters.clb.contact import CONTACT
from adapters.clb.report import REPORT
from adapters.clb.trajectory import TRAJECTORY
from adapters.clb.transfer import TRANSFER
from adapters.contract import Adapter

ADAPTER = Adapter(source="clb", layouts=(TRAJECTORY, REPORT, TRANSFER, CONTACT))
