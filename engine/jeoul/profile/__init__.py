"""The investor's profile: questionnaire, answers, score, suitability."""

from jeoul.profile.answers import Answers, answers_text, check_answers, load_answers
from jeoul.profile.diagnosis import Diagnosis, diagnose, expired_reason, kept, other_insurance
from jeoul.profile.form import PROFILES, questionnaire
from jeoul.profile.insurances import (
    STRATEGIES,
    InsuranceChoice,
    choice_head,
    choice_texts,
    measured,
)
from jeoul.profile.stability import AGAIN, Stability, stability_of
from jeoul.profile.suitability import Note, Profile, Score, classify, contradictions_of, score
from jeoul.profile.wording import (
    diagnosis_notes,
    named_note,
    say_note,
    stability_text,
    type_name,
    waiting_note,
)

__all__ = [
    "AGAIN",
    "PROFILES",
    "STRATEGIES",
    "Answers",
    "Diagnosis",
    "InsuranceChoice",
    "Note",
    "Profile",
    "Score",
    "Stability",
    "answers_text",
    "check_answers",
    "choice_head",
    "choice_texts",
    "classify",
    "contradictions_of",
    "diagnose",
    "diagnosis_notes",
    "expired_reason",
    "kept",
    "load_answers",
    "measured",
    "named_note",
    "other_insurance",
    "questionnaire",
    "say_note",
    "score",
    "stability_of",
    "stability_text",
    "type_name",
    "waiting_note",
]
