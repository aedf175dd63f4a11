"""What a source may ask in the words of AuthZEN, and the question to the hub behind those words.

OpenID AuthZEN Authorization API 1.0, sections 5 to 8. Subject, resource and action types of others
are understood and answered with no; a body that says less than a question, or something more about
the part than the hub would weigh, is a mistake that names its place.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StrictBool,
    ValidationError,
)

from consent.model import CHILD, Segment
from consent.vocabulary import DATA_CLASSES, KNOWN_CLASSES, PURPOSES
from gateway.api.problems import CORRECT, places
from gateway.errors import InvalidRequest
from gateway.exchange.legal_routes.answer_access import NOBODY, Question
from gateway.exchange.partners.register_partner import SLUG

MOST_EVALUATIONS: Final = 100
MOST_BYTES: Final = 256_000
MOST_ABOUT: Final = 20
SERVICE: Final = "service"
SEGMENT: Final = "segment"
# How the part would go; any other action is one that the engine does not know.
KINDS: Final = {"read": "pull", "send": "routed"}
UNKNOWN: Final = "unknown"
NAMED_LIKE_THE_QUESTION: Final = ("subject", "action", "resource", "context")

Word: TypeAlias = Annotated[str, Field(min_length=1, max_length=256)]
Json: TypeAlias = dict[str, JsonValue]


def _one_of(words: frozenset[str]) -> AfterValidator:
    def check(word: str) -> str:
        if word not in words:
            raise ValueError("not a word of the rules")
        return word

    return AfterValidator(check)


class Action(BaseModel):
    """How the part would go: `read`, the recipient fetches it; `send`, the source sends it."""

    name: Word


class SubjectType(BaseModel):
    """Who would get it, in a search for who may."""

    type: Word


class Subject(SubjectType):
    """Who would get it: `service` and its partner id."""

    id: Word


class ResourceType(BaseModel):
    """What would go; an `id` in a search is not read."""

    type: Word
    properties: Json = Field(default_factory=dict)


class Resource(ResourceType):
    """What would go: `segment`, a name of the caller's own that the hub forgets, and properties."""

    id: Word


class Context(BaseModel):
    """Why it would go; the hub's own clock says when."""

    purpose: Annotated[str, _one_of(PURPOSES)]


class Evaluation(BaseModel):
    """One question."""

    subject: Subject
    action: Action
    resource: Resource
    context: Context


class SubjectSearch(BaseModel):
    """Which services may get this."""

    subject: SubjectType
    action: Action
    resource: Resource
    context: Context


class ResourceSearch(BaseModel):
    """Which classes this service may get."""

    subject: Subject
    action: Action
    resource: ResourceType
    context: Context


class Options(BaseModel):
    """How a list of questions is answered."""

    evaluations_semantic: Literal["execute_all", "deny_on_first_deny", "permit_on_first_permit"] = (
        "execute_all"
    )

    @property
    def until(self) -> bool | None:
        """Return the decision after which no more is answered, if there is one."""
        return {"deny_on_first_deny": False, "permit_on_first_permit": True}.get(
            self.evaluations_semantic
        )


class Evaluations(BaseModel):
    """Several questions; what stands beside them holds for each that does not say it itself."""

    subject: Json | None = None
    action: Json | None = None
    resource: Json | None = None
    context: Json | None = None
    evaluations: list[Json] = Field(
        default_factory=list, json_schema_extra={"maxItems": MOST_EVALUATIONS}
    )
    options: Options = Options()


class _Properties(BaseModel):
    # A word that is not read might be one that protects: refused, never skipped.
    model_config = ConfigDict(extra="forbid")

    patient: Word
    about: Annotated[list[Word], Field(max_length=MOST_ABOUT)] = [CHILD]
    given_by: Word | None = None
    reporter: StrictBool = False
    reveals_place: StrictBool = False
    compulsory: StrictBool = False

    def segment(self, data_class: str) -> Segment:
        return Segment(
            id=data_class,
            data_class=data_class,
            about=frozenset(self.about),
            given_by=self.given_by,
            reporter=self.reporter,
            reveals_place=self.reveals_place,
            compulsory=self.compulsory,
        )


class _OneClass(_Properties):
    data_class: Annotated[str, _one_of(DATA_CLASSES), Field(alias="class")]


Found = TypeVar("Found", bound=_Properties)


def question_of(asked: Evaluation) -> Question:
    """Return the question behind one evaluation; raise `InvalidRequest` naming the place."""
    return _question(asked.action, asked.resource, asked.context, _recipient(asked.subject))


def question_to_all(asked: SubjectSearch) -> Question:
    """Return the question to ask for each service; for other subjects it is asked for nobody."""
    return _question(asked.action, asked.resource, asked.context, NOBODY)


def question_of_all(asked: ResourceSearch) -> Question:
    """Return one question about every class, or none for other resources."""
    found = _properties(_Properties, asked.resource)
    return Question(
        recipient=_recipient(asked.subject),
        patient=found.patient if found else "",
        purpose=asked.context.purpose,
        kind=KINDS.get(asked.action.name, UNKNOWN),
        segments=tuple(map(found.segment, sorted(KNOWN_CLASSES))) if found else (),
    )


def each_of(asked: Evaluations) -> list[Question | InvalidRequest]:
    """Return each question of a list, or what is wrong with it; too long a list is refused."""
    if len(asked.evaluations) > MOST_EVALUATIONS:
        text = f"ask at most {MOST_EVALUATIONS} evaluations at once"
        raise InvalidRequest(text, where="body.evaluations")
    defaults = {
        name: value
        for name in NAMED_LIKE_THE_QUESTION
        if (value := getattr(asked, name)) is not None
    }
    return [
        _read(defaults | one, f"evaluations.{place}") for place, one in enumerate(asked.evaluations)
    ]


def alone(asked: Evaluations) -> Question:
    """Return the one question of a body without a list; raise `InvalidRequest` naming the place."""
    found = _read(asked.model_dump(include={*NAMED_LIKE_THE_QUESTION}, exclude_none=True), "body")
    if isinstance(found, InvalidRequest):
        raise found
    return found


def _read(body: Mapping[str, Any], place: str) -> Question | InvalidRequest:
    try:
        return question_of(Evaluation.model_validate(body))
    except ValidationError as error:
        return _mistake(error, place)
    except InvalidRequest as error:
        where = (error.where or "").removeprefix("body.")
        return InvalidRequest(str(error), where=f"{place}.{where}")


def _question(action: Action, resource: Resource, context: Context, recipient: str) -> Question:
    found = _properties(_OneClass, resource)
    return Question(
        recipient=recipient,
        patient=found.patient if found else "",
        purpose=context.purpose,
        kind=KINDS.get(action.name, UNKNOWN),
        segments=(found.segment(found.data_class),) if found else (),
    )


def _recipient(subject: Subject) -> str:
    known = subject.type == SERVICE and SLUG.fullmatch(subject.id)
    return subject.id if known else NOBODY


def _properties(model: type[Found], resource: ResourceType) -> Found | None:
    if resource.type != SEGMENT:
        return None
    try:
        return model.model_validate(resource.properties)
    except ValidationError as error:
        raise _mistake(error, "body.resource.properties") from None


def _mistake(error: ValidationError, place: str) -> InvalidRequest:
    # The offending input stays out of the answer: it may hold personal data.
    return InvalidRequest(CORRECT, where=places(error.errors(), place))
