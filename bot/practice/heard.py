"""The JSON that the site's pages fetch for themselves (site.md, 3 to 6)."""

from __future__ import annotations

from typing import Any

from bot.practice.people import Person, PersonKind
from bot.practice.records import ThreadMessage, ThreadShown

Json = dict[str, Any]  # a document on its way out: nothing in here reads one


def profile(person: Person, token: str) -> Json:
    """What `salesApiProfiles` tells; its badge may be stale, as on the real site."""
    off = person.kind is PersonKind.UNREACHABLE
    first, _, last = person.name.partition(" ")
    return {
        "entityUrn": urn(person.id, token),
        "fullName": person.name,
        "firstName": first,
        "lastName": last,
        "headline": person.headline,
        "location": person.location,
        "degree": person.degree,
        "inmailRestriction": "DISABLED" if off else "NO_RESTRICTION",
        "memberBadges": {
            "premium": person.premium,
            "openLink": person.open_link,
            "jobSeeker": False,
        },
        "defaultPosition": {"title": person.title, "companyName": person.company},
    }


def urn(lead_id: str, token: str) -> str:
    """How the site names a profile inside its pages."""
    return f"urn:li:fs_salesProfile:({lead_id},NAME_SEARCH,{token})"


def credits(balance: int) -> Json:
    """What `salesApiCredits` tells."""
    return {"elements": [{"type": "LSS_INMAIL", "value": balance}]}


def threads(shown: tuple[ThreadShown, ...], tokens: tuple[str, ...]) -> Json:
    """What `salesApiMessagingThreads` tells."""
    pairs = zip(shown, tokens, strict=True)
    return {"elements": [thread(each, token) for each, token in pairs]}


def thread(shown: ThreadShown, token: str) -> Json:
    """One thread with its messages, oldest first."""
    person = urn(shown.person.id, token)
    return {
        "id": shown.id,
        "unreadMessageCount": shown.unread,
        "totalMessageCount": len(shown.messages),
        "messages": [_message(message, person) for message in shown.messages],
        "participants": [person],
        "participantsResolutionResults": {
            person: {"entityUrn": person, "fullName": shown.person.name}
        },
    }


def _message(message: ThreadMessage, person: str) -> Json:
    return {
        "id": message.id,
        "type": message.type,
        "deliveredAt": int(message.at.timestamp() * 1000),
        "subject": message.subject,
        "body": message.text or "",
        "author": "urn:li:fs_salesProfile:(me)" if message.mine else person,
        "systemMessageContent": None,
    }
