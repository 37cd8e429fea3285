//! `securescan triage`

use super::history::time;
use crate::args::{ServiceArgs, TriageCommand};
use crate::exit::Exit;
use crate::output::Voice;
use crate::service::{Service, Table, plain, print_json};
use securescan_core::{Error, Result};
use serde_json::{Value, json};

pub(crate) fn run(command: &TriageCommand, voice: Voice) -> Result<Exit> {
    match command {
        TriageCommand::List { scan, status, show_suppressed, service } => {
            let open = Service::open(service, false, voice)?;
            let scan = match scan {
                Some(id) => super::part(id)?.to_owned(),
                None => newest(&open)?,
            };
            let all = open
                .get(&format!("/api/v1/scans/{scan}/findings{}", if *show_suppressed { "" } else { "?suppressed=false" }))?
                .body;
            let wanted = |finding: &&Value| status.is_none_or(|status| verdict(finding) == status.word());
            let findings: Vec<&Value> = all.as_array().into_iter().flatten().filter(wanted).collect();
            if service.json {
                print_json(&json!(findings));
                return Ok(Exit::Ok);
            }
            let mut table = Table::new(["Fingerprint", "Severity", "Verdict", "Place", "Title"]);
            for finding in &findings {
                let text = |name: &str| finding.get(name).map_or_else(|| "-".to_owned(), plain);
                let place = match text("line").as_str() {
                    "-" => text("file_path"),
                    line => format!("{}:{line}", text("file_path")),
                };
                table.row([text("fingerprint"), text("severity"), verdict(finding), place, text("title")]);
            }
            table.print();
            voice.note(&format!("{} of {} findings of scan {scan}", findings.len(), all.as_array().map_or(0, Vec::len)));
        }
        TriageCommand::Set { fingerprint, status, note, by, service } => {
            let body = json!({"status": status.word(), "note": note, "updated_by": by});
            let path = format!("/api/v1/findings/{}/state", super::part(fingerprint)?);
            let answer = write(service, "PATCH", &path, &body, voice)?;
            voice.note(&format!("{fingerprint} is {}", answer.get("status").map(plain).unwrap_or_default()));
        }
        TriageCommand::Comment { fingerprint, text, by, service } => {
            let path = format!("/api/v1/findings/{}/comments", super::part(fingerprint)?);
            write(service, "POST", &path, &json!({"text": text, "author": by}), voice)?;
            voice.note("the comment is kept");
        }
        TriageCommand::Comments { fingerprint, service } => {
            let open = Service::open(service, false, voice)?;
            let comments = open.get(&format!("/api/v1/findings/{}/comments", super::part(fingerprint)?))?.body;
            if service.json {
                print_json(&comments);
                return Ok(Exit::Ok);
            }
            let mut table = Table::new(["When", "Who", "What"]);
            for comment in comments.as_array().into_iter().flatten() {
                let text = |name: &str| comment.get(name).map_or_else(|| "-".to_owned(), plain);
                table.row([time(&text("created_at")), text("author"), text("text")]);
            }
            table.print();
        }
    }
    Ok(Exit::Ok)
}

fn write(args: &ServiceArgs, method: &str, path: &str, body: &Value, voice: Voice) -> Result<Value> {
    let answer = Service::open(args, true, voice)?.send(method, path, Some(body))?.body;
    if args.json {
        print_json(&answer);
    }
    Ok(answer)
}

fn verdict(finding: &Value) -> String {
    finding.pointer("/state/status").map_or_else(|| "new".to_owned(), plain)
}

/// The id of the newest scan that is complete.
fn newest(service: &Service) -> Result<String> {
    let none = || Error::invalid("there is no complete scan").hint("start one with POST /api/v1/scans, or name one");
    let scans = if service.is_empty() { return Err(none()) } else { service.get("/api/v1/scans?limit=1000")?.body };
    let complete = |scan: &&Value| scan.get("status").is_some_and(|status| status == "completed");
    scans.as_array().into_iter().flatten().find(complete).and_then(|scan| scan.get("id")).map(plain).ok_or_else(none)
}
