//! `securescan history`

use crate::args::HistoryArgs;
use crate::exit::Exit;
use crate::output::Voice;
use crate::service::{self, Service, Table, plain, print_json};
use securescan_core::Result;
use serde_json::Value;

/// Scans asked for at once.
const PAGE: usize = 1000;

pub(crate) fn run(args: &HistoryArgs, voice: Voice) -> Result<Exit> {
    if let Some(file) = &args.import {
        service::take_over(file, &args.service, voice)?;
    }
    let service = Service::open(&args.service, false, voice)?;
    let wanted = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let mut scans: Vec<Value> = Vec::new();
    let mut next = (!service.is_empty()).then(|| format!("/api/v1/scans?limit={}", wanted.min(PAGE)));
    while let Some(path) = next.take().filter(|_| scans.len() < wanted) {
        let page = service.get(&path)?;
        if let Value::Array(items) = page.body {
            scans.extend(items);
        }
        next = page.next;
    }
    scans.truncate(wanted);
    if args.service.json {
        print_json(&Value::Array(scans));
        return Ok(Exit::Ok);
    }
    if scans.is_empty() {
        voice.note("No scan history found.");
        return Ok(Exit::Ok);
    }
    let mut table = Table::new(["ID", "Target", "Started", "Status", "Findings"]);
    for scan in &scans {
        let text = |key: &str| scan.get(key).map_or_else(|| "-".to_owned(), plain);
        let target = ["target_url", "target_host"].into_iter().map(text).find(|t| t != "-" && text("target_path").is_empty());
        let count = if text("status") == "completed" { text("findings_count") } else { "-".to_owned() };
        table.row([text("id"), target.unwrap_or_else(|| text("target_path")), time(&text("started_at")), text("status"), count]);
    }
    table.print();
    if next.is_some() {
        voice.note(&format!("older scans are left out; --limit shows more than {wanted}"));
    }
    Ok(Exit::Ok)
}

/// To the second, as a person writes it.
pub(crate) fn time(wire: &str) -> String {
    wire.get(..19).map_or_else(|| wire.to_owned(), |text| text.replace('T', " "))
}
