//! What pages tell by accident: stack traces, debug pages, listings of folders. Matched by content.

use crate::model::Confidence;
use crate::scanners::builtin::dast::report::{Hit, Sink};
use crate::scanners::builtin::dast::rules;
use crate::scanners::http::Response;

/// Pages that only a framework's debug mode shows, and the framework.
const DEBUG: &[(&str, &str)] = &[
    ("seeing this error because you have <code>DEBUG = True</code>", "Django"),
    ("Werkzeug Debugger", "Werkzeug"),
    ("Whoops\\Run", "Whoops"),
    ("Whoops! There was an error", "Whoops"),
    ("<title>Action Controller: Exception caught</title>", "Rails"),
    ("Rails.root:", "Rails"),
    ("Symfony\\Component\\HttpKernel\\Exception", "Symfony"),
    ("<!-- ignition", "Laravel"),
];

/// What the titles of listings begin with.
const LISTINGS: &[&str] =
    &["<title>Index of /", "<title>Directory listing for ", "<title>Directory Listing For ", "[To Parent Directory]</"];

/// Looks at one answer.
pub(in crate::scanners::builtin::dast) fn check(answer: &Response, sink: &mut Sink) {
    let text = String::from_utf8_lossy(&answer.body);
    if let Some((_, framework)) = DEBUG.iter().find(|(mark, _)| text.contains(mark)) {
        sink.add_first(Hit::page(&rules::DEBUG_MODE, &answer.url).detail(format!("It is a debug page of {framework}")));
    } else if answer.status >= 400 {
        if let Some(language) = trace_of(&text) {
            sink.add_first(Hit::page(&rules::STACK_TRACE, &answer.url).detail(format!("It is one of {language}")));
        }
    } else if php_error(&text) {
        sink.add_first(Hit::page(&rules::STACK_TRACE, &answer.url).detail("It is one of PHP").sure(Confidence::Medium));
    }
    if answer.status == 200 && LISTINGS.iter().any(|mark| text.contains(mark)) {
        sink.add(Hit::page(&rules::DIRECTORY_LISTING, &answer.url));
    }
}

/// The language whose stack trace a text holds.
fn trace_of(text: &str) -> Option<&'static str> {
    if text.contains("Traceback (most recent call last)") {
        return Some("Python");
    }
    if text.contains("goroutine ") && text.contains("[running]:") {
        return Some("Go");
    }
    if php_error(text) || (text.contains("Stack trace:") && text.contains("#0 ")) {
        return Some("PHP");
    }
    if text.contains("Server Error in '/") || text.contains("[HttpException") {
        return Some(".NET");
    }
    text.split(['\n', '>']).map(str::trim_start).take(20_000).find_map(|line| {
        let at = line.strip_prefix("at ").or_else(|| line.strip_prefix("from "));
        match at {
            Some(frame) if frame.contains(".java:") || frame.contains("(Native Method)") => Some("Java"),
            Some(frame) if frame.contains(".cs:line ") || frame.starts_with("System.") => Some(".NET"),
            Some(frame) if numbered(frame, ".js:") || numbered(frame, ".ts:") => Some("JavaScript"),
            Some(frame) if frame.contains(".rb:") && frame.contains(":in ") => Some("Ruby"),
            _ => None,
        }
    })
}

fn numbered(frame: &str, mark: &str) -> bool {
    frame.split_once(mark).is_some_and(|(_, after)| after.starts_with(|c: char| c.is_ascii_digit()))
}

/// PHP reports errors in the middle of pages.
fn php_error(text: &str) -> bool {
    ["<b>Fatal error</b>:", "<b>Warning</b>:", "<b>Notice</b>:", "<b>Parse error</b>:"]
        .iter()
        .any(|mark| text.split_once(mark).is_some_and(|(_, after)| after.contains("</b> on line <b>")))
}

#[cfg(test)]
mod tests {
    use super::trace_of;

    #[test]
    fn traces() {
        for (text, language) in [
            ("Traceback (most recent call last):\n  File", Some("Python")),
            ("x\n\tat org.a.B.c(B.java:12)\n", Some("Java")),
            ("<pre>TypeError<br>   at x (/srv/app.js:10:3)</pre>", Some("JavaScript")),
            ("   at System.Web.UI.Page()", Some(".NET")),
            ("<b>Fatal error</b>: x in <b>/a.php</b> on line <b>3</b>", Some("PHP")),
            ("panic\ngoroutine 1 [running]:\nmain", Some("Go")),
            ("from app.rb:3:in `x'", Some("Ruby")),
            ("we are at home (see main.js: the file)", None),
            ("Not found", None),
        ] {
            assert_eq!(trace_of(text), language, "{text}");
        }
    }
}
