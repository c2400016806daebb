"""Backstage's catalog: entities, references with their defaults, APIs as ways to their providers."""

from __future__ import annotations

from pathlib import Path

from tests.topologies.importers.estate.importing import adds_up, edges, estate_of, imported, kinds, left_out

CATALOG = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: Web, title: Web shop}
spec:
  type: website
  owner: shop-team
  system: shop
  consumesApis: [orders-api, mail-api]
  dependsOn: ["resource:orders-db", "component:other/search"]
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: orders}
spec:
  type: service
  owner: group:default/order-team
  system: shop
  providesApis: [orders-api]
  subcomponentOf: web
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: search, namespace: other}
spec: {type: service, owner: user:jo, dependsOn: [web, "group:shop-team", "component:gone"]}
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: orders-db}
spec: {type: database, owner: shop-team, dependencyOf: ["component:orders"]}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: orders-api}
spec: {type: openapi, owner: shop-team, definition: x, system: shop}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: mail-api}
spec: {type: openapi, owner: shop-team, definition: x}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: shop}
spec: {owner: shop-team, domain: sales}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: shop-team}
spec: {type: team, children: []}
---
openapi: 3.0.0
"""


def test_relations_become_dependencies(tmp_path: Path) -> None:
    result = imported(tmp_path, "backstage", {"catalog-info.yaml": CATALOG})
    assert edges(result) == {
        ("web", "orders"),
        ("web", "mail-api"),
        ("web", "orders-db"),
        ("web", "search"),
        ("orders", "orders-db"),
        ("search", "gone"),
        ("shop", "web"),
        ("shop", "orders"),
    }
    assert kinds(result) | {"shop": "", "gone": ""} == {
        "web": "service",
        "orders": "service",
        "orders-db": "database",
        "search": "service",
        "mail-api": "external",
        "shop": "",
        "gone": "",
    }
    assert left_out(result) == [
        "'web' is no reference with a kind",
        "a document that is no entity of a catalog",
        "a domain groups systems; an estate has no such level",
        "a group owns things and is none",
        "a group owns things and is none",
        "an API is how its providers are reached; dependencies go to them",
        "of an API, which stands for its providers",
        "who consumes the API depends on its provider",
    ]
    assert [remark.place.line for remark in result.remarks] == [24]
    assert adds_up(result)


def test_a_system_is_a_function_and_owners_are_teams(tmp_path: Path) -> None:
    estate = estate_of(imported(tmp_path, "backstage", {"c.yaml": CATALOG}), tmp_path / "out")
    assert set(estate.functions["shop"].supported_by) == {"web", "orders"}
    assert {id: c.owner for id, c in estate.components.items() if c.owner} == {
        "web": "shop-team",
        "orders": "order-team",
        "search": "jo",
        "orders-db": "shop-team",
    }
    assert estate.components["web"].title == "Web shop"


def test_the_order_of_documents_makes_no_difference(tmp_path: Path) -> None:
    shuffled = "---\n".join(reversed(CATALOG.split("---\n")))
    one = imported(tmp_path / "one", "backstage", {"c.yaml": CATALOG})
    other = imported(tmp_path / "other", "backstage", {"c.yaml": shuffled})
    assert edges(one) == edges(other)
    assert kinds(one) == kinds(other)
    assert left_out(one) == left_out(other)
