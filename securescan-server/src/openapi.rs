//! The OpenAPI document, made from the table of routes and the types of the answers.
//!
//! A type that a route names is one line in [`schemas`].

use crate::auth::Scope;
use crate::routes::{Access, Route, Shape, routes, schema};
use crate::storage::ScanStatus;
use crate::validate::query::{CURSOR, Kind, Param};
use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The document.
pub(crate) fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in routes() {
        for path in route.paths() {
            let item = paths.entry(path.clone()).or_insert_with(|| json!({}));
            if let Some(item) = item.as_object_mut() {
                item.insert(route.method.to_ascii_lowercase(), operation(route, &path));
            }
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "SecureScan",
            "description": "Findings of security scanners: started, listed, judged and passed on. Times are UTC.",
            "version": securescan_core::VERSION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "Bearer": {"type": "http", "scheme": "bearer"},
                "EventToken": {"type": "apiKey", "in": "query", "name": "event_token"},
            },
        },
    })
}

fn operation(route: &Route, path: &str) -> Value {
    let legacy = path.starts_with("/api/") && !path.starts_with("/api/v1/");
    let mut out = json!({
        "tags": [route.tag],
        "summary": route.summary,
        "operationId": if legacy { format!("{}_legacy", route.id) } else { route.id.to_owned() },
        "responses": responses(route),
        "security": security(route.access),
    });
    let mut parameters: Vec<Value> = path_parameters(path);
    parameters.extend(route.query.iter().map(parameter));
    if let Some(out) = out.as_object_mut() {
        if let Some(words) = scopes(route.access) {
            out.insert("description".into(), format!("Scope: {words}.").into());
        }
        if legacy {
            out.insert("deprecated".into(), true.into());
        }
        if !parameters.is_empty() {
            out.insert("parameters".into(), parameters.into());
        }
        if let Some(body) = route.body {
            let content = json!({"application/json": {"schema": reference(body)}});
            out.insert("requestBody".into(), json!({"required": true, "content": content}));
        }
    }
    out
}

fn scopes(access: Access) -> Option<String> {
    match access {
        Access::Public => None,
        Access::AnyKey => Some("any key".into()),
        Access::Scopes(scopes) => Some(scopes.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(" or ")),
        Access::EventToken(scopes) => {
            Some(format!("{}, or an event token", scopes.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(" or ")))
        }
    }
}

fn security(access: Access) -> Value {
    match access {
        Access::Public => json!([]),
        Access::EventToken(_) => json!([{"ApiKey": []}, {"Bearer": []}, {"EventToken": []}, {}]),
        Access::Scopes(_) | Access::AnyKey => json!([{"ApiKey": []}, {"Bearer": []}, {}]),
    }
}

fn path_parameters(path: &str) -> Vec<Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}})).collect()
}

fn parameter(param: &Param) -> Value {
    let schema = match param.kind {
        Kind::Text => json!({"type": "string"}),
        Kind::Cursor => json!({"type": "string", "pattern": CURSOR}),
        Kind::Bool => json!({"type": "boolean"}),
        Kind::Int(least, i64::MAX) => json!({"type": "integer", "minimum": least}),
        Kind::Int(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        Kind::Words(words) => json!({"type": "string", "enum": words}),
    };
    json!({"name": param.name, "in": "query", "required": param.required, "description": param.about, "schema": schema})
}

fn responses(route: &Route) -> Value {
    let mut out = Map::new();
    let mut add = |status: u16, about: &str, shape: Shape| drop(out.insert(status.to_string(), response(about, shape)));
    for answer in route.answers {
        add(answer.status, answer.about, answer.shape);
    }
    let detail = Shape::One("Detail");
    if route.access != Access::Public {
        add(401, "Not authenticated", detail);
        add(403, "The scope is missing", detail);
        add(429, "Too often; `Retry-After` says when again", Shape::One("TooMany"));
        if !route.answers.iter().any(|a| a.status == 404) && route.path.contains('{') {
            add(404, "Not found", detail);
        }
    }
    if route.body.is_some() {
        add(400, "The body or what it names cannot be used", detail);
        add(408, "The body did not arrive in time", detail);
        add(413, "The body is too large", detail);
    }
    if route.body.is_some() || !route.query.is_empty() {
        add(422, "What is wrong with the request", Shape::One("HTTPValidationError"));
    }
    let cacheable = route.method == "GET" && route.answers.iter().any(|a| a.status == 200);
    if cacheable {
        add(304, "As the client has it", Shape::Empty);
    }
    add(500, "A fault of the service", Shape::One("Fault"));
    if !route.answers.iter().any(|a| a.status == 503) {
        add(503, "Not now", detail);
    }
    Value::Object(out)
}

fn response(about: &str, shape: Shape) -> Value {
    let json_body = |schema: Value| json!({"description": about, "content": {"application/json": {"schema": schema}}});
    match shape {
        Shape::Empty => json!({"description": about}),
        Shape::One(name) => json_body(reference(name)),
        Shape::List(name) => json_body(json!({"type": "array", "items": reference(name)})),
        Shape::Json => json_body(json!({"type": "object"})),
        Shape::Media(types) => {
            let schema =
                |media: &str| if media.ends_with("json") { json!({"type": "object"}) } else { json!({"type": "string"}) };
            let one = |media: &&str| ((*media).to_owned(), json!({"schema": schema(media)}));
            json!({"description": about, "content": types.iter().map(one).collect::<Map<_, _>>()})
        }
    }
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// Every type that a route names.
fn schemas() -> Map<String, Value> {
    let mut out = Map::new();
    add::<Scope>(&mut out);
    add::<ScanStatus>(&mut out);
    schema::all(&mut out);
    out.insert("Detail".into(), json!({"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"}}}));
    out.insert(
        "Fault".into(),
        json!({"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"}, "request_id": {"type": "string"}}}),
    );
    out.insert(
        "TooMany".into(),
        json!({"type": "object", "required": ["detail", "retry_after"], "properties": {
            "detail": {"type": "string"}, "retry_after": {"type": "integer"}, "limit_per_min": {"type": "integer"}}}),
    );
    out.insert(
        "HTTPValidationError".into(),
        json!({"type": "object", "required": ["detail"], "properties": {"detail": {"type": "array", "items": reference("ValidationError")}}}),
    );
    out.insert(
        "ValidationError".into(),
        json!({"type": "object", "required": ["loc", "msg", "type"], "properties": {
            "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
            "msg": {"type": "string"}, "type": {"type": "string"}, "input": {}, "ctx": {"type": "object"}}}),
    );
    out
}

/// Adds a type under its name.
pub(crate) fn add<T: ToSchema + PartialSchema>(out: &mut Map<String, Value>) {
    let schema: RefOr<Schema> = T::schema();
    out.insert(T::name().into_owned(), serde_json::to_value(schema).unwrap_or_default());
}

/// Every route on one page.
pub(crate) fn page() -> String {
    let mut rows = String::new();
    for route in routes() {
        let path = route.paths().next().unwrap_or_default();
        let scope = scopes(route.access).unwrap_or_else(|| "public".into());
        let codes: Vec<String> = route.answers.iter().map(|a| format!("{} {}", a.status, a.about)).collect();
        let cells =
            [route.method, &path, &scope, route.summary, &codes.join("; ")].map(|text| format!("<td>{}</td>", escaped(text)));
        rows.push_str(&format!("<tr>{}</tr>\n", cells.concat()));
    }
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>SecureScan API</title><style>\
         body{{font:15px/1.5 system-ui,sans-serif;margin:2rem}}table{{border-collapse:collapse}}\
         td,th{{border:1px solid #8884;padding:.3rem .6rem;text-align:left;vertical-align:top}}\
         </style></head><body><h1>SecureScan API {}</h1><p>The whole of it: <a href=\"/openapi.json\">openapi.json</a>; \
         to try it: <a href=\"/docs\">docs</a>.</p><table><thead><tr><th>Method</th><th>Path</th><th>Scope</th><th>What</th>\
         <th>Answers</th></tr></thead><tbody>\n{rows}</tbody></table></body></html>\n",
        securescan_core::VERSION
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
