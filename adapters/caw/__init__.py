"""CAW clients: intake, modules of help, corrections of a field, and families in one row."""

from adapters.caw.corrections import CORRECTIONS
from adapters.caw.families import FAMILIES
from adapters.caw.intake import INTAKE
from adapters.caw.modules import MODULES
from adapters.contract import Adapter

# Exports are written in the code page of Windows, which loses letters such as Turkish ones.
ADAPTER = Adapter(
    source="caw", layouts=(INTAKE, MODULES, CORRECTIONS, FAMILIES), code_page="windows-1252"
)
