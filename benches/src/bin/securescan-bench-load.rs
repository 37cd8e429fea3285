//! Requests over kept connections: `securescan-bench-load URL CONNECTIONS SECONDS`. Prints `REQUESTS_PER_SECOND P50_MS P99_MS BYTES`, the
//! last being the size of one answer; answers other than 200 end it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// An error, in words.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [url, connections, seconds] = args.as_slice() else {
        eprintln!("usage: securescan-bench-load URL CONNECTIONS SECONDS");
        return ExitCode::from(2);
    };
    match run(url, connections, seconds) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(url: &str, connections: &str, seconds: &str) -> Result<String, Failure> {
    let rest = url.strip_prefix("http://").ok_or("the URL begins with http://")?;
    let (host, path) = rest.split_once('/').ok_or("the URL has a path")?;
    let (connections, seconds): (usize, f64) = (connections.parse()?, seconds.parse()?);
    let until = Instant::now() + Duration::from_secs_f64(seconds);
    let begun = Instant::now();
    let all: Vec<Result<(Vec<f64>, usize), Failure>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..connections).map(|_| scope.spawn(|| converse(host, path, until))).collect();
        threads.into_iter().map(|t| t.join().unwrap_or_else(|_| Err("a thread broke".into()))).collect()
    });
    let wall = begun.elapsed().as_secs_f64();
    let (mut times, mut bytes) = (Vec::new(), 0);
    for one in all {
        let (mine, size) = one?;
        times.extend(mine);
        bytes = size;
    }
    times.sort_by(f64::total_cmp);
    let at = |part: usize| times.get((times.len() * part / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default();
    let rate = f64::from(u32::try_from(times.len())?) / wall;
    Ok(format!("{rate:.0} {:.2} {:.2} {bytes}", at(50), at(99)))
}

/// One connection: milliseconds of each request, and the size of an answer.
fn converse(host: &str, path: &str, until: Instant) -> Result<(Vec<f64>, usize), Failure> {
    let stream = TcpStream::connect(host)?;
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::with_capacity(64 << 10, stream);
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let (mut times, mut size) = (Vec::new(), 0);
    while Instant::now() < until {
        let start = Instant::now();
        writer.write_all(request.as_bytes())?;
        size = answer(&mut reader)?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    Ok((times, size))
}

/// Reads one answer; gives the size of its body.
fn answer(reader: &mut impl BufRead) -> Result<usize, Failure> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    if line.split(' ').nth(1) != Some("200") {
        return Err(format!("it answered {}", line.trim()).into());
    }
    let (mut length, mut chunked) = (0_usize, false);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let lower = line.trim().to_ascii_lowercase();
        if lower.is_empty() {
            break;
        }
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
        chunked |= lower.strip_prefix("transfer-encoding:").is_some_and(|value| value.trim() == "chunked");
    }
    if !chunked {
        skip(reader, length)?;
        return Ok(length);
    }
    let mut total = 0;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim(), 16)?;
        skip(reader, size + 2)?;
        if size == 0 {
            return Ok(total);
        }
        total += size;
    }
}

fn skip(reader: &mut impl Read, bytes: usize) -> Result<(), Failure> {
    let mut limited = reader.take(u64::try_from(bytes)?);
    match std::io::copy(&mut limited, &mut std::io::sink())? == u64::try_from(bytes)? {
        true => Ok(()),
        false => Err("the answer broke off".into()),
    }
}
