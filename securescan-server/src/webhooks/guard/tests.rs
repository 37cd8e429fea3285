#![allow(clippy::unwrap_used, reason = "tests")]
use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};

fn fixed(answers: &'static [&'static [&'static str]]) -> (Resolver, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let resolver: Resolver = Arc::new(move |_| {
        let n = count.fetch_add(1, Ordering::SeqCst);
        let answer = answers.get(n).or(answers.last()).copied().unwrap_or_default();
        Box::pin(async move { Ok(answer.iter().map(|a| a.parse().unwrap()).collect()) })
    });
    (resolver, asked)
}

async fn leads(guard: &Guard, url: &str) -> std::result::Result<Vec<String>, String> {
    let target = Target::parse(url)?;
    Ok(guard.addresses(&target.url).await?.iter().map(ToString::to_string).collect())
}

#[tokio::test]
async fn only_public_addresses_in_whatever_form() {
    let guard = Guard::new(Allow::default(), false);
    for host in [
        "127.0.0.1",
        "127.8.9.1",
        "localhost",
        "localhost.",
        "0.0.0.0",
        "0",
        // Decimal, octal, hexadecimal and short forms.
        "2130706433",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7f000001",
        "127.1",
        "10.0.0.1",
        "172.16.5.4",
        "192.168.0.1",
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "100.64.0.1",
        "192.0.0.192",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "[::]",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:169.254.169.254]",
        "[::127.0.0.1]",
        "[::ffff:0:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b::a9fe:a9fe]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::]",
        "[2002:a9fe:a9fe::1]",
        "[2001:0:1::1]",
        "[fe80::1]",
        "[fec0::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
        "[2001:db8::1]",
    ] {
        let found = leads(&guard, &format!("http://{host}/x")).await;
        assert!(found.is_err(), "{host} {found:?}");
    }
    for (host, leads_to) in [("93.184.216.34", "93.184.216.34:80"), ("[2606:2800::1]", "[2606:2800::1]:80")] {
        assert_eq!(leads(&guard, &format!("http://{host}/")).await.unwrap(), [leads_to]);
    }
    assert_eq!(leads(&guard, "https://1.1.1.1:8443/").await.unwrap(), ["1.1.1.1:8443"]);
    let why = leads(&guard, "http://127.0.0.1/").await.unwrap_err();
    assert!(why.contains("a loopback address") && why.contains("SECURESCAN_WEBHOOK_ALLOW"), "{why}");
}

#[tokio::test]
async fn every_answer_of_a_name_server_is_judged() {
    // Public first, private then: what happens between two tries.
    let (resolver, asked) = fixed(&[&["93.184.216.34"], &["127.0.0.1"], &["127.0.0.1", "93.184.216.34"], &[]]);
    let guard = Guard::with_resolver(Allow::default(), false, resolver);
    assert_eq!(leads(&guard, "http://rebind.example/").await.unwrap(), ["93.184.216.34:80"]);
    assert!(leads(&guard, "http://rebind.example/").await.unwrap_err().starts_with("refused"));
    assert_eq!(leads(&guard, "http://rebind.example/").await.unwrap(), ["93.184.216.34:80"]);
    assert_eq!(leads(&guard, "http://rebind.example/").await.unwrap_err(), "the host name leads to no address");
    assert_eq!(asked.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn what_the_operator_allows() {
    let allow = Allow::parse(" hooks.internal , 10.1.0.0/16,192.168.7.7, fd00::/8,[::1], ::ffff:172.16.0.0/108 ,").unwrap();
    let (resolver, _) = fixed(&[&["10.2.0.1"]]);
    let guard = Guard::with_resolver(allow, false, resolver);
    for (host, allowed) in [
        ("hooks.internal", true),
        ("HOOKS.internal.", true),
        ("other.internal", false),
        ("x.hooks.internal", false),
        ("10.1.255.255", true),
        ("10.2.0.0", false),
        ("192.168.7.7", true),
        ("192.168.7.8", false),
        ("[::ffff:10.1.2.3]", true),
        ("[fd12::1]", true),
        ("[fc12::1]", false),
        ("[::1]", true),
        ("127.0.0.1", false),
        ("172.16.1.1", true),
        ("172.32.1.1", true),
    ] {
        assert_eq!(leads(&guard, &format!("http://{host}/")).await.is_ok(), allowed, "{host}");
    }
    for list in ["10.0.0.0/33", "10.0.0.0/x", "a b", "http://x", "::/129", "::ffff:1.2.3.4/90", "/8"] {
        assert!(Allow::parse(list).is_err(), "{list}");
    }
    assert_eq!(Allow::parse(" , ").unwrap(), Allow::default());
    let any = Guard::new(Allow::parse("0.0.0.0/0,::/0").unwrap(), false);
    assert!(leads(&any, "http://127.0.0.1/").await.is_ok() && leads(&any, "http://[fe80::1]/").await.is_ok());
}

#[tokio::test]
async fn https_only() {
    let guard = Guard::new(Allow::default(), true);
    assert!(leads(&guard, "https://93.184.216.34/").await.is_ok());
    assert!(leads(&guard, "http://93.184.216.34/").await.unwrap_err().contains("https"));
}

#[test]
fn names_and_passwords_in_urls() {
    let read = |text: &str| Target::parse(text).map(|t| (t.url.to_string(), t.authorization));
    assert_eq!(read("http://user:p%40w@h/x").unwrap(), ("http://h/x".into(), Some("Basic dXNlcjpwQHc=".into())));
    assert_eq!(read("https://a@b@h:1").unwrap(), ("https://h:1/".into(), Some("Basic YUBiOg==".into())));
    assert_eq!(read("https://h/a@b").unwrap(), ("https://h/a@b".into(), None));
    for bad in ["", "h", "ftp://h", "http://", "http://u@", "http://h:0"] {
        assert!(read(bad).is_err(), "{bad}");
    }
    let why = read("http://secret:word@h:0/").unwrap_err();
    assert!(!why.contains("secret"), "{why}");
}
