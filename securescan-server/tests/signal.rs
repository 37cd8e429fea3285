//! Stopping by signal. Alone in its file, so that the signal meets no other test.
#![cfg(unix)]

use securescan_server::serve_with;
use std::net::TcpStream;
use std::process::Command;
use std::sync::mpsc;

#[test]
fn a_terminate_signal_ends_it_in_good_order() {
    let (ready, address) = mpsc::channel();
    let serving = std::thread::spawn(move || {
        serve_with("127.0.0.1", 0, |address| {
            let _ = ready.send(address);
        })
    });
    let address = address.recv().unwrap();
    assert!(TcpStream::connect(address).is_ok());
    let sent = Command::new("kill").args(["-TERM", &std::process::id().to_string()]).status().unwrap();
    assert!(sent.success());
    serving.join().unwrap().unwrap();
    assert!(TcpStream::connect(address).is_err());
}
