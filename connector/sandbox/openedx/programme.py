"""The ministry's programme on a pretend Open edX: one course of 19 subsections, and one course for each topic.

The same topics as on the pretend Moodle (sandbox/content.py): odd ones are texts that a look completes, even ones are
graded quizzes of 10 points with the cutoff 0.5. The site is one that its operator has prepared for a connector: a mode
that earns certificates and no audit beside it, cohorts on, CSV sign-up and bulk enrolment on. Certificates are not
issued by themselves (Tutor's default), so that our rule decides.
"""

from connector.sandbox.content import END, START, TOPICS, day
from connector.sandbox.openedx.building import add_course, add_policy, add_service_account, seed_secret
from connector.sandbox.openedx.content import add_block
from connector.sandbox.openedx.site import MICRO, EdxSite, Features, iso

CLIENT = "connector"
ACCOUNT = "connector_worker"
COURSE = "course-v1:BKHCN+KHCN01+2025"
TITLE = "Tập huấn khoa học, công nghệ và chuyển đổi số cho cán bộ, công chức cấp xã, khóa 1"
QUIZ = "Quiz"
POINTS = 10.0
CUTOFF = 0.5


def topic_course(number: int) -> str:
    """The key of the course that holds this one topic."""
    return f"course-v1:BKHCN+CD{number:02d}+2025"


def prepared() -> Features:
    """What the operator of a site that is to be driven from outside has switched on."""
    return Features(bulk_enrolment=True, csv_signup=True, csv_signup_extra=True)


def is_seeded(site: EdxSite) -> bool:
    """Whether the site has content."""
    return site.one("SELECT 1 FROM users LIMIT 1") is not None


def seed_programme(site: EdxSite, *, secret: str, number: int = 1, seed: int = 0) -> None:
    """Write the programme's site and the application CLIENT with this secret. For a fresh state only.

    The clock is set to 08:00 of day `number`; `seed` decides how learners will study.
    """
    site.set_now(day(number))
    with site.transaction():
        site.db.execute("INSERT INTO config (name, value) VALUES ('seed', ?)", (str(seed),))
        seed_secret(site)
        add_service_account(site, ACCOUNT, CLIENT, secret)
        _course(site, COURSE, TITLE, range(1, len(TOPICS) + 1))
        for topic in range(1, len(TOPICS) + 1):
            _course(site, topic_course(topic), f"Chuyên đề {topic}: {TOPICS[topic - 1]}", [topic])


def _course(site: EdxSite, key: str, title: str, topics: range | list[int]) -> None:
    add_course(site, key, title, modes=("honor",))
    sql = "UPDATE courses SET starts = ?, ends = ?, is_cohorted = 1, cutoff = ? WHERE id = ?"
    site.db.execute(sql, (iso(START * MICRO, 0), iso(END * MICRO, 0), CUTOFF, key))
    quizzes = sum(number % 2 == 0 for number in topics)
    if quizzes:
        add_policy(site, key, QUIZ, "Q", count=quizzes, weight=1.0)
    root = add_block(site, key, None, "course", "course", title=title)
    for number in topics:
        _topic(site, key, root, number)


def _topic(site: EdxSite, course: str, root: int, number: int) -> None:
    name, title = f"cd{number:02d}", f"Chuyên đề {number}: {TOPICS[number - 1]}"
    graded = number % 2 == 0
    chapter = add_block(site, course, root, "chapter", f"{name}_c", title=title)
    format_of = {"format": QUIZ} if graded else {}
    section = add_block(site, course, chapter, "sequential", name, title=title, **format_of)
    unit = add_block(site, course, section, "vertical", f"{name}_v", title=title)
    if graded:
        add_block(site, course, unit, "problem", f"{name}_p", title=title, points=POINTS)
    else:
        add_block(site, course, unit, "html", f"{name}_h", title=title)
