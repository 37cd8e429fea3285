//! Reports that come in pieces: a thread reads them as they come, and says what it took so that no more is sent than it can eat.

use crate::errors::{caught, guard, options};
use crate::findings::Findings;
use crate::operations::Reading;
use crate::threads;
use napi::Status;
use napi::bindgen_prelude::{FnArgs, Unknown};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode::NonBlocking};
use napi_derive::napi;
use securescan_core::{api, ingest, model};
use std::io::Read;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// What the callback is told: `taken` with a number of bytes, `error` with its JSON, or `done` with the findings.
type Message = FnArgs<(String, f64, Option<String>, Option<Findings>)>;
type Callback = ThreadsafeFunction<Message, Unknown<'static>, Message, Status, false>;

/// A report on its way in. Letting go of it ends the reading.
#[napi]
pub struct ReportStream {
    pieces: Option<Sender<Option<Vec<u8>>>>,
}

#[napi]
impl ReportStream {
    /// Starts the reader.
    #[napi(
        constructor,
        ts_args_type = "options: string, callback: (kind: 'taken' | 'error' | 'done', taken: number, text?: string | null, findings?: Findings | null) => void"
    )]
    pub fn new(options_text: String, callback: Callback) -> napi::Result<Self> {
        let (sender, receiver) = channel();
        guard(|| {
            let reading: Reading = options(&options_text)?;
            threads::start("securescan-read", move || read(&reading, receiver, Arc::new(callback)))
        })?;
        Ok(Self { pieces: Some(sender) })
    }

    /// Hands over a copy of a piece.
    #[napi]
    pub fn push(&self, piece: &[u8]) {
        self.send(piece.to_vec());
    }

    /// Hands over a piece of text, as UTF-8.
    #[napi]
    pub fn push_text(&self, piece: String) {
        self.send(piece.into_bytes());
    }

    /// No more will come.
    #[napi]
    pub fn end(&mut self) {
        if let Some(pieces) = self.pieces.take() {
            let _ = pieces.send(None);
        }
    }

    /// No more can come: what was read counts for nothing.
    #[napi]
    pub fn fail(&mut self) {
        self.pieces = None;
    }

    /// A reader that has stopped already takes nothing; the callback was told why.
    fn send(&self, piece: Vec<u8>) {
        if let Some(pieces) = self.pieces.as_ref().filter(|_| !piece.is_empty()) {
            let _ = pieces.send(Some(piece));
        }
    }
}

fn read(reading: &Reading, pieces: Receiver<Option<Vec<u8>>>, callback: Arc<Callback>) {
    let say = |kind: &str, text, findings| {
        let _ = callback.call((kind.to_owned(), 0.0, text, findings).into(), NonBlocking);
    };
    let source = Pieces { pieces, current: Vec::new(), at: 0, is_over: false, callback: Arc::clone(&callback) };
    match caught(|| ingest::parse_reader(source, reading.tool.as_deref(), &reading.ingest())) {
        Ok(result) => say("done", None, Some(Findings::fresh(model::Findings::from_result(result)))),
        Err(error) => say("error", Some(api::error_json(&error)), None),
    }
}

/// The pieces as one stream.
struct Pieces {
    pieces: Receiver<Option<Vec<u8>>>,
    current: Vec<u8>,
    at: usize,
    is_over: bool,
    callback: Arc<Callback>,
}

impl Pieces {
    /// The next piece; false at the end.
    fn next(&mut self) -> std::io::Result<bool> {
        let taken = (self.current.len() as f64, None, None);
        if taken.0 > 0.0 {
            let _ = self.callback.call(("taken".to_owned(), taken.0, taken.1, taken.2).into(), NonBlocking);
        }
        self.at = 0;
        self.current = Vec::new();
        match self.pieces.recv() {
            Ok(Some(piece)) => self.current = piece,
            Ok(None) => self.is_over = true,
            Err(_) => return Err(std::io::Error::other("the stream ended before its end")),
        }
        Ok(!self.is_over)
    }
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.is_over || into.is_empty() || (self.at >= self.current.len() && !self.next()?) {
            return Ok(0);
        }
        let rest = self.current.get(self.at..).unwrap_or_default();
        let count = rest.len().min(into.len());
        for (to, from) in into.iter_mut().zip(rest) {
            *to = *from;
        }
        self.at += count;
        Ok(count)
    }
}
