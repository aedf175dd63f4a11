"""Every source the hub can read; a new one is one line here and one folder beside it."""

from adapters import caw, childcare, clb, vaph
from adapters.contract import Adapter

ADAPTERS: dict[str, Adapter] = {
    "caw": caw.ADAPTER,
    "childcare": childcare.ADAPTER,
    "clb": clb.ADAPTER,
    "vaph": vaph.ADAPTER,
}
