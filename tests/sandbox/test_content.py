"""The seeded site has what a programme needs."""

from connector.sandbox.content import TOPICS, is_seeded, seed_site
from connector.sandbox.site import Site
from tests.sandbox.client import TOKEN, Api


def test_the_programme_site_has_both_layouts(api: Api) -> None:
    assert len(TOPICS) == 19
    keys = [f"cd{number:02d}" for number in range(1, 20)]
    rows = api.site.all("SELECT idnumber, completion, modname, gradepass FROM modules WHERE course = 2 ORDER BY id")
    assert [row[0] for row in rows] == [*keys, "gate", "cert"]
    for number, (_key, completion, modname, gradepass) in enumerate(rows[:19], start=1):
        assert (completion, modname, gradepass) == (2, "page" if number % 2 else "quiz", 0 if number % 2 else 5)
    for key in keys:
        course = api.call("core_course_get_courses_by_field", field="idnumber", value=key.replace("cd", "cd-"))
        assert api.site.one("SELECT count(*) FROM modules WHERE course = ?", (course["courses"][0]["id"],)) == (1,)


def test_accounts_fields_and_reports(api: Api) -> None:
    assert [user["id"] for user in api.find("guest", "admin")] == [1, 2]
    assert api.site.all("SELECT shortname FROM profile_fields ORDER BY sortorder") == [
        ("province",),
        ("commune",),
        ("position",),
    ]
    assert api.call("core_reportbuilder_list_reports")["reports"]
    assert api.call("core_webservice_get_site_info")["username"] == "admin"


def test_a_site_is_seeded_once() -> None:
    site = Site(":memory:")
    assert not is_seeded(site)
    seed_site(site, token=TOKEN, number=3, seed=5)
    assert is_seeded(site)
    assert site.config("seed") == "5"
    site.close()
