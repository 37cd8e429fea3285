#![allow(clippy::unwrap_used, reason = "tests")]
use super::*;

fn complete() -> Value {
    json!({"scan_id": "0f1a93cb-44c2-4c8e-9f92-0a7c5a2e1b51", "target_path": "/home/me/proj-a", "scan_types": ["code", "dependency"],
        "scanners_run": ["semgrep", "bandit", "trivy", "safety"], "scanners_skipped": [], "findings_count": 12,
        "severity_counts": {"critical": 1, "high": 3, "medium": 5, "low": 2, "info": 1}, "risk_score": 34.2, "duration_s": 81.3,
        "started_at": "2026-04-29T20:09:48.123456Z", "completed_at": "2026-04-29T20:11:09.456789Z"})
}

#[test]
fn told_from_the_url() {
    use Kind::{Discord, Slack};
    for (url, kind) in [
        ("https://hooks.slack.com/services/T/B/x", Some(Slack)),
        ("HTTPS://HOOKS.SLACK.COM/services/T/B/x", Some(Slack)),
        ("https://discord.com/api/webhooks/1/x", Some(Discord)),
        ("https://discordapp.com/api/webhooks/1/x?wait=true", Some(Discord)),
        ("https://ptb.discord.com/api/webhooks/1/x", Some(Discord)),
        ("https://canary.discord.com/api/v10/webhooks/1/x", Some(Discord)),
        ("https://hooks.slack.com.evil.example/services/T/B/x", None),
        ("https://evil.example/hooks.slack.com/services/x", None),
        ("https://evil.example/?u=hooks.slack.com/services/", None),
        ("https://hooks.slack.com@evil.example/services/x", None),
        ("https://evilhooks.slack.com/services/x", None),
        ("https://hooks.slack.com/x", None),
        ("https://discord.com/api/other", None),
        ("https://discord.com/api/vx/webhooks/1", None),
        ("https://discord.com.evil.example/api/webhooks/1/x", None),
        ("https://x.discord.com/api/webhooks/1/x", None),
        ("http://127.0.0.1:9/", None),
        ("no url", None),
    ] {
        assert_eq!(Kind::of(url), kind, "{url}");
    }
}

#[test]
fn slack_as_documented() {
    let section = |t: &str| json!({"type": "mrkdwn", "text": t});
    assert_eq!(
        Kind::Slack.body("scan.complete", &complete()),
        json!({"blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": ":shield: Scan complete: /home/me/proj-a"}},
            {"type": "section", "fields": [
                section("*Findings:*\n12 (●1 critical, ●3 high)"), section("*Risk score:*\n34.2"), section("*Duration:*\n1m 21s"),
                section("*Scanners:*\nsemgrep, bandit, trivy, safety")]},
            {"type": "context", "elements": [section("Scan ID `0f1a93cb-...`")]}],
            "text": "✅ Scan 0f1a93cb completed — 12 findings"})
    );
    let failed =
        json!({"scan_id": "0f1a93cb-44c2", "target_path": "/home/me/missing", "error": "ValueError: target_path does not exist"});
    assert_eq!(
        Kind::Slack.body("scan.failed", &failed),
        json!({"blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": ":warning: Scan failed: /home/me/missing"}},
            {"type": "section", "text": section("*Error:* `ValueError: target_path does not exist`")}],
            "text": "❌ Scan 0f1a93cb failed: ValueError: target_path does not exist"})
    );
    let scanner = json!({"scan_id": "0f1a93cb-44c2", "scanner": "semgrep", "error": "x"});
    assert_eq!(
        Kind::Slack.body("scanner.failed", &scanner),
        json!({"blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": ":warning: Scanner failed: semgrep"}},
            {"type": "section", "text": section("*Error:* `x`")},
            {"type": "context", "elements": [section("Scan ID `0f1a93cb-...`")]}],
            "text": "⚠️ Scanner `semgrep` failed in scan 0f1a93cb"})
    );
    assert_eq!(
        Kind::Slack.body("webhook.test", &json!({"message": "Test from SecureScan"})),
        json!({"blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": ":wrench: SecureScan webhook test"}},
            {"type": "section", "text": section("Test from SecureScan")}],
            "text": "🔧 SecureScan webhook test"})
    );
    assert_eq!(Kind::Slack.body("other.event", &json!({"a": 1}))["text"], "other.event: {\"a\":1}");
}

#[test]
fn discord_as_documented() {
    let none = json!({"parse": []});
    assert_eq!(
        Kind::Discord.body("scan.complete", &complete()),
        json!({"embeds": [{"title": "Scan complete: /home/me/proj-a", "color": 13_582_400, "fields": [
            {"name": "Findings", "value": "12 (●1 critical, ●3 high)", "inline": true},
            {"name": "Risk score", "value": "34.2", "inline": true},
            {"name": "Duration", "value": "1m 21s", "inline": true}],
            "footer": {"text": "Scan 0f1a93cb-..."}, "timestamp": "2026-04-29T20:11:09.456789Z"}],
            "content": "✅ Scan 0f1a93cb completed — 12 findings", "allowed_mentions": none})
    );
    let failed = json!({"scan_id": "0f1a93cb-44c2", "target_path": "/t", "error": "e", "completed_at": "soon"});
    assert_eq!(
        Kind::Discord.body("scan.failed", &failed),
        json!({"embeds": [{"title": "Scan failed: /t", "color": 16_747_520, "fields": [
            {"name": "Error", "value": "`e`", "inline": false}], "footer": {"text": "Scan 0f1a93cb-..."}}],
            "content": "❌ Scan 0f1a93cb failed: e", "allowed_mentions": none})
    );
    let scanner = Kind::Discord.body("scanner.failed", &json!({"scan_id": "s", "scanner": "semgrep", "error": "e"}));
    assert_eq!(scanner["embeds"][0]["title"], "Scanner failed: semgrep");
    assert_eq!(scanner["content"], "⚠️ Scanner `semgrep` failed in scan s");
    let test = Kind::Discord.body("webhook.test", &json!({"message": "m", "timestamp": "2026-04-29T20:11:09.456789Z"}));
    assert_eq!((&test["embeds"][0]["description"], &test["content"]), (&json!("m"), &json!("🔧 SecureScan webhook test")));
    assert_eq!(test["embeds"][0]["timestamp"], "2026-04-29T20:11:09.456789Z");
    let color =
        |counts: Value| Kind::Discord.body("scan.complete", &json!({"severity_counts": counts}))["embeds"][0]["color"].clone();
    for (level, expected) in COLORS {
        assert_eq!(color(json!({level: 2, "info": 1})), expected);
    }
    assert_eq!(color(json!({})), 8_753_562);
}

#[test]
fn counts_and_times() {
    for (count, line) in
        [(json!(0), "0 findings"), (json!(1), "1 finding"), (json!(2), "2 findings"), (json!(null), "0 findings")]
    {
        let body = Kind::Slack.body("scan.complete", &json!({"scan_id": "s", "findings_count": count}));
        assert_eq!(body["text"], format!("✅ Scan s completed — {line}"));
    }
    assert_eq!(Kind::Slack.body("scan.failed", &json!({}))["text"], "❌ Scan ? failed: ");
    for (seconds, shown) in [(0.22, "0.22s"), (59.0, "59s"), (60.0, "1m 0s"), (81.3, "1m 21s"), (7503.0, "2h 5m"), (-1.0, "0s")] {
        assert_eq!(duration(seconds), shown);
    }
}

/// Every text of a message, with the key it stands under.
fn texts(value: &Value, key: &str, out: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => out.push((key.to_owned(), text.clone())),
        Value::Array(items) => items.iter().for_each(|item| texts(item, key, out)),
        Value::Object(fields) => fields.iter().for_each(|(name, item)| texts(item, name, out)),
        _ => {}
    }
}

#[test]
fn hostile_text_stays_text_and_within_limits() {
    let units = |text: &str| text.encode_utf16().count();
    let bad = "<!channel> <@U1> & `x` @everyone [a](http://e) **b** _c_ ||d|| \n# e \u{202e}\u{0} 😀".repeat(400);
    let data = json!({"scan_id": bad, "target_path": bad, "scanner": bad, "error": bad, "message": bad, "findings_count": bad,
        "risk_score": bad, "duration_s": 1e300, "scanners_run": [bad, bad], "severity_counts": {"critical": u64::MAX, "high": -1},
        "completed_at": bad, "timestamp": bad});
    for event in ["scan.complete", "scan.failed", "scanner.failed", "webhook.test", "other", bad.as_str()] {
        let slack = Kind::Slack.body(event, &data);
        for block in slack["blocks"].as_array().unwrap() {
            let header = block["type"] == "header";
            let mut all = Vec::new();
            texts(block, "", &mut all);
            for (_, text) in all.iter().filter(|(key, _)| key == "text") {
                assert!(units(text) <= if header { 150 } else { 3000 }, "{event}");
                // What Slack would read as a mention or a link.
                assert!(header || !text.contains('<') && !text.contains('\n') || text.starts_with('*'), "{event} {text}");
                assert!(!text.chars().any(|c| c == '\u{202e}' || c == '\0'), "{event}");
                let code = text.starts_with("*Error") || text.starts_with("Scan ID");
                assert!(!code || text.matches('`').count() == 2, "{event} {text}");
            }
            for field in block["fields"].as_array().into_iter().flatten() {
                let text = field["text"].as_str().unwrap();
                assert!(units(text) <= 2000 && !text.contains('<'), "{event}");
            }
        }
        assert!(!slack["text"].as_str().unwrap().contains(['<', '\n']), "{event}");

        let discord = Kind::Discord.body(event, &data);
        assert_eq!(discord["allowed_mentions"], json!({"parse": []}));
        assert!(units(discord["content"].as_str().unwrap()) <= 2000);
        let embed = &discord["embeds"][0];
        let mut all = Vec::new();
        texts(embed, "", &mut all);
        assert!(all.iter().map(|(_, text)| units(text)).sum::<usize>() <= 6000, "{event}");
        for (key, text) in all {
            let most = match key.as_str() {
                "title" | "name" => 256,
                "value" => 1024,
                "description" => 4096,
                _ => 2048,
            };
            assert!(units(&text) <= most && !text.is_empty(), "{event} {key} {}", units(&text));
            assert!(
                !text.contains(" <@") && !text.contains(" @everyone") || text.starts_with('`') || key == "text",
                "{key} {text}"
            );
        }
        assert!(embed.get("timestamp").is_none());
    }
}

#[test]
fn cutting_respects_escapes() {
    assert_eq!(fit("a&b", 7, slack), "a&amp;b");
    assert_eq!(fit("a&b", 6, slack), "a…");
    assert_eq!(fit("a&", 6, slack), "a&amp;");
    assert_eq!(fit("😀😀", 4, plain), "😀😀");
    assert_eq!(fit("😀😀x", 4, plain), "😀…");
    assert_eq!(fit("*_*", 5, discord), "\\*\\_…");
    assert_eq!(fit("", 0, plain), "");
    assert_eq!(fit("abc", 1, plain), "…");
}
