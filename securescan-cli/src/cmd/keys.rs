//! `securescan keys`: also how the first key comes to be, before anybody can ask the service for one.

use super::history::time;
use crate::args::KeysCommand;
use crate::exit::Exit;
use crate::output::Voice;
use crate::service::{Service, Table, plain, print_json};
use securescan_core::Result;
use serde_json::{Value, json};
use std::io::Write;

pub(crate) fn run(command: &KeysCommand, voice: Voice) -> Result<Exit> {
    match command {
        KeysCommand::Create { name, scope, service } => {
            let made = Service::open(service, true, voice)?.send(
                "POST",
                "/api/v1/keys",
                Some(&json!({"name": name, "scopes": scope})),
            )?;
            if service.json {
                print_json(&made.body);
            } else {
                let _ = writeln!(std::io::stdout(), "{}", made.body.get("key").map(plain).unwrap_or_default());
                voice.note(&format!(
                    "key {} may {}; it is not shown again",
                    made.body.get("id").map(plain).unwrap_or_default(),
                    scope.join(", ")
                ));
            }
        }
        KeysCommand::List { service } => {
            let open = Service::open(service, false, voice)?;
            let keys = if open.is_empty() { json!([]) } else { open.get("/api/v1/keys")?.body };
            if service.json {
                print_json(&keys);
                return Ok(Exit::Ok);
            }
            let mut table = Table::new(["ID", "Name", "Scopes", "Created", "Last used", "Revoked"]);
            for key in keys.as_array().into_iter().flatten() {
                let text = |name: &str| key.get(name).map_or_else(|| "-".to_owned(), plain);
                let scopes: Vec<String> = key.get("scopes").and_then(Value::as_array).into_iter().flatten().map(plain).collect();
                let times = ["created_at", "last_used_at", "revoked_at"].map(|name| time(&text(name)));
                let [created, used, revoked] = times;
                table.row([text("id"), text("name"), scopes.join(","), created, used, revoked]);
            }
            table.print();
        }
        KeysCommand::Revoke { id, service } => {
            Service::open(service, true, voice)?.send("DELETE", &format!("/api/v1/keys/{}", super::part(id)?), None)?;
            voice.note(&format!("key {id} is revoked"));
        }
    }
    Ok(Exit::Ok)
}
