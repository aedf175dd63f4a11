"""What a cluster gets from the chart, for every case of the matrix, rendered by the real helm."""

import kubernetes_validate
import pytest

from tests.conformance.helm.chart import (
    GATEWAY_API,
    MATRIX,
    VALUES,
    Manifest,
    component,
    lint,
    of_kind,
    pods,
    rendered,
    template,
)

# Kinds of which Kubernetes itself publishes no schema; test_httproute_* reads these instead.
WITHOUT_SCHEMA = {"HTTPRoute"}
HOOKED = {"ServiceAccount", "NetworkPolicy"}


def test_every_file_of_values_is_in_the_matrix() -> None:
    assert {file.stem for file in VALUES.iterdir()} == set(MATRIX)


@pytest.mark.parametrize("case", MATRIX)
def test_chart_passes_the_strict_lint(case: str) -> None:
    answer = lint(case)
    assert answer.ok, answer.out + answer.err


@pytest.mark.parametrize("case", MATRIX)
def test_every_manifest_is_valid_kubernetes(case: str) -> None:
    for manifest in rendered(case):
        if manifest["kind"] not in WITHOUT_SCHEMA:
            kubernetes_validate.validate(manifest, "1.37", strict=True)


def test_a_misspelt_field_would_be_found() -> None:
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "x"},
        "spec": {"prts": []},
    }
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(service, "1.37", strict=True)


@pytest.mark.parametrize("case", MATRIX)
def test_every_pod_runs_without_privileges(case: str) -> None:
    for name, pod in pods(rendered(case)):
        context = pod["securityContext"]
        assert context["runAsNonRoot"] is True, name
        assert context["runAsUser"] >= 10000, name
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod["automountServiceAccountToken"] is False, name
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name


@pytest.mark.parametrize("case", MATRIX)
def test_kubernetes_adds_no_variables_of_its_own(case: str) -> None:
    # A Service called deelregie would bring DEELREGIE_PORT, which the hub refuses to start with.
    assert all(pod["enableServiceLinks"] is False for _, pod in pods(rendered(case)))


@pytest.mark.parametrize("case", MATRIX)
def test_every_container_says_what_it_needs(case: str) -> None:
    for name, pod in pods(rendered(case)):
        for container in pod["containers"]:
            assert {"cpu", "memory"} <= set(container["resources"]["requests"]), name
            assert "memory" in container["resources"]["limits"], name


@pytest.mark.parametrize("case", MATRIX)
def test_image_is_named_by_version_or_digest(case: str) -> None:
    for name, pod in pods(rendered(case)):
        for container in pod["containers"]:
            image = container["image"]
            assert ":" in image.rpartition("/")[2], name
            assert not image.endswith(":latest"), name


def test_digest_wins_over_the_tag() -> None:
    (name, pod), *_ = pods(rendered("full"))
    assert "@sha256:" in pod["containers"][0]["image"], name


@pytest.mark.parametrize("case", MATRIX)
def test_api_is_probed_for_life_and_for_readiness(case: str) -> None:
    [api] = [found for found in of_kind(rendered(case), "Deployment") if component(found) == "api"]
    [container] = api["spec"]["template"]["spec"]["containers"]
    assert container["livenessProbe"]["httpGet"] == {"path": "/livez", "port": "http"}
    assert container["startupProbe"]["httpGet"] == {"path": "/livez", "port": "http"}
    assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http"}


@pytest.mark.parametrize("case", MATRIX)
def test_more_than_one_pod_brings_a_disruption_budget(case: str) -> None:
    manifests = rendered(case)
    many = {component(d) for d in of_kind(manifests, "Deployment") if d["spec"]["replicas"] > 1}
    assert {component(budget) for budget in of_kind(manifests, "PodDisruptionBudget")} == many


@pytest.mark.parametrize("case", MATRIX)
def test_selectors_find_the_pods_they_are_meant_for(case: str) -> None:
    manifests = rendered(case)
    labels = {
        component(found): found["spec"]["template"]["metadata"]["labels"]
        for found in manifests
        if found["kind"] in {"Deployment", "Job"}
    }
    for manifest in manifests:
        for wanted in _selectors(manifest):
            assert wanted.items() <= labels[component(manifest)].items(), manifest["kind"]


def _selectors(manifest: Manifest) -> list[dict[str, str]]:
    spec = manifest.get("spec", {})
    match manifest["kind"]:
        case "Service":
            return [spec["selector"]]
        case "Deployment" | "PodDisruptionBudget":
            return [spec["selector"]["matchLabels"]]
        case "NetworkPolicy":
            return [spec["podSelector"]["matchLabels"]]
        case _:
            return []


@pytest.mark.parametrize("case", MATRIX)
def test_migration_runs_before_the_release_and_brings_what_it_needs(case: str) -> None:
    manifests = rendered(case)
    [job] = of_kind(manifests, "Job")
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    pod = job["spec"]["template"]["spec"]
    assert all("envFrom" not in container for container in pod["containers"])
    needed = [
        found for found in manifests if found["kind"] in HOOKED and component(found) == "migrate"
    ]
    assert pod["serviceAccountName"] in {found["metadata"]["name"] for found in needed}
    for found in needed:
        hooks = found["metadata"]["annotations"]
        assert hooks["helm.sh/hook"] == "pre-install,pre-upgrade"
        assert int(hooks["helm.sh/hook-weight"]) < 0


@pytest.mark.parametrize("case", sorted(set(MATRIX) - {"no-network-policy"}))
def test_every_pod_of_the_hub_is_closed_but_for_what_is_listed(case: str) -> None:
    policies = {
        component(found): found["spec"] for found in of_kind(rendered(case), "NetworkPolicy")
    }
    assert set(policies) == {"api", "relay", "migrate"}
    for name, spec in policies.items():
        assert spec["policyTypes"] == ["Ingress", "Egress"]
        assert ("ingress" in spec) == (name == "api")
        for rule in spec["egress"]:
            assert rule["to"], "an empty list of peers means everybody"
            assert rule["ports"]


def test_migration_reaches_the_database_and_nothing_else() -> None:
    [migrate] = [p for p in of_kind(rendered("ha"), "NetworkPolicy") if component(p) == "migrate"]
    ports = {port["port"] for rule in migrate["spec"]["egress"] for port in rule["ports"]}
    assert ports == {53, 5432}


def test_kafka_is_only_opened_when_there_is_kafka() -> None:
    def ports(case: str) -> set[int]:
        policies = of_kind(rendered(case), "NetworkPolicy")
        rules = [rule for policy in policies for rule in policy["spec"]["egress"]]
        return {port["port"] for rule in rules for port in rule["ports"]}

    assert 9092 in ports("ha")
    assert 9092 not in ports("minimal")


def test_no_policies_where_the_cluster_has_its_own() -> None:
    assert of_kind(rendered("no-network-policy"), "NetworkPolicy") == []


def test_hub_is_published_only_when_asked() -> None:
    published = {case for case in MATRIX if of_kind(rendered(case), "Ingress")}
    assert published == {"ingress", "full"}
    assert {case for case in MATRIX if of_kind(rendered(case), "HTTPRoute")} == {"httproute"}


def test_ingress_serves_the_host_of_the_issuer_with_tls() -> None:
    [ingress] = of_kind(rendered("ingress"), "Ingress")
    assert ingress["spec"]["tls"] == [{"hosts": ["hub.example"], "secretName": "hub-tls"}]
    assert [rule["host"] for rule in ingress["spec"]["rules"]] == ["hub.example"]


def test_httproute_leads_to_the_service() -> None:
    [route] = of_kind(rendered("httproute"), "HTTPRoute")
    [service] = of_kind(rendered("httproute"), "Service")
    assert route["apiVersion"] == GATEWAY_API
    assert route["spec"]["hostnames"] == ["hub.example"]
    assert route["spec"]["parentRefs"] == [{"name": "public", "namespace": "gateways"}]
    [rule] = route["spec"]["rules"]
    assert rule["backendRefs"] == [{"name": service["metadata"]["name"], "port": 80}]


def test_httproute_without_the_gateway_api_says_what_is_missing() -> None:
    answer = template("httproute")
    assert not answer.ok
    assert "gateway.networking.k8s.io/v1" in answer.err
