"""The sales process that a company starts with: eight steps, and what to make sure of in each."""

from __future__ import annotations

from typing import NamedTuple

from django.db import transaction

from pipeline.models import Category, Criterion, Outcome, SalesProcess, Stage


class Must(NamedTuple):
    """An exit criterion in both languages."""

    name: str
    name_ko: str
    is_must: bool = True


class Step(NamedTuple):
    """A stage with its exit criteria."""

    name: str
    name_ko: str
    probability: str
    category: Category
    outcome: Outcome = Outcome.OPEN
    criteria: tuple[Must, ...] = ()


STEPS = (
    Step(
        "Qualify the opportunity",
        "기회의 가능성 판단",
        "0.05",
        Category.OMITTED,
        criteria=(
            Must(
                "The customer needs something that we can deliver", "우리가 풀 수 있는 요구가 있음"
            ),
            Must(
                "It is known which budget would pay for it",
                "어느 예산에서 지출할지 확인함",
                is_must=False,
            ),
            Must("A first meeting is agreed", "첫 미팅을 약속함", is_must=False),
        ),
    ),
    Step(
        "Identify the problem",
        "과제 파악",
        "0.10",
        Category.PIPELINE,
        criteria=(
            Must(
                "The customer has told the problem in their own words", "고객이 과제를 직접 설명함"
            ),
            Must("Somebody inside wants it solved: the champion", "내부 추진자를 찾음"),
            Must(
                "What the problem costs today is put in figures",
                "과제로 생기는 손실을 수치로 정리함",
                is_must=False,
            ),
        ),
    ),
    Step(
        "Agree value with the champion",
        "추진자와 도입 가치 합의",
        "0.20",
        Category.PIPELINE,
        criteria=(
            Must("The champion agrees with the benefit we expect", "추진자가 기대 효과에 동의함"),
            Must("It is known who decides and in which order", "의사결정자와 결정 절차를 파악함"),
            Must(
                "The departments concerned have seen a demo or trial",
                "관련 부서가 데모나 시범 도입을 봄",
                is_must=False,
            ),
        ),
    ),
    Step(
        "Agree value with the decision-maker",
        "의사결정자와 도입 가치 합의",
        "0.40",
        Category.BEST_CASE,
        criteria=(
            Must(
                "The decision-maker has agreed with the value in person",
                "의사결정자가 도입 가치에 직접 동의함",
            ),
            Must("The budget is confirmed", "예산을 확정함"),
            Must("The date of introduction is agreed", "도입 시점을 합의함", is_must=False),
        ),
    ),
    Step(
        "Negotiate price and agree mutually",
        "가격 협상과 상호 합의",
        "0.60",
        Category.BEST_CASE,
        criteria=(
            Must("Price and scope are agreed by both sides", "가격과 범위를 양쪽이 합의함"),
            Must(
                "Discounts are approved on our side", "할인에 대한 사내 승인을 받음", is_must=False
            ),
        ),
    ),
    Step(
        "Contract procedure",
        "계약 체결 절차",
        "0.80",
        Category.COMMIT,
        criteria=(
            Must("Both sides' lawyers have passed the contract", "양쪽 법무 검토를 마침"),
            Must("It is known who signs on both sides and when", "양쪽 서명자와 서명일을 확인함"),
        ),
    ),
    Step(
        "Resolve missing paperwork",
        "서류 미비에 대한 대응",
        "0.90",
        Category.COMMIT,
        criteria=(
            Must("No document is missing any more", "빠진 서류가 없음"),
            Must("The signed contract or order has come", "서명한 계약서나 발주서를 받음"),
        ),
    ),
    Step("Won", "수주", "1", Category.CLOSED, Outcome.WON),
    Step("Lost", "실주", "0", Category.OMITTED, Outcome.LOST),
)


@transaction.atomic
def make_eight_steps(*, slug: str, name: str, is_default: bool) -> SalesProcess:
    """A process of the eight steps with their criteria, as staff then change it."""
    process = SalesProcess.objects.create(slug=slug, name=name, is_default=is_default)
    for position, step in enumerate(STEPS, start=1):
        stage = Stage.objects.create(
            process=process,
            position=position,
            name=step.name,
            name_ko=step.name_ko,
            probability=step.probability,
            category=step.category,
            outcome=step.outcome,
        )
        Criterion.objects.bulk_create(
            Criterion(stage=stage, position=place, **each._asdict())
            for place, each in enumerate(step.criteria, start=1)
        )
    return process
