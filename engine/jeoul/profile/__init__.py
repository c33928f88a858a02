"""The investor's profile: questionnaire, answers, score, suitability."""

from jeoul.profile.answers import Answers, check_answers, load_answers
from jeoul.profile.form import PROFILES, questionnaire
from jeoul.profile.insurances import STRATEGIES, Choice, choice_head, choice_texts, measured
from jeoul.profile.suitability import Note, Profile, Score, classify, score
from jeoul.profile.wording import named_note, say_note, type_name

__all__ = [
    "PROFILES",
    "STRATEGIES",
    "Answers",
    "Choice",
    "Note",
    "Profile",
    "Score",
    "check_answers",
    "choice_head",
    "choice_texts",
    "classify",
    "load_answers",
    "measured",
    "named_note",
    "questionnaire",
    "say_note",
    "score",
    "type_name",
]
