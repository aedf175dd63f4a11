"""VAPH: dossiers through MAGDA, registrations of help (GIR) and dossiers that are struck."""

from adapters.contract import Adapter
from adapters.vaph.dossier import DOSSIER

ADAPTER = Adapter(source="vaph", layouts=(DOSSIER,))
