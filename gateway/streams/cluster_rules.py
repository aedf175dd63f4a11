"""Carries a plan of topics and rules out on a cluster, as its operator."""

from collections.abc import Iterable
from typing import Any, Final

from kafka import errors
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)

from gateway.streams.access import Access
from gateway.streams.client import open_admin
from gateway.streams.permissions import Plan, Rule, Topic

_MADE: Final = (0, errors.TopicAlreadyExistsError.errno)
_EVERYWHERE: Final = "*"


def apply(plan: Plan, bootstrap: str, access: Access) -> None:
    """Make topics, allow, and take back; what is there already stays. A second time is harmless.

    Raises the cluster's own error for the first thing that it refuses; what came before holds.
    """
    admin = open_admin(bootstrap, access)
    try:
        _make(admin, plan.topics)
        _allow(admin, plan.allowed)
        _take_back(admin, plan.withdrawn)
    finally:
        admin.close()


def _make(admin: Any, topics: Iterable[Topic]) -> None:
    wanted = {
        one.name: {
            "num_partitions": one.partitions,
            "replication_factor": -1,
            "configs": one.settings,
        }
        for one in topics
    }
    made = admin.create_topics(wanted, raise_errors=False)["topics"] if wanted else []
    for one in made:
        if one["error_code"] not in _MADE:
            raise errors.for_code(one["error_code"])(f"topic {one['name']} cannot be created")


def _allow(admin: Any, rules: Iterable[Rule]) -> None:
    wanted = [_acl(rule, operation) for rule in rules for operation in rule.operations]
    for refused in admin.create_acls(wanted)["failed"] if wanted else ():
        raise refused("a rule cannot be made; does this cluster have an authorizer?")


def _take_back(admin: Any, rules: Iterable[Rule]) -> None:
    filters = [_filter(rule, operation) for rule in rules for operation in rule.operations]
    for _, _, error in admin.delete_acls(filters) if filters else ():
        if error is not errors.NoError:
            raise error("a rule cannot be taken back")


def _acl(rule: Rule, operation: str) -> ACL:
    kind, name, pattern = _resource(rule)
    return ACL(*_what(rule, operation), ResourcePattern(kind, name, pattern))


def _filter(rule: Rule, operation: str) -> ACLFilter:
    return ACLFilter(*_what(rule, operation), ResourcePatternFilter(*_resource(rule)))


def _what(rule: Rule, operation: str) -> tuple[str, str, ACLOperation, ACLPermissionType]:
    wanted = ACLOperation[operation.upper()]
    return rule.principal, _EVERYWHERE, wanted, ACLPermissionType.ALLOW


def _resource(rule: Rule) -> tuple[ResourceType, str, ACLResourcePatternType]:
    pattern = ACLResourcePatternType.PREFIXED if rule.prefixed else ACLResourcePatternType.LITERAL
    return ResourceType[rule.kind.upper()], rule.name, pattern
