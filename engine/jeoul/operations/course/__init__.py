"""What one account was worth along its sessions, and what moved it: the course behind its figures.

A statement, a look back at decisions and a score of promises are all read from a course.
"""

from jeoul.operations.course.of_ledger import course_of
from jeoul.operations.course.record import Course, CourseFill

__all__ = ["Course", "CourseFill", "course_of"]
