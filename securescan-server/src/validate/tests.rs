use super::query::{Kind, Param, Query};
use super::*;

fn issues(error: ApiError) -> Value {
    match error {
        ApiError::Invalid(issues) => serde_json::to_value(issues).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn body(text: &str) -> Body {
    Body::parse(text.as_bytes(), true).unwrap()
}

const TYPES: &[(&str, u8)] = &[("code", 1), ("dependency", 2), ("iac", 3)];

fn found(text: &str, read: impl FnOnce(&mut Body)) -> Value {
    let mut body = body(text);
    read(&mut body);
    issues(body.check().unwrap_err())
}

/// The rows of the specification's table of 422 items that concern bodies.
#[test]
fn bodies() {
    let whole = |text: &str, json| issues(Body::parse(text.as_bytes(), json).unwrap_err());
    assert_eq!(whole("", true), json!([{"type":"missing","loc":["body"],"msg":"Field required","input":null}]));
    let bad = whole("{x", true);
    assert_eq!(
        (&bad[0]["type"], &bad[0]["loc"], &bad[0]["msg"]),
        (&json!("json_invalid"), &json!(["body", 2]), &json!("JSON decode error"))
    );
    assert!(bad[0]["ctx"]["error"].as_str().is_some_and(|e| !e.is_empty()));
    let msg = "Input should be a valid dictionary or object to extract fields from";
    assert_eq!(whole("[1]", true), json!([{"type":"model_attributes_type","loc":["body"],"msg":msg,"input":[1]}]));
    assert_eq!(whole("{}", false), json!([{"type":"model_attributes_type","loc":["body"],"msg":msg,"input":"{}"}]));
    assert!(matches!(Body::parse(b"\xff", true), Err(ApiError::Detail(StatusCode::BAD_REQUEST, _))));
    assert_eq!(whole(&"[".repeat(5000), true)[0]["type"], "json_invalid");

    assert_eq!(
        found("{}", |b| drop(b.string("target_path", 0, 9))),
        json!([{"type":"missing","loc":["body","target_path"],"msg":"Field required","input":{}}])
    );
    assert_eq!(
        found("{\"target_path\":5}", |b| drop(b.string("target_path", 0, 9))),
        json!([{"type":"string_type","loc":["body","target_path"],"msg":"Input should be a valid string","input":5}])
    );
    assert_eq!(
        found("{\"name\":\"\"}", |b| drop(b.string("name", 1, 9))),
        json!([{"type":"string_too_short","loc":["body","name"],"msg":"String should have at least 1 character","input":"","ctx":{"min_length":1}}])
    );
    assert_eq!(
        found("{\"name\":\"abc\"}", |b| drop(b.optional("name", 2))),
        json!([{"type":"string_too_long","loc":["body","name"],"msg":"String should have at most 2 characters","input":"abc","ctx":{"max_length":2}}])
    );
    let expected = "'code', 'dependency' or 'iac'";
    assert_eq!(
        found("{\"t\":[\"nope\"]}", |b| drop(b.words("t", TYPES, 1))),
        json!([{"type":"enum","loc":["body","t",0],"msg":format!("Input should be {expected}"),"input":"nope","ctx":{"expected":expected}}])
    );
    assert_eq!(
        found("{\"t\":[]}", |b| drop(b.words("t", TYPES, 1))),
        json!([{"type":"too_short","loc":["body","t"],"msg":"List should have at least 1 item after validation, not 0","input":[],
                "ctx":{"field_type":"List","min_length":1,"actual_length":0}}])
    );
}

#[test]
fn right_bodies() {
    let mut b = body("{\"a\":\"x\",\"n\":null,\"t\":[\"iac\",\"code\",\"iac\"],\"unknown\":1}");
    assert_eq!((b.string("a", 1, 1), b.optional("n", 1), b.optional("m", 1)), ("x".into(), None, None));
    assert_eq!((b.words("t", TYPES, 1), b.words("u", TYPES, 1)), (Some(vec![3, 1]), None));
    b.check().unwrap();
    assert!(is_json(Some(b"Application/JSON; charset=utf-8")) && is_json(Some(b"application/problem+json")));
    assert!(!is_json(None) && !is_json(Some(b"text/plain")) && !is_json(Some(b"\xff")));
}

const PARAMS: &[Param] = &[
    Param::optional("limit", Kind::Int(1, 10_000), ""),
    Param::optional("unread_only", Kind::Bool, ""),
    Param::optional("format", Kind::Words(&["html", "pdf", "sarif"]), ""),
    Param::optional("text", Kind::Text, ""),
    Param::optional("cursor", Kind::Cursor, ""),
];

fn query(text: &str) -> ApiResult<Query> {
    Query::read(&format!("/x?{text}").parse().unwrap(), PARAMS)
}

/// The rows of the specification's table of 422 items that concern queries.
#[test]
fn queries() {
    let wrong = |text: &str| issues(query(text).unwrap_err())[0].clone();
    let int = "Input should be a valid integer, unable to parse string as an integer";
    for (text, expected) in [
        (
            "limit=0",
            json!({"type":"greater_than_equal","loc":["query","limit"],"msg":"Input should be greater than or equal to 1","input":"0","ctx":{"ge":1}}),
        ),
        (
            "limit=10001",
            json!({"type":"less_than_equal","loc":["query","limit"],"msg":"Input should be less than or equal to 10000","input":"10001","ctx":{"le":10000}}),
        ),
        ("limit=abc", json!({"type":"int_parsing","loc":["query","limit"],"msg":int,"input":"abc"})),
        ("limit=", json!({"type":"int_parsing","loc":["query","limit"],"msg":int,"input":""})),
        (
            "unread_only=maybe",
            json!({"type":"bool_parsing","loc":["query","unread_only"],"msg":"Input should be a valid boolean, unable to interpret input","input":"maybe"}),
        ),
        (
            "format=xml",
            json!({"type":"string_pattern_mismatch","loc":["query","format"],"msg":"String should match pattern '^(html|pdf|sarif)$'","input":"xml","ctx":{"pattern":"^(html|pdf|sarif)$"}}),
        ),
    ] {
        assert_eq!(wrong(text), expected, "{text}");
    }
    assert_eq!(wrong("limit=99999999999999999999999")["type"], "less_than_equal");
    assert_eq!(wrong("limit=-99999999999999999999999")["type"], "greater_than_equal");
    const NEEDED: &[Param] = &[Param::required("scan_a", Kind::Text, "")];
    let missing = Query::read(&"/x".parse().unwrap(), NEEDED).unwrap_err();
    assert_eq!(issues(missing), json!([{"type":"missing","loc":["query","scan_a"],"msg":"Field required","input":null}]));
}

#[test]
fn cursors() {
    assert_eq!(query("cursor=c99").unwrap().place("cursor"), Some(99));
    for bad in ["", "c", "99", "c-1", "c+1", "cx", "c9999999999999999999"] {
        let issue = &issues(query(&format!("cursor={bad}")).unwrap_err())[0];
        assert_eq!(issue["type"], "string_pattern_mismatch", "{bad}");
    }
}

#[test]
fn right_queries() {
    let q = query("limit=+7&limit=%38&other=1&unread_only=ON&text=a%20b+c%zz%ff%2").unwrap();
    assert_eq!(
        (q.int("limit"), q.bool("unread_only"), q.text("text"), q.text("format")),
        (Some(8), Some(true), Some("a b c%zz\u{fffd}%2"), None)
    );
    for (word, expected) in [("true", true), ("T", true), ("yes", true), ("1", true), ("n", false), ("off", false), ("0", false)]
    {
        assert_eq!(query(&format!("unread_only={word}")).unwrap().bool("unread_only"), Some(expected), "{word}");
    }
}
