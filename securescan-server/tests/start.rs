//! Starting and stopping: section 1 of the server specification.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;

use common::Service;
use securescan_server::{ServeOptions, VARIABLES};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

fn refused(pairs: &[(&str, &str)], options: &ServeOptions) -> (i32, String) {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    match Service::start_in(folder, pairs, options) {
        Ok(_) => panic!("it started"),
        Err(start) => (start.exit, start.error.to_string()),
    }
}

#[test]
fn refusals_and_their_exit_codes() {
    let here = ServeOptions::default();
    let everywhere = ServeOptions { host: "0.0.0.0".into(), ..ServeOptions::default() };
    let required = ("SECURESCAN_AUTH_REQUIRED", "true");
    let key = ("SECURESCAN_API_KEY", "k");
    assert_eq!(refused(&[required], &here).0, 2);
    let (exit, why) = refused(&[required, key], &here);
    assert!(exit == 2 && why.contains("SECURESCAN_EVENT_TOKEN_SECRET"), "{why}");
    let (exit, why) = refused(&[], &everywhere);
    assert!(exit == 2 && why.contains("without a key"), "{why}");
    let (exit, why) = refused(&[("SECURESCAN_DB_PATH", "/proc/no/such.db")], &here);
    assert!(exit == 3 && why.contains("/proc/no/such.db"), "{why}");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    drop(Service::start(&[required, key, ("SECURESCAN_EVENT_TOKEN_SECRET", "s")]));
    let open = ServeOptions { allow_unauthenticated: true, ..everywhere };
    assert!(Service::start_in(Arc::new(tempfile::tempdir().unwrap()), &[], &open).is_ok());
    drop(taken);
}

#[test]
fn it_stops_although_somebody_is_connected() {
    let service = Service::start(&[]);
    let address = service.address;
    let idle = TcpStream::connect(address).unwrap();
    assert_eq!(service.get("/health").status, 200);
    let log = service.log.clone();
    drop(idle);
    service.stop();
    assert!(TcpStream::connect(address).is_err());
    assert!(log.text().contains("API is unauthenticated (dev mode)"));
}

#[test]
fn one_service_for_a_database() {
    let service = Service::start(&[]);
    let lock = service.folder.path().join("data/scans.db-dispatcher");
    let held = (0..500).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        std::fs::File::open(&lock).is_ok_and(|file| file.try_lock().is_err())
    });
    assert!(held);
    let folder = std::sync::Arc::clone(&service.folder);
    let Err(refused) = Service::start_in(folder, &[], &ServeOptions::default()) else { panic!("two of them") };
    assert!(refused.exit == 3 && refused.error.to_string().contains("another service runs on the database"), "{refused:?}");
    let folder = service.stop();
    drop(Service::start_in(folder, &[], &ServeOptions::default()).unwrap());
}

#[test]
fn the_table_of_variables_is_documented() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/server.md");
    let text = std::fs::read_to_string(file).unwrap();
    let listed: Vec<&str> = text.lines().filter(|line| line.starts_with("| `") && line.matches(" | ").count() == 2).collect();
    let expected: Vec<String> = VARIABLES.iter().map(|v| format!("| `{}` | {} | {} |", v.name, v.default, v.about)).collect();
    assert_eq!(listed, expected, "docs/server.md must have:\n{}", expected.join("\n"));
}

/// A client that stops in the middle of a head, or of a body, keeps nobody else from being served.
#[test]
fn slow_clients_are_alone_with_it() {
    use std::io::Write;
    let service = Service::start(&[]);
    let slow: Vec<TcpStream> = (0..200)
        .map(|n| {
            let mut stream = TcpStream::connect(service.address).unwrap();
            let head = if n % 2 == 0 {
                "POST /api/v1/scans HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{"
            } else {
                "GET /hea"
            };
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    assert_eq!(service.get("/health").status, 200);
    assert_eq!(service.get("/api/v1/scans").status, 200);
    drop(slow);
}
