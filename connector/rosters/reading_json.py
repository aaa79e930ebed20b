"""A reading as the plain values that `connector roster check --json` prints."""

from typing import Any

from connector.rosters.reader import RosterReading


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
        "intake": reading.intake.value,
        "skipped": reading.skipped.total(),
        "skipped_by_kind": dict(sorted(reading.skipped.items())),
    }
