use super::*;
use std::collections::BTreeSet;

#[test]
fn every_route_of_the_api_has_a_scope() {
    for route in routes() {
        let open = match route.access {
            Access::Public => !matches!(
                route.path,
                "/" | "/health" | "/ready" | "/docs" | "/docs/{file}" | "/redoc" | "/openapi.json" | "/api/v1/openapi.json"
            ),
            Access::AnyKey => route.path != "/keys/me",
            Access::Scopes(scopes) | Access::EventToken(scopes) => scopes.is_empty(),
        };
        assert!(!open, "{} {} has no scope", route.method, route.path);
    }
}

#[test]
fn every_route_is_described_once() {
    let ids: Vec<_> = routes().map(|r| r.id).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
    let document = crate::openapi::document();
    let text = document.to_string();
    for route in routes() {
        assert!(!route.summary.is_empty() && !route.tag.is_empty() && !route.answers.is_empty(), "{}", route.id);
        for path in route.paths() {
            let operation = &document["paths"][&path][route.method.to_ascii_lowercase()];
            assert!(operation["responses"].is_object(), "{} {path}", route.method);
        }
    }
    for part in text.split("#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name} is not described");
    }
}

#[test]
fn paths_fit() {
    assert!(fits("/scans/{id}", "/scans/x") && fits("/", "/"));
    for (route, path) in [("/scans/{id}", "/scans/"), ("/scans", "/scans/x"), ("/scans/{id}/x", "/scans/a")] {
        assert!(!fits(route, path), "{route} {path}");
    }
}
