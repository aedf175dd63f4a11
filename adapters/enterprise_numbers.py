"""Numbers of organisations and professionals: KBO, establishment (vestiging) and RIZIV."""

import re

_PUNCTUATION = re.compile(r"[ .\-/]")


def parse_kbo(text: str) -> str | None:
    """Ten digits of an enterprise number, from the VAT and nine-digit spellings too."""
    digits = _PUNCTUATION.sub("", text).upper().removeprefix("BE")
    if re.fullmatch(r"[0-9]{9}", digits):
        digits = f"0{digits}"
    return digits if re.fullmatch(r"[01][0-9]{9}", digits) and _mod_97(digits) else None


def parse_establishment(text: str) -> str | None:
    """Ten digits of an establishment number (first digit 2 to 8)."""
    digits = _PUNCTUATION.sub("", text)
    return digits if re.fullmatch(r"[2-8][0-9]{9}", digits) and _mod_97(digits) else None


def parse_riziv(text: str) -> str | None:
    """Eleven (or the older eight) digits; newer numbers count modulo 89 instead of 97."""
    digits = _PUNCTUATION.sub("", text)
    if not re.fullmatch(r"[0-9]{8}(?:[0-9]{3})?", digits):
        return None
    stem, check = int(digits[:6]), int(digits[6:8])
    return digits if check in {97 - stem % 97, 89 - stem % 89} else None


def _mod_97(digits: str) -> bool:
    return 97 - int(digits[:8]) % 97 == int(digits[8:])
