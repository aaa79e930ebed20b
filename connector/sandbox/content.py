"""What stands on the pretend sites at the start: accounts, courses, fields, reports, one token.

`seed_site` makes what a ministry's training programme needs. `seed_recorded` makes the site on which the recordings
were made (shared tools/moodle-site/*.php), number by number, so that answers can be compared.
All names of people are invented; the topics' titles are only plausible.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from connector.sandbox.building import (
    MANUAL,
    Activity,
    add_activity,
    add_category,
    add_course,
    add_group,
    add_profile_field,
    add_report,
    add_token,
    complete_by,
    restrict,
)
from connector.sandbox.reports import COHORTS, COMPLETIONS, USERS
from connector.sandbox.site import ADMIN_ID, GUEST_ID, Site

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
DAY_ONE = datetime(2025, 12, 1, 8, 0, tzinfo=VIETNAM)
START = 1764522000  # 2025-12-01T00:00+07:00, as recorded
END = 1765818000  # 2025-12-16T00:00+07:00, exclusive
TOPICS = (
    "Chủ trương của Đảng và Nhà nước về phát triển khoa học, công nghệ, đổi mới sáng tạo và chuyển đổi số",
    "Quản lý nhà nước về khoa học và công nghệ ở cấp xã",
    "Chuyển đổi số ở cấp xã: chính quyền số, kinh tế số, xã hội số",
    "An toàn thông tin và bảo vệ dữ liệu cá nhân",
    "Dịch vụ công trực tuyến và tổ công nghệ số cộng đồng",
    "Sở hữu trí tuệ và phát triển sản phẩm đặc trưng địa phương",
    "Tiêu chuẩn, đo lường, chất lượng và truy xuất nguồn gốc",
    "Ứng dụng khoa học và công nghệ trong nông nghiệp",
    "Đổi mới sáng tạo và khởi nghiệp ở địa phương",
    "Trí tuệ nhân tạo trong công việc của công chức cấp xã",
    "Khai thác dữ liệu dùng chung và cơ sở dữ liệu quốc gia",
    "Hạ tầng số và viễn thông ở cơ sở",
    "Thương mại điện tử cho hợp tác xã và hộ kinh doanh",
    "Năng lượng nguyên tử và an toàn bức xạ: kiến thức cơ bản",
    "Bưu chính, chuyển phát và địa chỉ số",
    "Truyền thông khoa học và công nghệ ở cơ sở",
    "Kỹ năng số cơ bản cho cán bộ, công chức",
    "Quản lý nhiệm vụ khoa học và công nghệ cấp cơ sở",
    "Phòng, chống tin giả và lừa đảo trực tuyến",
)
_PARTICIPANTS = '{"enrolment:status_operator":1,"enrolment:status_value":0}'


def day(number: int) -> int:
    """The epoch of 08:00 Viet Nam time on this day of the programme; day 1 is 2025-12-01."""
    return int((DAY_ONE + timedelta(days=number - 1)).timestamp())


def day_of(epoch: int) -> int:
    """The day of the programme of a moment; day 1 begins at 2025-12-01 08:00 Viet Nam time."""
    return (epoch - int(DAY_ONE.timestamp())) // (24 * 3600) + 1


def is_seeded(site: Site) -> bool:
    """Whether the site has content."""
    return site.one("SELECT 1 FROM users LIMIT 1") is not None


def seed_site(site: Site, *, token: str, number: int = 1, seed: int = 0) -> None:
    """Write the programme's site: both layouts (one course of 19 activities, 19 courses), gate, certificate, reports.

    The clock is set to 08:00 of day `number`; `seed` decides how learners will study. For a fresh state only.
    """
    site.set_now(day(number))
    site.set_config("seed", str(seed))
    with site.transaction():
        _accounts(site)
        category = add_category(site, "Bộ KH&CN", "bkhcn")
        _one_course(site, category)
        for topic in range(1, len(TOPICS) + 1):
            _topic_course(site, category, topic)
        for order, (shortname, name) in enumerate(_fields().items(), start=1):
            add_profile_field(site, shortname, name, order)
        _reports(site)
        add_token(site, token)


def _accounts(site: Site) -> None:
    for userid, username, firstname, lastname, email, description in (
        (GUEST_ID, "guest", "Guest user", " ", "root@localhost",
         "This user is a special user that allows read-only access to some courses."),
        (ADMIN_ID, "admin", "Admin", "User", "admin@example.vn", ""),
    ):  # fmt: skip
        site.db.execute(
            "INSERT INTO users (id, username, auth, firstname, lastname, email, emailkey, description, timecreated,"
            " heap) VALUES (?, ?, 'manual', ?, ?, ?, ?, ?, ?, ?)",
            (userid, username, firstname, lastname, email, email, description, site.now(), userid),
        )
    site.db.execute(
        "INSERT INTO preferences (userid, name, value) VALUES (?, 'last_time_enrolments_synced', ?)",
        (ADMIN_ID, str(site.now())),
    )
    site.db.execute(
        "INSERT INTO courses (id, category, fullname, shortname, sortorder, timecreated, contextid, gradeitem)"
        " VALUES (1, 0, ?, ?, 1, ?, 2, 0)",
        (site.switches.sitename, site.switches.sitename, site.now()),
    )
    add_category(site, "Category 1", None)


def _fields() -> dict[str, str]:
    return {"province": "Tỉnh/Thành phố", "commune": "Xã/Phường/Đặc khu", "position": "Chức vụ"}


def _activity(number: int, section: int) -> Activity:
    """Odd topics are pages that a look completes; even ones are quizzes with a pass mark of 5 out of 10."""
    return Activity(
        modname="page" if number % 2 else "quiz",
        name=f"Chuyên đề {number}: {TOPICS[number - 1]}",
        idnumber=f"cd{number:02d}",
        section=section,
    )


def _one_course(site: Site, category: int) -> None:
    course = add_course(
        site,
        category,
        "Tập huấn khoa học, công nghệ và chuyển đổi số cho cán bộ, công chức cấp xã, khóa 1",
        "BKHCN-2025-01",
        "bkhcn-2025-01",
        startdate=START,
        enddate=END,
        sections=len(TOPICS),
    )
    for number in range(1, len(TOPICS) + 1):
        add_activity(site, course, _activity(number, number))
    add_activity(site, course, Activity(modname="page", name=_GATE, idnumber="gate", completion=MANUAL))
    cert = add_activity(site, course, Activity(modname="customcert", name=_CERTIFICATE, idnumber="cert", completion=0))
    restrict(site, cert, add_group(site, course, "Đủ điều kiện", "eligible"))


_GATE = "Đủ điều kiện cấp chứng nhận"
_CERTIFICATE = "Giấy chứng nhận"


def _topic_course(site: Site, category: int, number: int) -> None:
    key = f"cd-{number:02d}"
    course = add_course(site, category, f"Chuyên đề {number}: {TOPICS[number - 1]}", key.upper(), key, startdate=START)
    complete_by(site, course, add_activity(site, course, _activity(number, 1)))


def _reports(site: Site) -> None:
    add_report(site, "connector-completions", COMPLETIONS, _PARTICIPANTS)
    add_report(site, "connector-users", USERS, '{"user:suspended_operator":2}')
    add_report(site, "connector-cohorts", COHORTS, '{"cohort:visible_operator":1}')


def seed_recorded(site: Site, *, token: str) -> None:
    """Write the site of the recordings as it was before the first recorded call: two accounts, three courses.

    The certificate is not restricted yet and there are no reports: `add_recorded_gate` and `add_recorded_reports`
    follow where the recordings go on.
    """
    site.set_now(_RECORDED_AT)
    with site.transaction():
        _accounts(site)
        category = add_category(site, "Bộ KH&CN", "bkhcn", _LOREM)
        _recorded_course(site, category)
        for number in (1, 2):
            key = f"cd-{number}"
            course = add_course(site, category, f"Chuyên đề riêng {number}", key.upper(), key, summary=_LOREM)
            lesson = Activity(modname="page", name=f"Bài {number}", idnumber=f"bai{number}", completion=MANUAL)
            complete_by(site, course, add_activity(site, course, lesson))
        for shortname, name in _fields().items():
            add_profile_field(site, shortname, name)
        add_token(site, token)


_RECORDED_AT = 1795315503
_LOREM = "Test course 1<br />\nLorem ipsum dolor sit amet."


def _recorded_course(site: Site, category: int) -> None:
    course = add_course(
        site,
        category,
        "Tập huấn KHCN cấp xã khóa 1",
        "BKHCN-2025-01",
        "bkhcn-2025-01",
        startdate=START,
        enddate=END,
        sections=4,
        summary=_LOREM,
    )
    for number, modname in enumerate(("page", "page", "quiz", "quiz"), start=1):
        name = f"Chuyên đề {number}"
        add_activity(site, course, Activity(modname=modname, name=name, idnumber=f"cd{number:02d}", section=number))
    add_activity(site, course, Activity(modname="page", name=_GATE, idnumber="gate", completion=MANUAL))
    add_activity(site, course, Activity(modname="customcert", name=_CERTIFICATE, idnumber="cert", completion=0))


def add_recorded_gate(site: Site) -> None:
    """Group "eligible", and the certificate restricted to it (tools/moodle-site/3-certificate-gate.php)."""
    for cmid, course in site.all("SELECT id, course FROM modules WHERE modname = 'customcert'"):
        restrict(site, cmid, add_group(site, course, "Đủ điều kiện", "eligible"))


def add_recorded_reports(site: Site) -> None:
    """The three custom reports (tools/moodle-site/4-reports.php)."""
    _reports(site)
