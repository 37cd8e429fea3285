//! `securescan publish github`: rendered files to a pull request and to code scanning.

use crate::args::PublishGithubArgs;
use crate::exit::Exit;
use crate::look;
use crate::output::Voice;
use crate::signals::Interrupt;
use securescan_core::publish::github::{self, API, Host, MAX_WAIT, Review, Sarif, Session, SystemClock, Wanted};
use securescan_core::scanners::Cancel;
use securescan_core::{Error, ErrorKind, Result};
use serde_json::Value;
use std::path::Path;

pub(crate) fn github(args: &PublishGithubArgs, voice: Voice) -> Result<Exit> {
    match publish(args, voice) {
        Err(error) if args.soft && error.kind() != ErrorKind::Cancelled => {
            voice.warn(&format!("not published: {error}"));
            Ok(Exit::Ok)
        }
        other => other,
    }
}

fn publish(args: &PublishGithubArgs, voice: Voice) -> Result<Exit> {
    let wanted = wanted(args)?;
    wanted.check()?;
    let cancel = Cancel::new();
    let _watch = Interrupt::watch(&cancel);
    let token = variable("GITHUB_TOKEN").unwrap_or_default();
    let host = Host::new(args.api_url.as_deref().filter(|url| !url.is_empty()).unwrap_or(API), &token, &cancel)?;
    let clock = SystemClock(cancel);
    let session = Session::new(&host, &clock, MAX_WAIT);
    if args.dry_run {
        return dry_run(&wanted, &session);
    }
    let done = github::publish(&wanted, &session)?;
    for line in done.wrote.iter().map(|what| format!("done: {what}")).chain(done.notes) {
        voice.note(&line);
    }
    if done.wrote.is_empty() {
        voice.note("nothing to do: GitHub shows all of it already");
    }
    for refused in &done.refused {
        voice.warn(&format!("GitHub does not take a comment at {refused}"));
    }
    if done.refused.is_empty() || args.soft {
        return Ok(Exit::Ok);
    }
    Err(Error::new(ErrorKind::Io, format!("{} comments at lines were not accepted", done.refused.len()))
        .hint("check that --sha is the head of the pull request and the diff is the one from the merge base"))
}

/// Prints what would be done.
fn dry_run(wanted: &Wanted, session: &Session<'_>) -> Result<Exit> {
    use std::io::Write;
    let plan = github::plan(wanted, &github::read(wanted, session)?);
    let mut text = String::new();
    for call in &plan.calls {
        let (method, path) = call.line(wanted);
        text.push_str(&format!("{method} {path}  {}\n", call.what()));
    }
    for note in &plan.notes {
        text.push_str(&format!("note: {note}\n"));
    }
    if plan.calls.is_empty() {
        text.push_str("nothing to do\n");
    }
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(|e| Error::io("standard output", &e))?;
    Ok(Exit::Ok)
}

/// What the arguments, the event of a workflow and the files say.
fn wanted(args: &PublishGithubArgs) -> Result<Wanted> {
    if args.comment.is_none() && args.review.is_none() && args.sarif.is_none() {
        return Err(Error::invalid("nothing to publish").hint("name files with --comment, --review, --sarif"));
    }
    let event = event(args)?;
    let pull = event.get("pull_request");
    let head = pull.and_then(|pull| pull.pointer("/head/sha")?.as_str()).map(str::to_owned);
    let number = pull.and_then(|pull| pull.get("number").or_else(|| event.get("number"))?.as_u64());
    // On pull requests GITHUB_SHA is a merge commit that is no part of them.
    let pushed = || variable("GITHUB_SHA").filter(|_| pull.is_none());
    let text = |file: &Path| -> Result<String> {
        String::from_utf8(look::read_bytes(file)?).map_err(|_| Error::parse("not UTF-8").in_file(file.display().to_string()))
    };
    let named = |file: &Path| file.display().to_string();
    Ok(Wanted {
        repo: args.repo.clone().unwrap_or_default(),
        pull: args.pr.or(number),
        sha: args.sha.clone().or(head).or_else(pushed).unwrap_or_default(),
        git_ref: args.git_ref.clone().or_else(|| variable("GITHUB_REF").filter(|_| pull.is_none() && args.pr.is_none())),
        author: args.author.clone(),
        comment: args.comment.as_deref().map(text).transpose()?,
        review: args
            .review
            .as_deref()
            .map(|f| Review::read(&look::read_bytes(f)?).map_err(|e| e.in_file(named(f))))
            .transpose()?,
        sarif: args.sarif.as_deref().map(|f| Sarif::pack(&look::read_bytes(f)?).map_err(|e| e.in_file(named(f)))).transpose()?,
    })
}

/// The event that started the workflow, if there is one and something is left for it to say.
fn event(args: &PublishGithubArgs) -> Result<Value> {
    let Some(path) = variable("GITHUB_EVENT_PATH").filter(|_| args.pr.is_none() || args.sha.is_none()) else {
        return Ok(Value::Null);
    };
    let bytes = look::read_bytes(Path::new(&path))?;
    serde_json::from_slice(&bytes).map_err(|e| Error::parse(format!("the event is not JSON: {e}")).in_file(path))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}
