"""``jeoul taxes``: a tax promised and the tax paid, and why they differ."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from jeoul.cli.options import json_option, language_option, reform_option, rules_of_option
from jeoul.cli.schemas import OutputForm
from jeoul.errors import UsageError
from jeoul.messages import say
from jeoul.workspace.today import day_of

if TYPE_CHECKING:
    from jeoul.account.statements import Statement
    from jeoul.advice.causes import PromiseComparison
    from jeoul.advice.person import Person
    from jeoul.advice.tax_promise import TaxPromise
    from jeoul.advice.year_tax import YearFacts
    from jeoul.korea.rulebook import Rulebook

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("promise", type=_FILE)
@click.argument("statements", metavar="STATEMENT...", type=_FILE, nargs=-1, required=True)
@click.option("--person", type=_FILE, help="The person of a plan's JSON.")
@click.option("--as-of", metavar="DATE", help="Day on which a person's plan is made.")
@reform_option
@rules_of_option
@language_option
@json_option
@click.pass_context
def taxes(
    context: click.Context,
    promise: Path,
    statements: tuple[Path, ...],
    person: Path | None,
    as_of: str | None,
    reforms: tuple[str, ...],
    rules_of: int | None,
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Compare PROMISE with the tax that each STATEMENT says was paid, and explain the difference.

    PROMISE is a person's file, or the JSON of `jeoul plan` or `jeoul ask`. STATEMENT is
    a broker's certificate of withholding or a year-end settlement (원천징수영수증) as CSV, .xlsx,
    HTML or TOML. Exit code 1 if a difference stays unexplained, 2 if a file cannot be used.
    """
    from jeoul.account.statements import read_statement
    from jeoul.advice.explain import notice
    from jeoul.advice.tax_promise import read_tax_promise
    from jeoul.files.text import read_text

    promised = read_tax_promise(read_text(promise), str(promise))
    read = [(file, read_statement(file)) for file in statements]
    asked = _Asked(
        file=promise,
        promise=promised,
        person=person,
        as_of=as_of,
        reforms=reforms,
        rules_of=rules_of,
    )
    found = [
        (file, statement, comparison)
        for file, statement in read
        for comparison in asked.compare(file, statement)
    ]
    book = asked.book(read[0][1].year)
    if as_json is not None:
        as_json.write({"comparisons": [_data(*each, lang) for each in found]})
    else:
        click.echo("\n".join(line for each in found for line in _lines(*each, lang)))
    click.echo(notice(lang, book), err=as_json is not None)
    context.exit(1 if any(comparison.unexplained for _, _, comparison in found) else 0)


class _Asked(NamedTuple):
    """What a command line asks to compare."""

    file: Path
    promise: TaxPromise
    person: Path | None
    as_of: str | None
    reforms: tuple[str, ...]
    rules_of: int | None

    def book(self, year: int) -> Rulebook:
        """Return the rules of a year."""
        from jeoul.korea.tables import load_rules

        return load_rules(year, reforms=self.reforms, rules_of=self.rules_of)

    def compare(self, file: Path, statement: Statement) -> tuple[PromiseComparison, ...]:
        """Return the comparisons of a statement; refuse one that the promise says nothing of."""
        from jeoul.account.statements import WithholdingCertificate
        from jeoul.advice.tax_promise import RulePromise
        from jeoul.advice.withheld_tax import KINDS, compare_withheld
        from jeoul.advice.year_tax import compare_year

        promise = self.promise
        if isinstance(promise, RulePromise):
            kinds = KINDS[promise.rule]
            if not isinstance(statement, WithholdingCertificate) or not any(
                payment.kind in kinds for payment in statement.payments
            ):
                raise UsageError(
                    f"{file} certifies no payment of the kind that {promise.rule} promises; give "
                    "the certificate of that account"
                )
            book = self.book(statement.year)
            return (compare_withheld(book, promise.rule, promise.given, statement),)
        if isinstance(statement, WithholdingCertificate):
            raise UsageError(
                f"{file} is a certificate of withholding; {self.file} promises a year's tax; give "
                "the year-end settlement, or a rule as the promise"
            )
        person = self._person_of(statement.year)
        book = self.book(statement.year)
        return compare_year(book, self._facts(book, person), statement)

    def _person_of(self, year: int) -> Person:
        """Return the person of the promise; refuse one of another year than the statement's."""
        from jeoul.advice.tax_promise import PlanPromise
        from jeoul.cli.plan import load_person

        file = self.file
        if isinstance(self.promise, PlanPromise):
            if self.person is None:
                raise UsageError(
                    f"{self.file} is a plan without its person; give the person's file with "
                    "--person"
                )
            file = self.person
        person = load_person(file, self.reforms, self.rules_of)
        if person.year != year:
            said = f"{file} is of {person.year}, the statement of {year}"
            raise UsageError(f"{said}; give the statement of that year")
        return person

    def _facts(self, book: Rulebook, person: Person) -> YearFacts:
        from jeoul.advice.plan import make_plan
        from jeoul.advice.tax_promise import PlanPromise
        from jeoul.advice.year_tax import facts_of

        into = self.promise
        if not isinstance(into, PlanPromise):
            split = make_plan(book, person, day_of(self.as_of)).split
            into = PlanPromise(split.pension_savings, split.irp)
        paid = person.pension
        return facts_of(
            book, person, paid.savings_paid + into.pension_savings, paid.irp_paid + into.irp
        )


def _lines(
    file: Path, statement: Statement, found: PromiseComparison, language: str
) -> Iterator[str]:
    title = {
        "file": file,
        "year": statement.year,
        "figure": say(language, f"figure.{found.figure.replace('.', '_')}"),
    }
    yield say(language, "taxes.title", title)
    amounts = {
        "promised": found.promised,
        "paid": found.paid,
        "difference": found.paid - found.promised,
    }
    yield say(language, "taxes.amounts", amounts)
    for cause in found.causes:
        detail = {"cause": say(language, f"cause.{cause.name}"), "amount": cause.amount}
        yield say(language, "taxes.cause", detail)
    left = "taxes.unexplained" if found.unexplained else "taxes.explained"
    yield say(language, left, {"amount": found.unexplained})


def _data(
    file: Path, statement: Statement, found: PromiseComparison, language: str
) -> dict[str, object]:
    return {
        "file": str(file),
        "year": statement.year,
        "figure": found.figure,
        "promised": found.promised,
        "paid": found.paid,
        "difference": found.paid - found.promised,
        "causes": [
            {**cause._asdict(), "text": say(language, f"cause.{cause.name}")}
            for cause in found.causes
        ],
        "unexplained": found.unexplained,
    }
