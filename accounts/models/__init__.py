"""The company, its people and its teams."""

from accounts.models.company import Company
from accounts.models.people import Membership, Team, User

__all__ = ["Company", "Membership", "Team", "User"]
