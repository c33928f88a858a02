"""The numbers of 2026 as the statutes print them, and the taxes that follow from them.

Nothing of the engine is used here: what the engine says about a person is checked against these
lines, so each number names the paragraph it was read in. National taxes only; the local income tax
is a tenth of them (지방세법 §§92, 103의13).
"""

from __future__ import annotations

from fractions import Fraction

Bands = tuple[tuple[int | None, Fraction], ...]

BRACKETS: Bands = (  # 소득세법 §55①
    (14_000_000, Fraction(6, 100)),
    (50_000_000, Fraction(15, 100)),
    (88_000_000, Fraction(24, 100)),
    (150_000_000, Fraction(35, 100)),
    (300_000_000, Fraction(38, 100)),
    (500_000_000, Fraction(40, 100)),
    (1_000_000_000, Fraction(42, 100)),
    (None, Fraction(45, 100)),
)
WAGE_DEDUCTION: Bands = (  # 소득세법 §47①
    (5_000_000, Fraction(70, 100)),
    (15_000_000, Fraction(40, 100)),
    (45_000_000, Fraction(15, 100)),
    (100_000_000, Fraction(5, 100)),
    (None, Fraction(2, 100)),
)
WAGE_DEDUCTION_MOST = 20_000_000  # 소득세법 §47①
PENSION_DEDUCTION: Bands = (  # 소득세법 §47의2①
    (3_500_000, Fraction(1)),
    (7_000_000, Fraction(40, 100)),
    (14_000_000, Fraction(20, 100)),
    (None, Fraction(10, 100)),
)
PENSION_DEDUCTION_MOST = 9_000_000  # 소득세법 §47의2①
BASIC_DEDUCTION = 1_500_000  # 소득세법 §50①, for each person
STANDARD_CREDIT_WAGES = 130_000  # 소득세법 §59의4⑨1
STANDARD_CREDIT = 70_000  # 소득세법 §59의4⑨2나

PENSION_PREMIUM = Fraction(475, 10_000)  # 국민연금법 §88: 9.5 % in 2026, half of it the employee's
PENSION_BASES = (  # 국민연금 기준소득월액: January to June, then July to December, a month
    (400_000, 6_370_000),
    (410_000, 6_590_000),
)
HEALTH_PREMIUM = Fraction(3_595, 100_000)  # 국민건강보험법 시행령 §44: 7.19 %, half of it
CARE_PREMIUM = Fraction(1_314, 10_000)  # 장기요양보험료: of the health premium
EMPLOYMENT_PREMIUM = Fraction(9, 1_000)  # 고용산재보험료징수법 시행령 §12: the employee's part

WITHHOLDING = Fraction(14, 100)  # 소득세법 §129①1라·2나
NOT_COLLECTED_BELOW = 1_000  # 소득세법 §86 1: but for interest
COLLECTED_IN = 10  # 국고금 관리법 §47; 지방회계법 §54
FINANCIAL_LIMIT = 20_000_000  # 소득세법 §14③6

SAVINGS_CREDITED = 6_000_000  # 소득세법 §59의3①
CREDITED = 9_000_000  # 소득세법 §59의3①
CREDIT_HIGH, CREDIT_LOW = Fraction(15, 100), Fraction(12, 100)  # 소득세법 §59의3①
HIGH_CREDIT_WAGES, HIGH_CREDIT_INCOME = 55_000_000, 45_000_000  # 소득세법 §59의3①
PENSION_ROOM = 18_000_000  # 소득세법 시행령 §40의2②1
PENSION_AGE, PENSION_YEARS = 55, 5  # 소득세법 시행령 §40의2③
RECEIPT_YEARS = 10  # 소득세법 시행령 §40의2③3: a tenth a year stays within 120 % / (11 - n)
SEPARATE_RECEIPTS = 15_000_000  # 소득세법 §14③9다
LUMP = Fraction(15, 100)  # 소득세법 §129①6나

ISA_YEARLY, ISA_TOTAL, ISA_YEARS_COUNTED = 20_000_000, 100_000_000, 4  # 조특법 §91의18③5
ISA_FREE, ISA_FREE_LOW = 2_000_000, 4_000_000  # 조특법 §91의18②
ISA_LOW_WAGES, ISA_LOW_INCOME = 50_000_000, 38_000_000  # 조특법 §91의18②1
ISA_RATE = Fraction(9, 100)  # 조특법 §91의18①
ISA_TERM = 3  # 조특법 §91의18⑦: years from the day of the contract
ISA_AGE, ISA_AGE_WITH_WAGES = 19, 15  # 조특법 §91의18①


def over(bands: Bands, amount: int | Fraction) -> Fraction:
    """Sum an amount over marginal bands, exactly."""
    total, below = Fraction(0), 0
    for bound, rate in bands:
        top = amount if bound is None else min(amount, bound)
        total += max(Fraction(0), Fraction(top - below)) * rate
        if bound is None or amount <= bound:
            break
        below = bound
    return total


def wage_income(wages: int) -> Fraction:
    """근로소득금액: wages less the wage deduction."""
    return wages - min(Fraction(WAGE_DEDUCTION_MOST), over(WAGE_DEDUCTION, wages))


def insurance(wages: int) -> Fraction:
    """What an employee pays in a year for the public pension, health, care and employment."""
    month = Fraction(wages, 12)
    pension = sum(
        6 * min(Fraction(most), max(Fraction(least), month)) * PENSION_PREMIUM
        for least, most in PENSION_BASES
    )
    health = wages * HEALTH_PREMIUM
    return pension + health * (1 + CARE_PREMIUM) + wages * EMPLOYMENT_PREMIUM


def wage_credit(wages: int, tax: Fraction) -> Fraction:
    """근로소득세액공제 on the tax that belongs to the wages (소득세법 §59)."""
    found = tax * 55 / 100
    if tax > 1_300_000:
        found = 715_000 + (tax - 1_300_000) * 30 / 100
    if wages <= 33_000_000:
        most = Fraction(740_000)
    elif wages <= 70_000_000:
        most = max(Fraction(660_000), 740_000 - Fraction(wages - 33_000_000) * 8 / 1_000)
    elif wages <= 120_000_000:
        most = max(Fraction(500_000), 660_000 - Fraction(wages - 70_000_000) / 2)
    else:
        most = max(Fraction(200_000), 500_000 - Fraction(wages - 120_000_000) / 2)
    return min(found, most)


def tax_on_incomes(wages: int, other: int, people: int) -> int:
    """The year's national tax before the pension credit, to the nearest won.

    Deducted are the basic deductions of ``people`` and, with wages, the four insurances; credited
    are the wage credit on the tax of the wages, and the standard credit. Whoever takes the
    deduction for health, care and employment insurance gives the standard credit of wages up
    (§59의4⑨1); both are taken here, so the tax that a pension credit can reduce is not overstated.
    """
    total = wage_income(wages) + other
    if not total:
        return 0
    deducted = people * BASIC_DEDUCTION + (insurance(wages) if wages else 0)
    return tax_on_base(wages, other, max(Fraction(0), total - deducted))


def tax_on_base(wages: int, other: int, base: Fraction) -> int:
    """The same on a tax base that is known already, after whatever deductions there were."""
    income = wage_income(wages)
    total = income + other
    tax = over(BRACKETS, base)
    credit = Fraction(STANDARD_CREDIT)
    if wages:
        credit = wage_credit(wages, tax * income / total) + STANDARD_CREDIT_WAGES
    return max(0, round(tax - credit))


def collected(base: int, rate: Fraction, least: int = NOT_COLLECTED_BELOW) -> int:
    """What is withheld from a payment, national and local: each in tens of won, none if small."""
    national = int(base * rate) // COLLECTED_IN * COLLECTED_IN
    if national < least:
        return 0
    return national + with_local(national)


def with_local(national: int) -> int:
    """The local income tax on a national tax."""
    return national // 10 // COLLECTED_IN * COLLECTED_IN


def comprehensive_extra(financial: int, other: int) -> int:
    """What interest and dividends cost in May beyond what was withheld (소득세법 §62).

    ``other`` is the taxable income beside them, after its deductions.
    """
    if financial <= FINANCIAL_LIMIT:
        return 0
    one = over(BRACKETS, financial - FINANCIAL_LIMIT + other) + FINANCIAL_LIMIT * WITHHOLDING
    two = financial * WITHHOLDING + over(BRACKETS, other)
    national = max(0, int(one - two))
    return national + with_local(national)


def receipt_rate(age: int) -> Fraction:
    """소득세법 §129①5의2가, by the age on the day of receipt."""
    return Fraction(5 if age < 70 else 4 if age < 80 else 3, 100)


def tax_on_pensions(receipts: int) -> int:
    """The national tax on public and private pensions taxed together, alone on the return."""
    deducted = min(Fraction(PENSION_DEDUCTION_MOST), over(PENSION_DEDUCTION, receipts))
    base = max(Fraction(0), receipts - deducted - BASIC_DEDUCTION)
    return max(0, int(over(BRACKETS, base)) - STANDARD_CREDIT)
