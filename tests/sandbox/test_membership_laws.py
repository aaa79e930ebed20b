"""Laws over any sequence of joining and leaving: the site agrees with a plain set, and enrolment follows membership."""

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.sandbox.building import add_cohort_enrolment
from tests.sandbox.client import Api, fresh
from tests.sandbox.test_cohorts import add, member, members

COHORTS = ("VN-01", "VN-31")
STEPS = st.lists(st.tuples(st.booleans(), st.sampled_from(range(2)), st.integers(0, 3)), max_size=15)


def prepared() -> tuple[Api, list[int], list[int]]:
    api = fresh()
    cohorts = [api.cohort(idnumber) for idnumber in COHORTS]
    for cohort in cohorts:
        add_cohort_enrolment(api.site, api.course(), cohort)
    return api, cohorts, api.users(4)


@given(STEPS)
@settings(max_examples=25)
def test_members_are_a_set_and_enrolment_follows(steps: list[tuple[bool, int, int]]) -> None:
    api, cohorts, people = prepared()
    model: list[set[int]] = [set(), set()]
    for joins, cohort, person in steps:
        userid = people[person]
        if joins:
            codes = [code for code, _text in add(api, member(COHORTS[cohort], userid, user_by="id"))]
            assert codes == (["3"] if userid in model[cohort] else [])
            model[cohort].add(userid)
        else:
            pair = {"cohortid": cohorts[cohort], "userid": userid}
            api.call("core_cohort_delete_cohort_members", members=[pair])
            model[cohort].discard(userid)
    assert [set(members(api, cohort)) for cohort in cohorts] == model
    enrolled = {user["id"] for user in api.call("core_enrol_get_enrolled_users", courseid=api.course())}
    assert enrolled == model[0] | model[1]
    roles = {row[0] for row in api.site.all("SELECT userid FROM roles")}
    assert roles == enrolled
    api.site.close()
