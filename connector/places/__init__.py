"""Provinces and communes of Viet Nam in force: catalogue, spelling and exact look-up. Reads its own data only."""

from connector.places.catalogue import (
    Commune,
    Province,
    commune_by_code,
    communes_of,
    province_by_code,
    provinces,
)
from connector.places.search import Ambiguous, ProvinceMatch, find_commune, find_province
from connector.places.spelling import folded, tidy

__all__ = [
    "Ambiguous",
    "Commune",
    "Province",
    "ProvinceMatch",
    "commune_by_code",
    "communes_of",
    "find_commune",
    "find_province",
    "folded",
    "province_by_code",
    "provinces",
    "tidy",
]
