//! Stopping by signal. Alone in its file, so that the signal meets no other test.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "tests")]

use securescan_server::{ServeOptions, serve};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

#[test]
fn a_terminate_signal_ends_it_in_good_order() {
    let folder = tempfile::tempdir().unwrap();
    // A port that was free a moment ago: `serve` tells it to people alone.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let options = ServeOptions { port, database: Some(folder.path().join("scans.db")), ..ServeOptions::default() };
    let serving = std::thread::spawn(move || serve(&options));
    let up = (0..500).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    assert!(up);
    let sent = Command::new("kill").args(["-TERM", &std::process::id().to_string()]).status().unwrap();
    assert!(sent.success());
    serving.join().unwrap().unwrap();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}
