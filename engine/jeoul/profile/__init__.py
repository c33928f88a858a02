"""The investor's profile: questionnaire, answers, score, suitability."""

from jeoul.profile.answers import Answers, check_answers, load_answers
from jeoul.profile.form import PROFILES, questionnaire
from jeoul.profile.suitability import Note, Profile, Score, classify, score
from jeoul.profile.wording import named_note, say_note, type_name

__all__ = [
    "PROFILES",
    "Answers",
    "Note",
    "Profile",
    "Score",
    "check_answers",
    "classify",
    "load_answers",
    "named_note",
    "questionnaire",
    "say_note",
    "score",
    "type_name",
]
