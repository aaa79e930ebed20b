"""A reading as the plain values that `connector roster check --json` prints."""

from typing import Any

from connector.mappers.roster_doubts import doubt_text
from connector.rosters.reader import RosterReading, column_letters


def as_json(reading: RosterReading) -> dict[str, Any]:
    """The accepted and refused rows and the number of skipped ones; the phone in E.164, codes as strings."""
    return {
        "accepted": [
            {
                "sheet": learner.origin.sheet,
                "source_row": learner.origin.row,
                "full_name": learner.full_name,
                "phone": learner.phone,
                "province_code": learner.province_code,
                "commune_code": learner.commune_code,
                "workplace": learner.workplace,
                "position": learner.position,
                "notices": list(learner.notices),
                **({"registered_at": learner.registered_at.isoformat()} if learner.registered_at else {}),
            }
            for learner in reading.accepted
        ],
        "refused": [
            {"sheet": row.origin.sheet, "source_row": row.origin.row, "code": row.code, "column": row.column}
            for row in reading.refused
        ],
        "doubtful": [
            {
                "sheet": row.learner.origin.sheet,
                "source_row": row.learner.origin.row,
                "cell": row.cell,
                "full_name": row.learner.full_name,
                "phone": row.learner.phone,
                "province_code": row.learner.province_code,
                "commune_code": row.learner.commune_code,
                "doubts": [
                    {"code": doubt.code, "column": doubt.column, "value": doubt.value, "text": doubt_text(doubt.code)}
                    for doubt in row.doubts
                ],
            }
            for row in reading.doubtful
        ],
        "questions": [
            {
                "sheet": question.sheet,
                "code": question.code,
                "text": doubt_text(question.code),
                "answers": [
                    {"column": column_letters(one.column), "head": one.head, "people": one.people}
                    for one in question.choices
                ],
            }
            for question in reading.questions
        ],
        "intake": reading.intake.value,
        "skipped": reading.skipped.total(),
        "skipped_by_kind": dict(sorted(reading.skipped.items())),
    }
