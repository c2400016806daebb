"""Kubernetes: workloads, what Services lead to, and evidence of who calls whom."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.topologies.importers.estate.importing import adds_up, edges, estate_of, imported, kinds, left_out
from timeline.findings import InputError

SHOP = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers: [{name: wait, image: busybox, command: [sh, -c, "until nc -z db:5432; do sleep 1; done"]}]
      containers:
        - name: web
          image: nginx
          envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: keys}}]
          env:
            - {name: REVIEWS_URL, value: "http://reviews.shop.svc.cluster.local:9080"}
            - {name: LOG_LEVEL, value: reviews}
            - {name: RATES, valueFrom: {configMapKeyRef: {name: settings, key: rates}}}
      volumes:
        - {name: a, persistentVolumeClaim: {claimName: uploads}}
        - {name: b, configMap: {name: settings}}
        - {name: c, secret: {secretName: tls, optional: true}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  replicas: 3
  serviceName: db
  template:
    metadata: {labels: {app: db, tier: data}}
    spec: {containers: [{name: main, image: "postgres:16", args: ["--peers=db-0.db,db-1.db"]}]}
  volumeClaimTemplates: [{metadata: {name: data}}]
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: web}}}
  - {apiVersion: v1, kind: Service, metadata: {name: db, namespace: shop}, spec: {selector: {app: db}}}
  - {apiVersion: v1, kind: Service, metadata: {name: reviews, namespace: shop}, spec: {selector: {app: reviews}}}
  - {apiVersion: v1, kind: Service, metadata: {name: rates, namespace: shop},
     spec: {type: ExternalName, externalName: rates.example.com}}
  - {apiVersion: v1, kind: Service, metadata: {name: gone, namespace: shop}, spec: {selector: {app: gone}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: reviews-v1, namespace: shop}
spec: {replicas: 2, template: {metadata: {labels: {app: reviews}}, spec: {containers: [{name: r, image: reviews}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: reviews-v2, namespace: shop}
spec: {template: {metadata: {labels: {app: reviews}}, spec: {containers: [{name: r, image: reviews}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: other}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: w, env: [{name: DB, value: "db:5432"},
  {name: SHOP_DB, value: "db-1.db.shop:5432"}]}]}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: shop}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: j, env: [{name: DB_HOST, value: db}]}]}}}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front, namespace: shop}
spec:
  defaultBackend: {service: {name: web}}
  rules: [{host: shop.example, http: {paths: [{path: /r, backend: {service: {name: reviews}}},
    {path: /x, backend: {service: {name: nothing}}}]}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {rates: "https://rates/api", SEARCH_HOST: gone}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: uploads, namespace: shop}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {scaleTargetRef: {kind: Deployment, name: web}, minReplicas: 4, maxReplicas: 9}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {minAvailable: 50%, selector: {matchLabels: {app: web}}}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-5}]}
spec: {containers: [{name: web}]}
"""
KEPT = {
    ("shop-web", "db"),
    ("shop-web", "reviews"),
    ("shop-web", "rates"),
    ("shop-web", "gone"),
    ("shop-web", "uploads"),
    ("db", "data-db"),
    ("reviews", "reviews-v1"),
    ("reviews", "reviews-v2"),
    ("other-web", "db"),
    ("nightly", "db"),
    ("front", "shop-web"),
    ("front", "reviews"),
}


def test_what_names_a_service_depends_on_what_it_leads_to(tmp_path: Path) -> None:
    result = imported(tmp_path, "kubernetes", {"shop.yaml": SHOP})
    assert edges(result) == KEPT
    assert adds_up(result)
    assert set(left_out(result)) == {
        "a Service is how its workload is reached; dependencies go to it",
        "configuration is no thing that runs; hosts in it are read where a workload takes it",
        "configuration is read at the start, and is no thing that runs",
        "it counts with the workload that owns it",
        "it says how many replicas its workload has",
        "it says how many replicas its workload needs",
        "there is no Service 'nothing' in these files",
    }
    assert [remark.message.partition(":")[0] for remark in result.remarks] == [
        "the Service 'gone' selects no workload in these files",
        "the Secret 'keys' is not in these files",
    ]


def test_an_import_loads_with_replicas_groups_and_kinds(tmp_path: Path) -> None:
    result = imported(tmp_path, "kubernetes", {"shop.yaml": SHOP})
    estate = estate_of(result, tmp_path / "out")
    assert estate.groups["reviews"].members == ("reviews-v1", "reviews-v2")
    replicas = {id: (c.replicas.count, c.replicas.needed) for id, c in estate.components.items()}
    assert (replicas["shop-web"], replicas["db"], replicas["reviews-v1"]) == ((4, 2), (3, 3), (2, 2))
    assert {id: kind for id, kind in kinds(result).items() if kind != "service"} == {
        "shop-web": "gateway",
        "db": "database",
        "rates": "external",
        "nightly": "batch",
        "front": "gateway",
        "uploads": "storage",
        "data-db": "storage",
    }


def test_the_order_of_documents_makes_no_difference(tmp_path: Path) -> None:
    shuffled = "---\n".join(reversed(SHOP.split("---\n")))
    assert edges(imported(tmp_path, "kubernetes", {"shop.yaml": shuffled})) == KEPT


def test_json_of_kubectl_gives_the_same(tmp_path: Path) -> None:
    items = list(YAML(typ="safe", pure=True).load_all(SHOP))
    answer = json.loads(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    assert edges(imported(tmp_path, "kubernetes", {"all.json": answer})) == KEPT


@pytest.mark.parametrize("inside", ['"{{ .Values.image }}"', '{{ include "chart.name" . }}'])
def test_a_template_of_helm_is_refused_by_name(tmp_path: Path, inside: str) -> None:
    with pytest.raises(InputError, match="template of Helm") as error:
        imported(tmp_path, "kubernetes", {"deploy.yaml": f"apiVersion: v1\nkind: Pod\nimage: {inside}\n"})
    assert error.value.findings[0].place.line == 3
    assert "helm template" in error.value.findings[0].hint


def test_templates_of_others_are_no_templates_of_helm(tmp_path: Path) -> None:
    template = "{{ range .Alerts }}{{ .Labels.x }}{{ end }}"
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{t: '{template}'}}\n"
    assert len(imported(tmp_path, "kubernetes", {"a.yaml": text}).left_out) == 1


def test_an_object_that_is_not_as_kubernetes_has_it_is_an_error_with_its_place(tmp_path: Path) -> None:
    text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  replicas: many\n"
    with pytest.raises(InputError) as error:
        imported(tmp_path, "kubernetes", {"a.yaml": text})
    assert error.value.findings[0].place.line == 5
