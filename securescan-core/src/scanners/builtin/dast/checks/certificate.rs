//! What a server's certificate says.

use crate::scanners::builtin::dast::report::{Hit, Sink};
use crate::scanners::builtin::dast::rules;
use crate::scanners::http::{ChainIs, Facts, Key, Peer, Url};

const DAY: i64 = 86_400;

/// Looks at a server's certificates at a moment, in seconds since 1970.
pub(in crate::scanners::builtin::dast) fn check(url: &Url, peer: &Peer, now: i64, sink: &mut Sink) {
    let Some(facts) = peer.chain.first().and_then(|leaf| Facts::read(leaf)) else {
        return sink.add(Hit::server(&rules::CERT_UNTRUSTED, url).detail("The certificate cannot be read"));
    };
    if now > facts.not_after {
        sink.add(Hit::server(&rules::CERT_EXPIRED, url));
    } else if now < facts.not_before {
        sink.add(Hit::server(&rules::CERT_NOT_YET, url));
    } else if is_due(&facts, now) {
        sink.add(Hit::server(&rules::CERT_SOON, url));
    }
    if !peer.name_matches {
        sink.add(Hit::server(&rules::CERT_NAME, url));
    }
    match &peer.chain_is {
        ChainIs::Trusted => {}
        _ if facts.self_issued => sink.add(Hit::server(&rules::CERT_SELF_SIGNED, url)),
        ChainIs::Refused(why) => sink.add(Hit::server(&rules::CERT_UNTRUSTED, url).detail(format!("Reason: {why}"))),
        ChainIs::Unknown => {}
    }
    if let Key::Rsa(bits @ ..2048) | Key::Curve(bits @ ..224) = facts.key {
        sink.add(Hit::server(&rules::CERT_WEAK_KEY, url).detail(format!("The key has {bits} bits")));
    }
    // The signature of a root on itself is not what makes it trusted.
    let signed = peer.chain.iter().enumerate().filter_map(|(at, der)| Facts::read(der).filter(|f| at == 0 || !f.self_issued));
    if let Some(hash) = signed.into_iter().find_map(|f| f.weak_hash) {
        sink.add(Hit::server(&rules::CERT_WEAK_SIGNATURE, url).detail(format!("It is {hash}")));
    }
}

/// Less than 30 days left, and less than a third of its life: certificates that live for days only are renewed late.
fn is_due(facts: &Facts, now: i64) -> bool {
    let left = facts.not_after.saturating_sub(now);
    left < 30 * DAY && left < facts.not_after.saturating_sub(facts.not_before) / 3
}

#[cfg(test)]
mod tests {
    use super::{DAY, is_due};
    use crate::scanners::http::{Facts, Key};

    #[test]
    fn due_by_its_own_life() {
        let facts =
            |days: i64| Facts { not_before: 0, not_after: days * DAY, self_issued: false, weak_hash: None, key: Key::Other };
        assert!(is_due(&facts(90), 61 * DAY) && !is_due(&facts(90), 59 * DAY));
        assert!(is_due(&facts(6), 5 * DAY) && !is_due(&facts(6), 3 * DAY));
        assert!(is_due(&facts(398), 370 * DAY) && !is_due(&facts(398), 300 * DAY));
    }
}
