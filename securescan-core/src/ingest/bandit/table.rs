//! Bandit's tests: number, title, severity where the tool gives none (Ruff's `S` rules), weakness.

use crate::model::Severity::{self, High, Low, Medium};

/// One test of Bandit.
#[derive(Debug, Clone, Copy)]
pub(in crate::ingest) struct Test {
    /// `B` and this; Ruff's `S` and this.
    pub(in crate::ingest) number: u16,
    pub(in crate::ingest) title: &'static str,
    /// Bandit's usual severity.
    pub(in crate::ingest) severity: Severity,
    /// The number of the weakness.
    pub(in crate::ingest) cwe: u16,
}

const fn test(number: u16, title: &'static str, severity: Severity, cwe: u16) -> Test {
    Test { number, title, severity, cwe }
}

/// By number.
///
/// # Source
/// Bandit 1.9.4: its plugins and blacklists; ids that were removed since (B109, B111, B309, B320, B322, B325, B414) as they were.
const TESTS: &[Test] = &[
    test(101, "Use of assert", Low, 703),
    test(102, "Use of exec", Medium, 78),
    test(103, "Permissive file mode", Medium, 732),
    test(104, "Binding to all interfaces", Medium, 605),
    test(105, "Hard-coded password string", Low, 259),
    test(106, "Hard-coded password as a function argument", Low, 259),
    test(107, "Hard-coded password as a default argument", Low, 259),
    test(108, "Hard-coded temporary directory", Medium, 377),
    test(109, "Password option not marked secret", Medium, 259),
    test(110, "Exception swallowed with pass", Low, 703),
    test(111, "Execution with run_as_root", Low, 250),
    test(112, "Exception swallowed with continue", Low, 703),
    test(113, "Request without a timeout", Medium, 400),
    test(201, "Flask app run with debug", High, 94),
    test(202, "Tar archive unpacked without checking its members", High, 22),
    test(301, "Unpickling of untrusted data", Medium, 502),
    test(302, "Unmarshalling of untrusted data", Medium, 502),
    test(303, "Weak hash function", Medium, 327),
    test(304, "Weak cipher", High, 327),
    test(305, "Weak cipher mode", Medium, 327),
    test(306, "Insecure temporary file (mktemp)", Medium, 377),
    test(307, "Use of eval", Medium, 78),
    test(308, "Use of mark_safe", Medium, 79),
    test(309, "HTTPSConnection without certificate validation", Medium, 295),
    test(310, "URL opened with a scheme that is not checked", Medium, 22),
    test(311, "Random numbers not fit for cryptography", Low, 330),
    test(312, "Use of Telnet", High, 319),
    test(313, "Untrusted XML parsed with xml.etree.cElementTree", Medium, 20),
    test(314, "Untrusted XML parsed with xml.etree.ElementTree", Medium, 20),
    test(315, "Untrusted XML parsed with xml.sax.expatreader", Medium, 20),
    test(316, "Untrusted XML parsed with xml.dom.expatbuilder", Medium, 20),
    test(317, "Untrusted XML parsed with xml.sax", Medium, 20),
    test(318, "Untrusted XML parsed with xml.dom.minidom", Medium, 20),
    test(319, "Untrusted XML parsed with xml.dom.pulldom", Medium, 20),
    test(320, "Untrusted XML parsed with lxml.etree", Medium, 20),
    test(321, "Use of FTP", High, 319),
    test(322, "Use of input in Python 2", High, 78),
    test(323, "TLS context without certificate validation", Medium, 295),
    test(324, "Weak hash function", High, 327),
    test(325, "Insecure temporary file name (tempnam)", Medium, 377),
    test(401, "Import of telnetlib", High, 319),
    test(402, "Import of ftplib", High, 319),
    test(403, "Import of pickle or a module like it", Low, 502),
    test(404, "Import of subprocess", Low, 78),
    test(405, "Import of xml.etree", Low, 20),
    test(406, "Import of xml.sax", Low, 20),
    test(407, "Import of xml.parsers.expat", Low, 20),
    test(408, "Import of xml.dom.minidom", Low, 20),
    test(409, "Import of xml.dom.pulldom", Low, 20),
    test(410, "Import of lxml", Low, 20),
    test(411, "Import of xmlrpc", High, 20),
    test(412, "Import of a CGI handler open to httpoxy", High, 284),
    test(413, "Import of pycrypto", High, 327),
    test(414, "Import of pycryptodome", High, 327),
    test(415, "Import of pyghmi", High, 319),
    test(501, "Request without certificate validation", High, 295),
    test(502, "Insecure SSL or TLS version", High, 327),
    test(503, "Insecure SSL or TLS version as a default", Medium, 327),
    test(504, "SSL wrapped without a version", Low, 327),
    test(505, "Weak cryptographic key", Medium, 326),
    test(506, "Unsafe YAML load", Medium, 20),
    test(507, "SSH host key not verified", High, 295),
    test(508, "Insecure SNMP version", Medium, 319),
    test(509, "SNMPv3 without encryption", Medium, 319),
    test(601, "Paramiko call may run a shell", Medium, 78),
    test(602, "Subprocess with shell=True", High, 78),
    test(603, "Subprocess without a shell: check its input", Low, 78),
    test(604, "Function called with shell=True", Medium, 78),
    test(605, "Process started with a shell", High, 78),
    test(606, "Process started without a shell", Low, 78),
    test(607, "Process started with a partial path", Low, 78),
    test(608, "SQL built from strings", Medium, 89),
    test(609, "Wildcard in a shell command", High, 155),
    test(610, "Django extra() used", Medium, 89),
    test(611, "Django RawSQL used", Medium, 89),
    test(612, "Insecure listener of logging.config", Medium, 94),
    test(613, "Bidirectional control character in source", High, 838),
    test(614, "Unsafe PyTorch load", Medium, 502),
    test(615, "Unpinned download from Hugging Face", Medium, 494),
    test(701, "Jinja2 without autoescape", High, 94),
    test(702, "Mako template without escaping", Medium, 79),
    test(703, "Django mark_safe with data that may be untrusted", Medium, 79),
    test(704, "Markup with data that may be untrusted", Medium, 79),
];

/// The test of an id: `B602`, or Ruff's `S602`.
pub(in crate::ingest) fn find(id: &str) -> Option<&'static Test> {
    let number: u16 = id.strip_prefix(['B', 'S'])?.parse().ok()?;
    TESTS.binary_search_by_key(&number, |test| test.number).ok().and_then(|at| TESTS.get(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_by_either_letter() {
        assert!(TESTS.is_sorted_by_key(|t| t.number));
        assert_eq!(find("B602").unwrap().cwe, 78);
        assert_eq!(find("S324").unwrap().severity, High);
        assert!(find("E501").is_none() && find("B").is_none() && find("B999").is_none() && find("").is_none());
    }
}
