"""VAPH: dossiers through MAGDA, registrations of help (GIR) and dossiers that are struck."""

from adapters.contract import Adapter
from adapters.vaph.dossier import DOSSIER
from adapters.vaph.gir import GIR
from adapters.vaph.strike_off import STRIKE_OFF

ADAPTER = Adapter(source="vaph", layouts=(DOSSIER, GIR, STRIKE_OFF))
