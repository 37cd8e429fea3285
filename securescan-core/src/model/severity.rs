//! The closed word lists of the model: severity, confidence and scan type.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }
        impl $name {
            /// Every value, in declared order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            /// The word on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
        impl FromStr for $name {
            type Err = crate::Error;
            /// Case-sensitive, as everywhere on the wire.
            fn from_str(word: &str) -> crate::Result<Self> {
                Self::ALL.iter().copied().find(|v| v.as_str() == word).ok_or_else(|| {
                    let known: Vec<_> = Self::ALL.iter().map(|v| v.as_str()).collect();
                    crate::Error::invalid(format!("unknown {} `{}`", stringify!($name).to_ascii_lowercase(), word.chars().take(60).collect::<String>()))
                        .hint(format!("choose one of: {}", known.join(", ")))
                })
            }
        }
    };
}

words! {
    /// How bad it is. Ordered: `Info < Low < Medium < High < Critical`.
    Severity {
        /// Worth knowing.
        Info = "info",
        /// Minor.
        Low = "low",
        /// Should be fixed.
        Medium = "medium",
        /// Fix soon.
        High = "high",
        /// Fix now.
        Critical = "critical",
    }
}

words! {
    /// How sure the scanner is. Used by dedup and score, never by identity.
    Confidence {
        /// A guess.
        Low = "low",
        /// Likely.
        Medium = "medium",
        /// Sure.
        High = "high",
    }
}

words! {
    /// What kind of scan a finding comes from.
    ScanType {
        /// Static analysis of source code, secrets included.
        Code = "code",
        /// Packages and their advisories and licences.
        Dependency = "dependency",
        /// Infrastructure as code and container files.
        Iac = "iac",
        /// Hardening of the host and the project.
        Baseline = "baseline",
        /// A running web application.
        Dast = "dast",
        /// Hosts and ports.
        Network = "network",
    }
}

impl Severity {
    /// 4 for critical down to 0 for info.
    pub fn rank(self) -> u8 {
        self as u8
    }
}
