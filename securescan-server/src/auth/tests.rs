use super::*;
use crate::logging::{Format, Level, Log};
use crate::settings::Settings;
use crate::storage::{Deed, NewKey, Store};
use axum::response::IntoResponse;

const SCAN: &str = "0f1a93cb-44c2-4c8e-9f92-0a7c5a2e1b51";

async fn state(folder: &std::path::Path, pairs: &[(&str, &str)]) -> AppState {
    let store = Store::open(&folder.join("scans.db")).await.unwrap();
    let get = |name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
    let mut settings = Settings::read(&get).unwrap();
    settings.event_token_secret = b"secret".to_vec();
    AppState::new(settings, store, Log::to(Box::new(std::io::sink()), Level::Info, Format::Text))
}

fn deed() -> Deed {
    Deed { at: 1, principal: "dev".into(), action: "test", subject: String::new(), request_id: None }
}

/// A token for a key, of the scan or of another, made some seconds ago.
fn token(scan: &str, key: &str, age: i64) -> String {
    Token::new(scan, key, time::now() / time::SECOND - age).write(b"secret")
}

/// What becomes of a token.
async fn told(state: &AppState, token: &str) -> Result<Principal, String> {
    match by_token(state, SCAN, token).await {
        Ok(principal) => Ok(principal),
        Err(error) => {
            let response = error.into_response();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
            assert!(!response.headers().contains_key("www-authenticate"));
            let bytes = axum::body::to_bytes(response.into_body(), 1000).await.unwrap();
            let body: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            Err(body["detail"].as_str().unwrap().to_owned())
        }
    }
}

/// The rows of the specification's table of event-token failures.
#[tokio::test]
async fn event_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let open = state(folder.path(), &[]).await;
    assert_eq!(told(&open, &token(SCAN, "dev", 0)).await.unwrap().source, Source::Dev);
    assert!(told(&open, &token(SCAN, "dev", 299)).await.is_ok());
    let invalid = Err("Invalid or expired event token".to_owned());
    assert_eq!(told(&open, &token(SCAN, "dev", 302)).await, invalid);
    assert_eq!(told(&open, &Token::new(SCAN, "dev", time::now() / time::SECOND).write(b"other")).await, invalid);
    assert_eq!(told(&open, "nonsense").await, invalid);
    assert_eq!(told(&open, &token("other", "dev", 0)).await, Err("Token does not match scan id".into()));
    assert_eq!(told(&open, &token(SCAN, "env", 0)).await, Err("Env-var key no longer configured".into()));
    assert_eq!(told(&open, &token(SCAN, "nosuchkey1", 0)).await, Err("Bound key is revoked or missing".into()));

    let key = NewKey { id: "5a7c8f9eab", name: "k", key_hash: "h", prefix: "p", scopes: &[Scope::Write] };
    open.store.add_key(&key, &deed()).await.unwrap();
    let principal = told(&open, &token(SCAN, "5a7c8f9eab", 0)).await.unwrap();
    assert!(principal.may(&[Scope::Write]) && !principal.may(&[Scope::Read]));
    let over = Err("Dev-mode token no longer valid (auth has been enabled)".to_owned());
    assert_eq!(told(&open, &token(SCAN, "dev", 0)).await, over);
    open.store.revoke_key("5a7c8f9eab", false, &deed()).await.unwrap();
    assert_eq!(told(&open, &token(SCAN, "5a7c8f9eab", 0)).await, Err("Bound key is revoked or missing".into()));
    open.close().await;

    let env = state(folder.path(), &[("SECURESCAN_API_KEY", "k")]).await;
    assert_eq!(told(&env, &token(SCAN, "env", 0)).await.unwrap().source, Source::Env);
    assert_eq!(told(&env, &token(SCAN, "dev", 0)).await, over);
    env.close().await;
}

#[tokio::test]
async fn required_authentication_without_credentials_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let state = state(folder.path(), &[("SECURESCAN_AUTH_REQUIRED", "1")]).await;
    let error = authenticate(&state, &HeaderMap::new()).await.unwrap_err();
    assert_eq!(error.into_response().status(), StatusCode::SERVICE_UNAVAILABLE);
    state.close().await;
}
