//! `securescan webhooks`

use super::history::time;
use crate::args::{ServiceArgs, WebhooksCommand};
use crate::exit::Exit;
use crate::output::Voice;
use crate::service::{Service, Table, plain, print_json};
use securescan_core::Result;
use serde_json::{Value, json};
use std::io::Write;

pub(crate) fn run(command: &WebhooksCommand, voice: Voice) -> Result<Exit> {
    use WebhooksCommand as Do;
    match command {
        Do::Create { name, url, event, service } => {
            let body = json!({"name": name, "url": url, "event_filter": event});
            secret(&send(service, "POST", "", Some(&body), voice)?, service, voice);
        }
        Do::List { service } => {
            let all = list(service, "", voice)?;
            let mut table = Table::new(["ID", "Name", "URL", "Events", "Enabled"]);
            for hook in all.as_array().into_iter().flatten() {
                let text = |name: &str| hook.get(name).map_or_else(|| "-".to_owned(), plain);
                let events: Vec<String> =
                    hook.get("event_filter").and_then(Value::as_array).into_iter().flatten().map(plain).collect();
                let enabled = if text("enabled") == "true" { "yes" } else { "no" };
                table.row([text("id"), text("name"), text("url"), events.join(","), enabled.to_owned()]);
            }
            show(&table, &all, service);
        }
        Do::Deliveries { id, service } => {
            let all = list(service, &format!("/{}/deliveries", super::part(id)?), voice)?;
            let mut table = Table::new(["ID", "Event", "Created", "Status", "Attempts", "Answer"]);
            for delivery in all.as_array().into_iter().flatten() {
                let text = |name: &str| delivery.get(name).map_or_else(|| "-".to_owned(), plain);
                let said: String = text("response_body").chars().take(80).collect();
                let answer = match text("response_code").as_str() {
                    "-" => said,
                    code => format!("{code} {said}"),
                };
                table.row([text("id"), text("event"), time(&text("created_at")), text("status"), text("attempt"), answer]);
            }
            show(&table, &all, service);
        }
        Do::Test { id, service } => {
            let answer = send(service, "POST", &format!("/{}/test", super::part(id)?), None, voice)?;
            done(&answer, service, voice, "a test is on its way; `deliveries` tells how it fared");
        }
        Do::Redeliver { id, delivery, service } => {
            let path = format!("/{}/deliveries/{}/redeliver", super::part(id)?, super::part(delivery)?);
            let answer = send(service, "POST", &path, None, voice)?;
            done(&answer, service, voice, "it is on its way again");
        }
        Do::Rotate { id, service } => {
            secret(&send(service, "POST", &format!("/{}/rotate", super::part(id)?), None, voice)?, service, voice);
        }
        Do::Enable { id, service } => switch(id, true, service, voice)?,
        Do::Disable { id, service } => switch(id, false, service, voice)?,
        Do::Delete { id, service } => {
            let answer = send(service, "DELETE", &format!("/{}", super::part(id)?), None, voice)?;
            done(&answer, service, voice, &format!("webhook {id} is gone"));
        }
    }
    Ok(Exit::Ok)
}

fn send(args: &ServiceArgs, method: &str, path: &str, body: Option<&Value>, voice: Voice) -> Result<Value> {
    Ok(Service::open(args, true, voice)?.send(method, &format!("/api/v1/webhooks{path}"), body)?.body)
}

fn list(args: &ServiceArgs, path: &str, voice: Voice) -> Result<Value> {
    let service = Service::open(args, false, voice)?;
    if service.is_empty() && path.is_empty() {
        return Ok(json!([]));
    }
    Ok(service.get(&format!("/api/v1/webhooks{path}"))?.body)
}

fn show(table: &Table, answer: &Value, args: &ServiceArgs) {
    if args.json { print_json(answer) } else { table.print() }
}

/// The secret on standard output, everything about it beside.
fn secret(answer: &Value, args: &ServiceArgs, voice: Voice) {
    if args.json {
        return print_json(answer);
    }
    let text = |name: &str| answer.get(name).map(plain).unwrap_or_default();
    let _ = writeln!(std::io::stdout(), "{}", text("secret"));
    voice.note(&format!("webhook {}: this secret signs its calls and is not shown again", text("id")));
}

fn switch(id: &str, enabled: bool, args: &ServiceArgs, voice: Voice) -> Result<()> {
    let answer = send(args, "PATCH", &format!("/{}", super::part(id)?), Some(&json!({"enabled": enabled})), voice)?;
    done(&answer, args, voice, &format!("webhook {id} is {}", if enabled { "enabled" } else { "disabled" }));
    Ok(())
}

fn done(answer: &Value, args: &ServiceArgs, voice: Voice, text: &str) {
    if args.json && !answer.is_null() {
        print_json(answer);
    } else {
        voice.note(text);
    }
}
