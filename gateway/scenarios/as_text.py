"""What `deelregie scenarios` and `deelregie decide` tell a person; made from the machine form."""

from collections.abc import Iterable, Iterator

from gateway.scenarios.as_json import Json
from gateway.scenarios.error import ScenarioError
from gateway.scenarios.wording import say


def folder_as_text(told: Json, errors: Iterable[ScenarioError]) -> Iterator[str]:
    """Every scenario that differs, every unreadable file, and the counts."""
    for one in told["scenarios"]:
        if not one["matches"]:
            yield from _difference(one)
    for error in errors:
        yield f"unreadable: {error}"
    counts = told["summary"]
    total = counts["match"] + counts["differ"]
    yield (
        f"{total} scenarios decided: {counts['match']} as expected, {counts['differ']} differ; "
        f"{counts['unreadable']} unreadable"
    )


def _difference(one: Json) -> Iterator[str]:
    yield f"{one['scenario']} differs: {one['title']}"
    for key in ("outcome", "silent"):
        expected, got = one[key]["expected"], one[key]["got"]
        if expected is not None and expected != got:
            yield f"  {key}: expected {_word(expected)}, got {_word(got)}"
    missing = sorted(set(one["obligations"]["expected"]) - set(one["obligations"]["got"]))
    if missing:
        yield f"  obligations: {', '.join(missing)} missing"
    for segment in one["segments"]:
        yield from _segment_difference(segment)
    yield ""


def _segment_difference(segment: Json) -> Iterator[str]:
    expected, got = segment["expected"], segment["got"]
    same = all(expected[key] in {None, got[key]} for key in ("effect", "rule"))
    yield f"  {segment['id']} ({segment['class']}){'' if same else '  <- differs'}"
    yield f"    expected: {expected['effect'] or 'anything'} by {expected['rule'] or 'any rule'}"
    yield f"    got:      {got['effect']} by {got['rule']}"
    if segment["reason"] is not None:
        yield f"    because:  {segment['reason']}"


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def answer_as_text(told: Json) -> Iterator[str]:
    """One decision in the language it was told in, and the views asked for."""
    language = told["language"]
    [recipient] = told["recipient"].values()
    yield f"{told['scenario']}: {told['title']}"
    yield say(language, "at", recipient=recipient, purpose=told["purpose"], at=told["at"])
    yield say(language, f"outcome_{told['outcome']}")
    if told["silent"]:
        yield say(language, "silent")
    if told["differences"]:
        yield say(language, "differs", them="; ".join(told["differences"]))
    for segment in told["segments"]:
        yield from ("", *_segment(segment, language))
    if "who_can_see" in told:
        yield from ("", *_who_can_see(told, language))
    if "if_granted" in told:
        yield from ("", *_if_granted(told["if_granted"], language))


def _segment(segment: Json, language: str) -> Iterator[str]:
    yield _headline(segment, language)
    yield f"  {segment['reason']}"
    yield "  " + say(
        language, "rule", rule=segment["rule"], tier=segment["tier"], basis=segment["basis"]
    )
    if segment["obligations"]:
        yield "  " + say(language, "obligations", them=", ".join(segment["obligations"]))
    if segment["consents"]:
        named = (f"{one['id']} ({one['by']})" for one in segment["consents"])
        yield "  " + say(language, "consents", them=", ".join(named))
    yield from _what_would_change(segment, language)


def _headline(segment: Json, language: str) -> str:
    return f"{segment['id']} ({segment['class']}): {say(language, segment['effect'])}"


def _what_would_change(segment: Json, language: str) -> Iterator[str]:
    for key in ("go_if", "stop_if"):
        for one in segment[f"would_{key}"]:
            changes = say(language, "and").join(change["text"] for change in one["changes"])
            yield "  " + say(language, key, changes=changes, rule=one["rule"])
    if segment["effect"] in {"withhold", "hold"} and not segment["would_go_if"]:
        yield "  " + say(language, "no_way")


def _who_can_see(told: Json, language: str) -> Iterator[str]:
    yield say(language, "who", purpose=told["purpose"])
    for view in told["who_can_see"]:
        yield f"  {view['service']} ({view['kind']})"
        for segment in view["segments"]:
            yield f"    {_headline(segment, language)} ({segment['rule']}). {segment['reason']}"


def _if_granted(preview: Json, language: str) -> Iterator[str]:
    grants = (_grant(one, language) for one in preview["grants"])
    yield say(language, "if", grants="; ".join(grants))
    for service in preview["services"]:
        yield f"  {service['service']} ({service['kind']})"
        before = {one["id"]: one for one in service["before"]["segments"]}
        for after in service["after"]["segments"]:
            told = _change(before[after["id"]], after, language)
            yield f"    {after['id']} ({after['class']}) {told}. {after['reason']}"


def _change(before: Json, after: Json, language: str) -> str:
    now, then = say(language, before["effect"]), say(language, after["effect"])
    if (before["effect"], before["rule"]) == (after["effect"], after["rule"]):
        return say(language, "unchanged", effect=then, rule=after["rule"])
    return say(
        language,
        "changed",
        before=now,
        before_rule=before["rule"],
        after=then,
        after_rule=after["rule"],
    )


def _grant(grant: Json, language: str) -> str:
    classes = grant["classes"]
    named = say(language, "any") if classes == "any" else ", ".join(classes)
    return say(language, "grant", by=grant["by"], classes=named, to=", ".join(grant["to"]))
