//! The binary `securescan`.

fn main() -> std::process::ExitCode {
    securescan_cli::run(std::env::args_os()).into()
}
