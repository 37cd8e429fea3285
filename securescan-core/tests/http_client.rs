//! The engine's HTTP client: what it reaches, what it trusts, what it keeps to.
#![cfg(feature = "scanners")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod web;

use securescan_core::scanners::Cancel;
use securescan_core::scanners::http::{
    AddressPolicy, BodyEnd, ChainIs, Client, Facts, Kind, Options, Request, Trust, Url, shown,
};
use std::time::Duration;
use web::{Authority, Server, answer, certificate, self_signed};

fn client(change: impl FnOnce(&mut Options)) -> Client {
    let mut options = Options::default();
    change(&mut options);
    Client::new(options, &Cancel::new())
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[test]
fn certificates_are_verified_unless_only_looked_at() {
    let authority = Authority::new();
    let server = Server::https(authority.sign(&certificate()), |_, to| answer(to, 200, &[], b"hello"));
    let at = url(&server.url("/"));
    let refused = client(|_| {}).send(&Request::get(&at)).unwrap_err();
    assert_eq!(refused.kind(), Kind::Tls);
    assert!(server.asked().is_empty(), "nothing was sent");

    let trusting = client(|o| o.roots = vec![authority.root.clone()]);
    assert_eq!(trusting.send(&Request::get(&at)).unwrap().body, b"hello");
    let peer = trusting.peer(&at).unwrap();
    assert_eq!((peer.chain_is, peer.name_matches, peer.chain.len()), (ChainIs::Trusted, true, 1));

    let looking = client(|o| o.trust = Trust::Observe);
    assert_eq!(looking.send(&Request::get(&at)).unwrap().status, 200);
    assert_ne!(looking.peer(&at).unwrap().chain_is, ChainIs::Trusted);
    assert!(looking.peer(&url("https://127.0.0.1:1/")).is_none());

    let elsewhere = Server::https(self_signed(&rcgen::CertificateParams::new(vec!["h.example".to_owned()]).unwrap()), |_, _| {});
    let at = url(&elsewhere.url("/"));
    assert_eq!(client(|o| o.roots = vec![authority.root.clone()]).send(&Request::get(&at)).unwrap_err().kind(), Kind::Tls);
    let unreadable = client(|o| o.roots = vec![b"no certificate".to_vec()]).send(&Request::get(&at)).unwrap_err();
    assert!(unreadable.to_string().contains("root certificate"), "{unreadable}");
}

#[test]
fn private_addresses_are_not_reached() {
    let server = Server::http(|_, to| answer(to, 200, &[], b""));
    let careful = client(|o| o.addresses = AddressPolicy::Public);
    let port = server.address.port();
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "0x7f.1", "169.254.169.254"] {
        let error = careful.send(&Request::get(&url(&format!("http://{host}:{port}/")))).unwrap_err();
        assert!(matches!(error.kind(), Kind::Forbidden | Kind::NotFound), "{host}: {error}");
    }
    assert!(server.asked().is_empty());
    assert_eq!(client(|_| {}).send(&Request::get(&url(&server.url("/")))).unwrap().status, 200);
}

#[test]
fn redirects_are_the_callers() {
    let second = Server::http(|asked, to| answer(to, 200, &[], asked.header("Authorization").unwrap_or("none").as_bytes()));
    let to_second = second.url("/landed");
    let first = Server::http(move |asked, to| match asked.path.as_str() {
        "/start" => answer(to, 307, &[("Location", "/middle")], b""),
        "/middle" => answer(to, 302, &[("Location", &to_second)], asked.header("Authorization").unwrap_or("none").as_bytes()),
        _ => answer(to, 302, &[("Location", "file:///etc/passwd")], b""),
    });
    let client = client(|_| {});
    let start = url(&first.url("/start"));
    let request = Request { headers: &[("Authorization", "Bearer x")], ..Request::get(&start) };
    assert_eq!(client.send(&request).unwrap().status, 307, "not followed");

    let all = client.follow(&request, 5, &mut |_, _| true).unwrap();
    assert_eq!((all.hops.len(), all.last.status, all.refused), (2, 200, None));
    assert_eq!(
        (all.hops[1].body.as_slice(), all.last.body.as_slice()),
        (&b"Bearer x"[..], &b"none"[..]),
        "for the first server only"
    );

    let host = |from: &Url, to: &Url| from.origin() == to.origin();
    let some = client.follow(&request, 5, &mut |from, to| host(from, to)).unwrap();
    assert_eq!((some.hops.len(), some.last.status), (1, 302));
    assert_eq!(some.refused, Some(url(&second.url("/landed"))));
    assert_eq!(client.follow(&request, 1, &mut |_, _| true).unwrap_err().kind(), Kind::Redirects);

    let odd = url(&first.url("/odd"));
    let stays = client.follow(&Request::get(&odd), 5, &mut |_, _| true).unwrap();
    assert_eq!((stays.last.status, stays.refused), (302, None), "another scheme leads nowhere");
}

#[test]
fn limits() {
    let server = Server::http(|asked, to| match asked.path.as_str() {
        "/large" => answer(to, 200, &[], &[b'x'; 5000]),
        "/short" => drop(to.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")),
        "/hang" => std::thread::sleep(Duration::from_secs(5)),
        "/post" => answer(to, 200, &[], asked.head.as_bytes()),
        _ => answer(to, 204, &[("X-A", " one "), ("X-A", "two"), ("Set-Cookie", "a=b")], b""),
    });
    let small = client(|o| o.max_body = 1000);
    let quick = client(|o| o.timeout = Duration::from_millis(400));
    let get = |path: &str| small.send(&Request::get(&url(&server.url(path))));
    let large = get("/large").unwrap();
    assert_eq!((large.body.len(), large.end), (1000, BodyEnd::TooLarge));
    let short = get("/short").unwrap();
    assert!(short.body == b"half" && matches!(short.end, BodyEnd::Broken(_)), "{short:?}");
    let hang = url(&server.url("/hang"));
    assert_eq!(quick.send(&Request::get(&hang)).unwrap_err().kind(), Kind::Timeout);
    let empty = get("/").unwrap();
    assert_eq!((empty.status, empty.header("x-a"), empty.all("x-a").count()), (204, Some("one"), 2));
    get("/").unwrap();
    assert!(server.asked().iter().all(|a| a.header("Cookie").is_none()), "no cookie is kept");
    let at = url(&server.url("/post"));
    let request = Request { method: "POST", url: &at, headers: &[("Content-Type", "application/json")], body: Some(b"{}") };
    let head = String::from_utf8(small.send(&request).unwrap().body).unwrap().to_ascii_lowercase();
    assert!(
        head.starts_with("post /post") && head.contains("content-length: 2") && head.contains("user-agent: securescan/"),
        "{head}"
    );
    let broken = Request { headers: &[("X", "a\r\nb: c")], ..Request::get(&at) };
    assert_eq!(small.send(&broken).unwrap_err().kind(), Kind::BadUrl);

    let cancel = Cancel::new();
    cancel.cancel();
    let stopped = Client::new(Options::default(), &cancel);
    assert_eq!(stopped.send(&Request::get(&at)).unwrap_err().kind(), Kind::Cancelled);
}

proptest::proptest! {
    #[test]
    fn addresses_read_the_same_again(text in "(http|https|HTTP|ftp)://[a-z0-9.:@\\[\\]-]{0,12}(/|\\?|#|\\.\\.|\\.|é|%|a|=|&|\\\\){0,12}", reference in "(/|\\?|#|\\.\\.|\\.|:|a|\\\\|é){0,12}") {
        if let Ok(url) = Url::parse(&text) {
            proptest::prop_assert_eq!(&Url::parse(&url.to_string()).unwrap(), &url);
            proptest::prop_assert!(!url.shown().contains(['?', '#', '@']));
            if let Ok(joined) = url.join(&reference) {
                proptest::prop_assert_eq!(Url::parse(&joined.to_string()).unwrap(), joined);
            }
        }
        proptest::prop_assert!(!shown(&text).contains(['?', '#']));
    }

    #[test]
    fn certificates_of_noise(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        // Not a panic, whatever comes; and noise of this length is no certificate.
        proptest::prop_assert_eq!(Facts::read(&bytes), None);
    }
}
