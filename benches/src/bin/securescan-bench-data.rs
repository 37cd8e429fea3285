//! Writes two snapshots that differ in one finding of a hundred: `securescan-bench-data COUNT BASE HEAD`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let [_, count, base, head] = args.as_slice() else {
        eprintln!("usage: securescan-bench-data COUNT BASE HEAD");
        return ExitCode::from(2);
    };
    let Ok(count) = count.parse::<usize>() else { return ExitCode::from(2) };
    for (path, tail) in [(base, 2), (head, 3)] {
        if let Err(error) = std::fs::write(path, securescan_benches::snapshot(count, count / 100, tail)) {
            eprintln!("{path}: {error}");
            return ExitCode::from(1);
        }
    }
    ExitCode::SUCCESS
}
