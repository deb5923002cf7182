"""What a file is that we know but don't take: the answer to "why was my file refused"."""

_SEATS = "a report of seats and persons, no invoice"
_BY_NAMES: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"actor", "cost", "list_amount"}), f"an Anthropic analytics report: {_SEATS}"),
    (frozenset({"assigned_seat_count"}), f"an Anthropic analytics report: {_SEATS}"),
    (frozenset({"cadence", "model_to_messages"}), f"a ChatGPT user report: {_SEATS}"),
    (frozenset({"credits", "uncached_text_input_tokens"}), f"a ChatGPT usage report: {_SEATS}"),
    (frozenset({"Report Refresh Date", "User Principal Name"}), f"a Microsoft 365 Copilot report: {_SEATS}"),
    (frozenset({"reportRefreshDate", "userPrincipalName"}), f"a Microsoft 365 Copilot report: {_SEATS}"),
)
_BY_START: tuple[tuple[bytes, str], ...] = ((b"\xd0\xcf\x11\xe0", "an old .xls workbook; save it as .xlsx"),)


def reason(found: bytes | frozenset[str]) -> str | None:
    """What the file is, by its first bytes or by its column or field names; None when we don't know it either."""
    if isinstance(found, bytes):
        start = found.removeprefix(b"\xef\xbb\xbf").lstrip()
        if not start:
            return "an empty file"
        return next((text for mark, text in _BY_START if start.startswith(mark)), None)
    return next((text for names, text in _BY_NAMES if names <= found), None)
