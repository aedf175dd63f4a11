"""The headers of every page: nothing runs, nothing leaves, nothing is kept."""

from urllib.parse import urlsplit


def page_headers(oidc_issuer: str) -> dict[str, str]:
    """Return the headers of a personal page; forms may end at the sign-in provider."""
    return {
        "Content-Security-Policy": "; ".join(
            (
                "default-src 'none'",
                "style-src 'self'",
                "img-src 'self'",
                f"form-action 'self' {origin_of(oidc_issuer)}",
                "frame-ancestors 'none'",
                "base-uri 'none'",
            )
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }


def origin_of(address: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
