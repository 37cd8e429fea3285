//! The rules: one table.

use crate::model::Severity;

/// One rule. Its id is that on the wire.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case.
    pub id: &'static str,
    /// How bad a hit is, unless the hit knows better.
    pub severity: Severity,
    /// The CWE number.
    pub cwe: u16,
    /// One line; `{}` stands for what was hit: a cookie, a header.
    pub title: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// Further reading.
    pub references: &'static [&'static str],
}

/// Writes each rule once: as a constant for the check and as a row of the list.
macro_rules! rules {
    ($($name:ident = $id:literal, $severity:ident, $cwe:literal, $title:literal, $why:literal, $fix:literal, [$($url:expr),*];)*) => {
        $(pub(super) static $name: Rule = Rule {
            id: $id, severity: Severity::$severity, cwe: $cwe, title: $title, why: $why, fix: $fix, references: &[$($url),*],
        };)*
        /// Every rule, sorted as in the source: by what is looked at.
        pub(super) static RULES: &[&Rule] = &[$(&$name),*];
    };
}

const MDN_HSTS: &str = "https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Strict-Transport-Security";
const MDN_CSP: &str = "https://developer.mozilla.org/docs/Web/HTTP/Guides/CSP";
const MDN_NOSNIFF: &str = "https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/X-Content-Type-Options";
const MDN_XFO: &str = "https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/X-Frame-Options";
const MDN_REFERRER: &str = "https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Referrer-Policy";
const MDN_PERMISSIONS: &str = "https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Permissions-Policy";
const MDN_COOP: &str = "https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Cross-Origin-Opener-Policy";
const MDN_COEP: &str = "https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Cross-Origin-Embedder-Policy";
const MDN_CORP: &str = "https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Cross-Origin-Resource-Policy";
const MDN_COOKIE: &str = "https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie";
const MDN_CORS: &str = "https://developer.mozilla.org/docs/Web/HTTP/Guides/CORS";
const MDN_SRI: &str = "https://developer.mozilla.org/docs/Web/Security/Subresource_Integrity";
const MDN_MIXED: &str = "https://developer.mozilla.org/docs/Web/Security/Mixed_content";
const OWASP_HEADERS: &str = "https://owasp.org/www-project-secure-headers/";
const OWASP_TLS: &str = "https://cheatsheetseries.owasp.org/cheatsheets/Transport_Layer_Security_Cheat_Sheet.html";
const OWASP_ERRORS: &str = "https://cheatsheetseries.owasp.org/cheatsheets/Error_Handling_Cheat_Sheet.html";
const OWASP_FILES: &str = "https://owasp.org/www-project-web-security-testing-guide/latest/4-Web_Application_Security_Testing/02-Configuration_and_Deployment_Management_Testing/04-Review_Old_Backup_and_Unreferenced_Files_for_Sensitive_Information";
const OWASP_METHODS: &str = "https://owasp.org/www-project-web-security-testing-guide/latest/4-Web_Application_Security_Testing/02-Configuration_and_Deployment_Management_Testing/06-Test_HTTP_Methods";
const RFC_8996: &str = "https://www.rfc-editor.org/rfc/rfc8996";
const RFC_9116: &str = "https://www.rfc-editor.org/rfc/rfc9116";

rules! {
    // Headers that should be there.
    MISSING_HSTS = "missing-header-strict-transport-security", Medium, 319, "Missing security header: Strict-Transport-Security",
        "Browsers may talk to this host over plain HTTP, where anybody on the way reads and changes what is sent.",
        "Send `Strict-Transport-Security: max-age=31536000; includeSubDomains` with every HTTPS answer.", [MDN_HSTS, OWASP_HEADERS];
    MISSING_CSP = "missing-header-content-security-policy", Medium, 693, "Missing security header: Content-Security-Policy",
        "Nothing limits which scripts run in the page, so that one injection is enough.",
        "Send a Content-Security-Policy that names the sources the page needs, from `default-src 'self'` on.", [MDN_CSP, OWASP_HEADERS];
    MISSING_NOSNIFF = "missing-header-x-content-type-options", Medium, 693, "Missing security header: X-Content-Type-Options",
        "Browsers may guess another type than the one stated and run what was meant as data.",
        "Send `X-Content-Type-Options: nosniff`.", [MDN_NOSNIFF, OWASP_HEADERS];
    MISSING_XFO = "missing-header-x-frame-options", Medium, 1021, "Missing security header: X-Frame-Options",
        "Neither this header nor `frame-ancestors` keeps other sites from framing the page and catching clicks on it.",
        "Send `Content-Security-Policy: frame-ancestors 'self'`, and `X-Frame-Options: SAMEORIGIN` for old browsers.", [MDN_XFO, OWASP_HEADERS];
    MISSING_REFERRER = "missing-header-referrer-policy", Medium, 200, "Missing security header: Referrer-Policy",
        "What other sites learn of the page's address is left to the browser.",
        "Send `Referrer-Policy: strict-origin-when-cross-origin` or a stricter one.", [MDN_REFERRER, OWASP_HEADERS];
    MISSING_PERMISSIONS = "missing-header-permissions-policy", Medium, 693, "Missing security header: Permissions-Policy",
        "Every frame and script of the page may ask for camera, microphone, location and more.",
        "Send a Permissions-Policy that turns off what the page does not use, such as `camera=(), microphone=(), geolocation=()`.", [MDN_PERMISSIONS, OWASP_HEADERS];
    MISSING_COOP = "missing-header-cross-origin-opener-policy", Info, 693, "Missing security header: Cross-Origin-Opener-Policy",
        "A page of another site that opened this one keeps a handle on its window.",
        "Send `Cross-Origin-Opener-Policy: same-origin`, or `same-origin-allow-popups` where sign-in windows are used.", [MDN_COOP, OWASP_HEADERS];
    MISSING_COEP = "missing-header-cross-origin-embedder-policy", Info, 693, "Missing security header: Cross-Origin-Embedder-Policy",
        "The page may embed what did not agree to be embedded, and is not isolated from it in memory.",
        "Send `Cross-Origin-Embedder-Policy: require-corp` or `credentialless` where the page needs isolation.", [MDN_COEP, OWASP_HEADERS];
    MISSING_CORP = "missing-header-cross-origin-resource-policy", Info, 693, "Missing security header: Cross-Origin-Resource-Policy",
        "Other sites may load this as an image or script and learn from it by side channels.",
        "Send `Cross-Origin-Resource-Policy: same-origin`, or `same-site`.", [MDN_CORP, OWASP_HEADERS];

    // Headers that are there and do not do what they are for.
    WEAK_HSTS = "weak-header-strict-transport-security", Medium, 319, "Strict-Transport-Security does not protect",
        "The value is invalid or holds for too short a time, so that visitors come over plain HTTP again.",
        "Send one valid value with a `max-age` of at least 15768000 (half a year).", [MDN_HSTS];
    WEAK_NOSNIFF = "weak-header-x-content-type-options", Low, 693, "X-Content-Type-Options is not `nosniff`",
        "Any other value is ignored.", "Send `X-Content-Type-Options: nosniff`.", [MDN_NOSNIFF];
    WEAK_XFO = "weak-header-x-frame-options", Medium, 1021, "X-Frame-Options is ignored by browsers",
        "Only one `DENY` or `SAMEORIGIN` has an effect; any site may frame the page.",
        "Send `X-Frame-Options: SAMEORIGIN` and `Content-Security-Policy: frame-ancestors 'self'`.", [MDN_XFO];
    WEAK_REFERRER = "weak-header-referrer-policy", Low, 200, "Referrer-Policy tells other sites too much",
        "The policy is unknown to browsers or sends the page's address to other sites.",
        "Send `Referrer-Policy: strict-origin-when-cross-origin` or a stricter one.", [MDN_REFERRER];
    WEAK_PERMISSIONS = "weak-header-permissions-policy", Low, 693, "Permissions-Policy allows a sensitive feature to every site",
        "Any frame of the page may use the feature.", "Name the origins that need the feature, or none: `camera=()`.", [MDN_PERMISSIONS];
    WEAK_CROSS_ORIGIN = "weak-header-cross-origin-policy", Info, 693, "{} has no effect",
        "The value is `unsafe-none` or unknown to browsers.",
        "Send one of the values that isolate the page, such as `same-origin`.", [MDN_COOP, MDN_COEP, MDN_CORP];
    DEPRECATED_HEADER = "deprecated-header", Info, 1104, "Deprecated header: {}",
        "Browsers no longer read this header; some old ones open holes because of it.", "Stop sending it.", [OWASP_HEADERS];

    // Content-Security-Policy.
    CSP_UNSAFE_INLINE = "csp-unsafe-inline", Medium, 693, "Content-Security-Policy allows inline scripts",
        "`'unsafe-inline'` without nonces or hashes lets every injected script run.",
        "Give each inline script a nonce or a hash and remove `'unsafe-inline'`.", [MDN_CSP];
    CSP_UNSAFE_EVAL = "csp-unsafe-eval", Low, 693, "Content-Security-Policy allows `eval`",
        "`'unsafe-eval'` lets text that reaches `eval` and its like run as script.",
        "Remove `'unsafe-eval'`; for WebAssembly `'wasm-unsafe-eval'` is enough.", [MDN_CSP];
    CSP_WILDCARD = "csp-wildcard-source", Medium, 693, "Content-Security-Policy allows scripts or objects from anywhere",
        "`*`, a whole scheme or `data:` among the sources of scripts or objects makes the policy void.",
        "Name the hosts, or use nonces with `'strict-dynamic'`.", [MDN_CSP];
    CSP_NO_SCRIPT_SRC = "csp-missing-script-src", Medium, 693, "Content-Security-Policy does not limit scripts",
        "With neither `script-src` nor `default-src` every script may run.", "Add `default-src 'self'` or a `script-src`.", [MDN_CSP];
    CSP_NO_OBJECT_SRC = "csp-missing-object-src", Low, 693, "Content-Security-Policy does not limit objects",
        "With neither `object-src` nor `default-src` plug-in content may come from anywhere.", "Add `object-src 'none'`.", [MDN_CSP];
    CSP_NO_BASE_URI = "csp-missing-base-uri", Low, 693, "Content-Security-Policy does not limit `base`",
        "An injected `<base>` leads every relative script address to another site; `default-src` does not cover it.",
        "Add `base-uri 'none'` or `base-uri 'self'`.", [MDN_CSP];
    CSP_NO_FRAME_ANCESTORS = "csp-missing-frame-ancestors", Low, 1021, "Content-Security-Policy does not limit framing",
        "`default-src` does not cover `frame-ancestors`, so that any site may frame the page.",
        "Add `frame-ancestors 'self'` or `'none'`.", [MDN_CSP];
    CSP_HTTP_SOURCE = "csp-insecure-source", Medium, 319, "Content-Security-Policy allows sources over plain HTTP",
        "Whoever is on the way can replace what comes from them.", "Use `https:` addresses only.", [MDN_CSP];

    // Cookies.
    COOKIE_SECURE = "cookie-missing-secure", Medium, 614, "Cookie missing Secure flag: {}",
        "The browser sends the cookie over plain HTTP, too.", "Add `Secure` to the cookie.", [MDN_COOKIE];
    COOKIE_HTTPONLY = "cookie-missing-httponly", Medium, 1004, "Cookie missing HttpOnly flag: {}",
        "Every script of the page can read the cookie, an injected one, too.", "Add `HttpOnly` unless a script has to read the cookie.", [MDN_COOKIE];
    COOKIE_SAMESITE = "cookie-missing-samesite", Low, 1275, "Cookie missing SameSite attribute: {}",
        "Whether the cookie goes along with requests from other sites is left to the browser.",
        "Add `SameSite=Lax` or `SameSite=Strict`.", [MDN_COOKIE];
    COOKIE_SAMESITE_INVALID = "cookie-invalid-samesite", Low, 1275, "Cookie with an invalid SameSite attribute: {}",
        "Browsers treat an unknown value as if there was none.", "Use `Lax`, `Strict` or `None`.", [MDN_COOKIE];
    COOKIE_NONE_INSECURE = "cookie-samesite-none-insecure", Medium, 614, "Cookie with SameSite=None but without Secure: {}",
        "Browsers refuse the cookie; those that do not send it everywhere in the clear.", "Add `Secure`, or use `SameSite=Lax`.", [MDN_COOKIE];
    COOKIE_PREFIX = "cookie-prefix-violated", Medium, 1275, "Cookie breaks the rules of its name prefix: {}",
        "`__Secure-` needs `Secure`; `__Host-` needs `Secure`, `Path=/` and no `Domain`. Browsers refuse the cookie otherwise.",
        "Set the attributes that the prefix asks for.", [MDN_COOKIE];

    // Cross-origin access.
    CORS_CREDENTIALS = "cors-reflected-origin-credentials", High, 942, "Any site may read answers with the user's credentials",
        "The answer names whatever origin asked and allows credentials, so that every site a user visits reads what the user may read.",
        "Compare `Origin` with a list of exact origins, and send `Access-Control-Allow-Credentials` to these only.", [MDN_CORS];
    CORS_REFLECTED = "cors-reflected-origin", Medium, 942, "Answers allow whatever origin asks",
        "The answer repeats an unknown origin in `Access-Control-Allow-Origin`.",
        "Compare `Origin` with a list of exact origins.", [MDN_CORS];
    CORS_NULL = "cors-null-origin", Medium, 942, "Answers allow the origin `null`",
        "Sandboxed frames and local files of anybody have the origin `null`.", "Never allow the origin `null`.", [MDN_CORS];
    CORS_WEAK_MATCH = "cors-weak-origin-match", Medium, 942, "Answers allow an origin that only begins like this host",
        "An origin is compared by its beginning, so that a host name anybody can register passes.",
        "Compare whole origins.", [MDN_CORS];
    CORS_WILDCARD = "cors-wildcard", Info, 942, "Answers allow every origin",
        "`Access-Control-Allow-Origin: *` is right for public data only.", "Name the origins if the data is not public.", [MDN_CORS];
    CORS_WILDCARD_CREDENTIALS = "cors-wildcard-credentials", Low, 942, "Every origin and credentials are allowed together",
        "Browsers refuse the pair, which shows that the policy does not say what was meant.",
        "Name the origins that need credentials.", [MDN_CORS];

    // The page.
    MISSING_SRI = "missing-subresource-integrity", Low, 353, "Script of another site without integrity check",
        "Whoever controls the other site, or breaks into it, runs code in this page.",
        "Add `integrity` and `crossorigin` to the tag, or serve the script from this site.", [MDN_SRI];
    MIXED_ACTIVE = "mixed-content-active", Medium, 319, "Scripts, styles or frames over plain HTTP in an HTTPS page",
        "Whoever is on the way replaces them and takes over the page.", "Load them over HTTPS.", [MDN_MIXED];
    MIXED_PASSIVE = "mixed-content-passive", Low, 319, "Images or media over plain HTTP in an HTTPS page",
        "Whoever is on the way sees and replaces them.", "Load them over HTTPS.", [MDN_MIXED];
    FORM_INSECURE = "form-insecure-action", Medium, 319, "Form of an HTTPS page sends over plain HTTP",
        "What is filled in travels in the clear.", "Send the form to an `https` address.", [MDN_MIXED];
    PASSWORD_OVER_HTTP = "password-over-http", High, 319, "Password field on a plain HTTP page",
        "The password travels in the clear, and whoever is on the way changes the form.", "Serve the page over HTTPS only.", [OWASP_TLS];

    // From plain HTTP to HTTPS.
    NO_HTTPS = "no-https", Medium, 319, "No HTTPS",
        "The page is served over plain HTTP and the host does not answer over TLS.", "Serve the site over HTTPS and redirect plain HTTP to it.", [OWASP_TLS];
    HTTPS_NOT_ENFORCED = "https-not-enforced", Medium, 319, "Plain HTTP is not redirected to HTTPS",
        "Visitors who type the name or follow an old link stay on plain HTTP.", "Answer every plain HTTP request with a permanent redirect to the same host over HTTPS.", [OWASP_TLS];
    REDIRECT_OFF_HOST = "https-redirect-off-host", Low, 319, "Plain HTTP is redirected to another host first",
        "The host itself is not visited over HTTPS, so that its Strict-Transport-Security is never seen.",
        "Redirect to HTTPS on the same host first, then to the other.", [MDN_HSTS];
    REDIRECT_DOWNGRADE = "https-downgrade-redirect", Medium, 319, "Redirect from HTTPS to plain HTTP",
        "The redirect takes visitors out of the protected connection.", "Redirect to `https` addresses only.", [OWASP_TLS];

    // What the server tells.
    SERVER = "info-disclosure-server", Low, 497, "Information disclosure header: Server",
        "It tells which known holes are worth trying.", "Remove the header or cut it down to a word.", [OWASP_HEADERS];
    POWERED_BY = "info-disclosure-x-powered-by", Low, 497, "Information disclosure header: X-Powered-By",
        "It tells which known holes are worth trying.", "Remove the header.", [OWASP_HEADERS];
    OTHER_HEADER = "info-disclosure-header", Low, 497, "Information disclosure header: {}",
        "It tells what the site is made of.", "Remove the header.", [OWASP_HEADERS];
    STACK_TRACE = "error-stack-trace", Medium, 209, "Error page shows a stack trace",
        "It shows the inside of the program to everybody.", "Show a plain error page and write the details to the log.", [OWASP_ERRORS];
    DEBUG_MODE = "debug-mode", High, 489, "The site runs in debug mode",
        "Debug pages show source, settings and at times a console.", "Turn debug mode off.", [OWASP_ERRORS];
    DIRECTORY_LISTING = "directory-listing", Medium, 548, "Directory listing",
        "Everybody sees and fetches every file of the folder.", "Turn automatic listings off.", [OWASP_FILES];
    EXPOSED_GIT = "exposed-git", High, 527, "Git repository can be downloaded",
        "The whole source and its history can be put together from it, with every secret that was ever in it.",
        "Keep `.git` out of what is served, and change the secrets that were in the repository.", [OWASP_FILES];
    EXPOSED_VCS = "exposed-version-control", High, 527, "Version control data can be downloaded",
        "Source can be put together from it.", "Keep the folder out of what is served.", [OWASP_FILES];
    EXPOSED_ENV = "exposed-env", Critical, 538, "Environment file can be downloaded",
        "Such files hold passwords and keys.", "Keep the file out of what is served, and change every secret in it.", [OWASP_FILES];
    EXPOSED_KEY = "exposed-private-key", Critical, 538, "Private key can be downloaded",
        "Whoever has it is whoever it stands for.", "Remove the file and replace the key everywhere.", [OWASP_FILES];
    EXPOSED_PASSWORDS = "exposed-password-file", High, 538, "Password file can be downloaded",
        "Password hashes can be guessed at leisure.", "Keep the file out of what is served, and change the passwords.", [OWASP_FILES];
    EXPOSED_BACKUP = "exposed-backup", High, 530, "Backup can be downloaded",
        "It holds source, passwords or the data itself.", "Keep backups out of what is served, and change the secrets in it.", [OWASP_FILES];
    EXPOSED_DS_STORE = "exposed-ds-store", Low, 538, "`.DS_Store` can be downloaded",
        "It lists the names of files in the folder, unlinked ones, too.", "Keep the file out of what is served.", [OWASP_FILES];
    EXPOSED_STATUS = "exposed-status-page", Medium, 497, "Status or profiling page is open to everybody",
        "It shows what the server is doing, addresses of visitors and requests.", "Allow it to administrators only.", [OWASP_FILES];
    EXPOSED_PHPINFO = "exposed-phpinfo", Medium, 497, "`phpinfo()` page is open to everybody",
        "It shows versions, paths, settings and the environment.", "Remove the page.", [OWASP_FILES];
    EXPOSED_ACTUATOR = "exposed-actuator", Medium, 497, "Management endpoints are open to everybody",
        "They show settings, memory and requests of the program.", "Allow them to administrators only.", [OWASP_FILES];
    EXPOSED_API = "exposed-api-description", Info, 497, "API description is open to everybody",
        "It lists every operation; fine for a public API.", "Allow it to those who need it, if the API is not public.", [OWASP_FILES];
    NO_SECURITY_TXT = "missing-security-txt", Info, 1059, "No security.txt",
        "Who finds a hole does not learn whom to tell.", "Serve `/.well-known/security.txt` with `Contact` and `Expires`.", [RFC_9116];

    // Methods.
    METHOD_TRACE = "http-method-trace", Medium, 749, "HTTP method TRACE is answered",
        "The answer repeats the request with its cookies and credentials.", "Turn TRACE off.", [OWASP_METHODS];
    METHODS_ANNOUNCED = "http-methods-announced", Low, 749, "HTTP methods that change the server are announced",
        "`Allow` names methods that write or delete; fine where an API means it and checks who asks.",
        "Allow only the methods that are needed.", [OWASP_METHODS];

    // TLS.
    CERT_EXPIRED = "tls-certificate-expired", High, 298, "TLS certificate has expired",
        "Browsers refuse the site, and users learn to click warnings away.", "Renew the certificate, automatically from now on.", [OWASP_TLS];
    CERT_NOT_YET = "tls-certificate-not-yet-valid", High, 298, "TLS certificate is not valid yet",
        "Browsers refuse the site.", "Use a certificate that is valid now, and check the clock of whoever issued it.", [OWASP_TLS];
    CERT_NAME = "tls-certificate-name-mismatch", High, 297, "TLS certificate is for another host",
        "Nothing tells this host from an impostor.", "Use a certificate that names this host.", [OWASP_TLS];
    CERT_SELF_SIGNED = "tls-certificate-self-signed", High, 295, "TLS certificate is self-signed",
        "Nothing tells this host from an impostor.", "Use a certificate of an authority that visitors trust.", [OWASP_TLS];
    CERT_UNTRUSTED = "tls-certificate-untrusted", High, 295, "TLS certificate is not trusted",
        "Its chain does not lead to a root that this machine trusts.", "Serve the whole chain of a certificate of an authority that visitors trust.", [OWASP_TLS];
    CERT_SOON = "tls-certificate-expires-soon", Info, 298, "TLS certificate expires soon",
        "It is due for renewal.", "Renew the certificate.", [OWASP_TLS];
    CERT_WEAK_SIGNATURE = "tls-weak-signature", Medium, 328, "TLS certificate with a broken signature hash",
        "Certificates with such signatures can be forged.", "Use a certificate signed with SHA-256 or better.", [OWASP_TLS];
    CERT_WEAK_KEY = "tls-weak-key", Medium, 326, "TLS certificate with a short key",
        "The key can be computed from the certificate with enough means.", "Use RSA with 2048 bits at least, or P-256.", [OWASP_TLS];
    TLS_LEGACY = "tls-legacy-protocol", Medium, 327, "Outdated TLS version accepted",
        "SSL 3.0, TLS 1.0 and TLS 1.1 have known attacks and are withdrawn.", "Accept TLS 1.2 and TLS 1.3 only.", [RFC_8996, OWASP_TLS];
    TLS_WEAK_CIPHER = "tls-weak-cipher", Medium, 327, "Broken TLS cipher accepted",
        "RC4, 3DES, DES, export, anonymous and NULL suites do not protect what is sent.", "Accept suites with AES-GCM or ChaCha20 only.", [OWASP_TLS];
}

#[cfg(test)]
mod tests {
    use super::RULES;
    use std::collections::BTreeSet;

    #[test]
    fn the_table_is_sound() {
        let ids: BTreeSet<_> = RULES.iter().map(|r| r.id).collect();
        assert_eq!(ids.len(), RULES.len(), "an id is used twice");
        for rule in RULES {
            assert!(rule.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", rule.id);
            assert!(rule.cwe > 0 && !rule.references.is_empty() && !rule.title.ends_with('.'), "{}", rule.id);
            assert!(rule.why.ends_with('.') && rule.fix.ends_with('.'), "{}", rule.id);
        }
    }
}
