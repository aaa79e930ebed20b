"""Messages, with the mixed list that sends and then fails."""

import pytest

from tests.sandbox.client import Api, Fault


def send(api: Api, *userids: int) -> list[dict[str, object]]:
    messages = [{"touserid": userid, "text": "Còn 3 chuyên đề.", "clientmsgid": f"m{userid}"} for userid in userids]
    found: list[dict[str, object]] = api.call("core_message_send_instant_messages", messages=messages)
    return found


def sent(api: Api) -> list[int]:
    return [row[0] for row in api.site.all("SELECT useridto FROM messages ORDER BY id")]


def test_messages_to_known_people_are_sent(api: Api) -> None:
    one, two = api.users(2)
    answers = send(api, one, two, one)
    assert [answer["msgid"] for answer in answers] == [1, 2, 3]
    assert [answer["conversationid"] for answer in answers] == [1, 2, 1]
    assert answers[0]["clientmsgid"] == f"m{one}"
    assert sent(api) == [one, two, one]


def test_an_unknown_person_alone_is_an_answer(api: Api) -> None:
    (answer,) = send(api, 999999)
    assert (answer["msgid"], answer["candeletemessagesforallusers"]) == (-1, False)
    assert "999999" in str(answer["errormessage"])
    assert answer["clientmsgid"] == "m999999"


def test_a_mixed_list_sends_and_then_fails(api: Api) -> None:
    (one,) = api.users(1)
    with pytest.raises(Fault) as caught:
        send(api, one, 999999)
    assert caught.value.code == "formatnotsupported"
    assert sent(api) == [one], "a retry would send it twice"
