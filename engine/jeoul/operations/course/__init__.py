"""What one account was worth along its sessions, and what moved it: the course behind its figures.

A statement, a look back at decisions and a score of promises are all read from a course.
"""

from jeoul.operations.course.of_files import course_of_files
from jeoul.operations.course.of_ledger import course_of
from jeoul.operations.course.record import AccountCourse, CourseFill, CoursePayment

__all__ = ["AccountCourse", "CourseFill", "CoursePayment", "course_of", "course_of_files"]
