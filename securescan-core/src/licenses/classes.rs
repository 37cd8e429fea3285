//! What a licence asks of whoever ships the package: five classes and the tables that put an SPDX id into one.
//! Parsing of expressions is in `expression`; free-text names are in `names`.

#[cfg(feature = "scanners")]
use crate::model::Severity;

/// What a licence asks for. Ordered by how strict a conjunction of two is: `AND` takes the larger one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Class {
    /// Notices only.
    Permissive,
    /// A licence is stated, and nobody here knows what it asks for.
    Unknown,
    /// Changes to the licensed files or the library stay under its licence (MPL, EPL, CDDL, EUPL, LGPL).
    Reciprocal,
    /// The whole work comes under its licence, or changing it is restricted (GPL, CC-BY-SA, CC-BY-ND).
    Restricted,
    /// Nobody may use it: proprietary, all rights reserved.
    Unlicensed,
    /// Reaches over the network, or forbids commercial or competing use (AGPL, SSPL, BUSL, CC-BY-NC).
    Forbidden,
}

impl Class {
    /// The word in the rule id and in `metadata.class`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Permissive => "permissive",
            Self::Unknown => "unknown",
            Self::Reciprocal => "reciprocal",
            Self::Restricted => "restricted",
            Self::Unlicensed => "unlicensed",
            Self::Forbidden => "forbidden",
        }
    }

    /// How bad a finding of this class is; none for permissive licences, which are no finding.
    #[cfg(feature = "scanners")]
    pub(crate) fn severity(self) -> Option<Severity> {
        match self {
            Self::Permissive => None,
            Self::Unknown | Self::Reciprocal => Some(Severity::Low),
            Self::Restricted | Self::Unlicensed => Some(Severity::Medium),
            Self::Forbidden => Some(Severity::High),
        }
    }

    /// What a licence of this class does, after `The licence of x …`. `copyleft` as [`is_copyleft`]; `stated` whether there is
    /// a statement at all.
    pub(crate) fn asks(self, copyleft: bool, stated: bool) -> &'static str {
        match self {
            Self::Forbidden if copyleft => {
                "reaches users over a network: offering a service with it obliges you to publish your source"
            }
            Self::Forbidden => "forbids commercial or competing use",
            Self::Restricted if copyleft => "asks that a work which includes it is distributed under the same licence",
            Self::Restricted => "restricts how it may be used or changed",
            Self::Reciprocal => "asks that changes to the package itself are published under the same licence",
            Self::Unlicensed => "grants no right to use, copy or distribute it",
            Self::Unknown if !stated => "is not stated, so no right to use it is granted",
            Self::Unknown => "is not one that is known here",
            Self::Permissive => "asks for its notices to be kept",
        }
    }

    /// What to do about a package under a licence of this class.
    pub(crate) fn advice(self) -> &'static str {
        match self {
            Self::Forbidden => "Replace the package, or get a commercial licence or written approval for it.",
            Self::Restricted => {
                "Check that the way you distribute your work fits the licence, or choose a package under a permissive licence."
            }
            Self::Reciprocal => "Keep the package unmodified or publish the changes; keep its notices when you distribute it.",
            Self::Unlicensed => "Ask the author for a licence, or replace the package.",
            Self::Unknown => "Look up the licence in the package's repository and record the decision.",
            Self::Permissive => "Keep its notices when you distribute it.",
        }
    }

    /// How willingly a choice (`OR`) is made: the smallest is taken. What is known goes before what is not.
    fn choice_rank(self) -> u8 {
        match self {
            Self::Permissive => 0,
            Self::Reciprocal => 1,
            Self::Restricted => 2,
            Self::Forbidden => 3,
            Self::Unlicensed => 4,
            Self::Unknown => 5,
        }
    }

    /// `a OR b`: the licensee chooses.
    pub(crate) fn or(self, other: Self) -> Self {
        if other.choice_rank() < self.choice_rank() { other } else { self }
    }

    /// `a AND b`: both apply.
    pub(crate) fn and(self, other: Self) -> Self {
        self.max(other)
    }

    /// One step milder: what a linking exception does.
    fn lowered(self) -> Self {
        match self {
            Self::Restricted => Self::Reciprocal,
            Self::Reciprocal => Self::Permissive,
            other => other,
        }
    }
}

/// Id prefixes by class; the longest that fits wins. What is not listed here and approved by OSI or FSF is permissive.
///
/// # Source
/// SPDX licence list 3.29; classes after Google's licence classifier as used by dependency scanners, with the
/// source-available licences it lacks (SSPL, BUSL, Elastic, PolyForm) added and LGPL moved to `reciprocal`.
const CLASSES: &[(Class, &[&str])] = &[
    (
        Class::Forbidden,
        &[
            "AGPL-",
            "Aladdin",
            "BUSL-",
            "CC-BY-NC-",
            "COIL-",
            "CPAL-",
            "CPOL-",
            "Elastic-",
            "FSL-",
            "GLWTPL",
            "Hippocratic-",
            "MS-LPL",
            "Parity-",
            "PolyForm-",
            "RPL-",
            "SSPL-",
            "SUL-",
            "UnRAR",
            "Zimbra-",
        ],
    ),
    (
        Class::Restricted,
        &[
            "BSD-3-Clause-No-Military-License",
            "BSD-Protection",
            "BitTorrent-",
            "CC-BY-ND-",
            "CC-BY-SA-",
            "CC-SA-",
            "CECILL-1",
            "CECILL-2",
            "CERN-OHL-1",
            "CERN-OHL-S-",
            "D-FSL-",
            "ESA-PL-strong",
            "GFDL-",
            "GPL-",
            "JSON",
            "LiLiQ-Rplus",
            "NGPL",
            "NPL-",
            "OSL-",
            "OPUBL-",
            "QPL-",
            "SMAIL-GPL",
            "SimPL-",
            "Sleepycat",
            "SugarCRM-",
            "TAPR-OHL-",
            "TGPPL-",
            "Watcom-",
            "copyleft-next-",
        ],
    ),
    (
        Class::Reciprocal,
        &[
            "APSL-",
            "CATOSL-",
            "CDDL-",
            "CDLA-Sharing-",
            "CECILL-C",
            "CERN-OHL-W-",
            "CPL-",
            "CUA-OPL-",
            "EPL-",
            "ESA-PL-weak",
            "EUPL-",
            "ErlPL-",
            "FreeImage",
            "IPL-",
            "Interbase-",
            "LGPL-",
            "LGPLLR",
            "LPL-",
            "LPPL-",
            "LiLiQ-R-",
            "MPL-",
            "MS-RL",
            "Motosoto",
            "Nokia",
            "OCLC-",
            "ODbL-",
            "OPL-",
            "RPSL-",
            "RSCPL",
            "SISSL",
            "SPL-",
            "YPL-",
            "gSOAP-",
        ],
    ),
    (
        Class::Permissive,
        &[
            "BSD-",
            "Beerware",
            "Bitstream-",
            "Boehm-GC",
            "CC-BY-1",
            "CC-BY-2",
            "CC-BY-3",
            "CC-BY-4",
            "CC-PDDC",
            "CC-PDM-",
            "CC0-",
            "CDLA-Permissive-",
            "CECILL-B",
            "FSFUL",
            "FTL",
            "GD",
            "HDF5",
            "HPND",
            "ISC",
            "ImageMagick",
            "Info-ZIP",
            "JasPer-",
            "Latex2e",
            "Libpng",
            "MIT",
            "MS-PL",
            "Minpack",
            "MulanPSL-",
            "NCBI-PD",
            "NIST-",
            "NTP",
            "NetCDF",
            "ODC-By-",
            "OFL-",
            "OGC-",
            "OGL-",
            "OLDAP-",
            "OpenSSL",
            "PDDL-",
            "PSF-",
            "Plexus",
            "Qhull",
            "SAX-PD",
            "SGI-B-",
            "SSH-OpenSSH",
            "SSH-short",
            "SSLeay",
            "Sendmail",
            "Spencer-",
            "SunPro",
            "TCL",
            "TCP-wrappers",
            "UCAR",
            "Ubuntu-font-",
            "Unicode-",
            "Unlicense",
            "X11",
            "Xerox",
            "ZPL-",
            "blessing",
            "bzip2-",
            "dtoa",
            "etalab-",
            "libpng-",
            "libtiff",
            "mpich2",
            "python-ldap",
            "snprintf",
            "xinetd",
            "zlib-",
        ],
    ),
    (Class::Unknown, &["NOASSERTION", "any-OSI"]),
];

/// Exceptions that let a work link or be generated without coming under the licence.
const WEAKENING: &[&str] = &[
    "Autoconf-",
    "Bison-",
    "Bootloader-",
    "CLISP-",
    "Classpath-",
    "Digia-Qt-LGPL-",
    "FLTK-",
    "Font-",
    "GCC-",
    "GNAT-",
    "GNU-compiler-",
    "GPL-3.0-linking-",
    "GStreamer-",
    "Independent-modules-",
    "KiCad-libraries-",
    "LGPL-3.0-linking-",
    "LLGPL",
    "LLVM-",
    "LZMA-",
    "Libtool-",
    "Linux-syscall-note",
    "Nokia-Qt-",
    "OCCT-",
    "OCaml-LGPL-",
    "OpenJDK-assembly-",
    "PCRE2-",
    "Qt-",
    "Qwt-",
    "SWI-",
    "Simple-Library-Usage-",
    "Swift-",
    "UBDL-",
    "WxWindows-",
    "eCos-",
    "erlang-otp-",
    "fmt-",
    "freertos-",
    "gnu-javamail-",
    "i2p-gpl-java-",
    "mif-",
    "mxml-",
    "openjdk-",
    "polyparse-",
    "u-boot-",
];

/// The class of one SPDX id.
pub(crate) fn of_id(id: spdx::LicenseId) -> Class {
    // Deprecated ids carry their exception in the name: `GPL-2.0-with-classpath-exception`.
    if id.name.starts_with("GPL-") && id.name.contains("-with-") {
        return Class::Reciprocal;
    }
    let listed = CLASSES
        .iter()
        .flat_map(|(class, prefixes)| prefixes.iter().map(move |p| (p, *class)))
        .filter(|(prefix, _)| id.name.starts_with(*prefix))
        .max_by_key(|(prefix, _)| prefix.len());
    match listed {
        Some((_, class)) => class,
        None if id.is_copyleft() => Class::Restricted,
        None if id.is_osi_approved() || id.is_fsf_free_libre() => Class::Permissive,
        None => Class::Unknown,
    }
}

/// The class of a licence under an exception, by the exception's id.
pub(crate) fn with_exception(class: Class, exception: &str) -> Class {
    if WEAKENING.iter().any(|prefix| exception.starts_with(prefix)) { class.lowered() } else { class }
}

/// Whether a finding about this expression is about copyleft rather than about a use restriction.
pub(crate) fn is_copyleft(spdx: &str) -> bool {
    const NOT: &[&str] = &[
        "Aladdin",
        "BUSL-",
        "CC-BY-NC",
        "CC-BY-ND",
        "COIL-",
        "CPOL-",
        "Commons-Clause",
        "Elastic-",
        "FSL-",
        "GLWTPL",
        "Hippocratic-",
        "JSON",
        "MS-LPL",
        "No-Military",
        "PolyForm-",
        "SUL-",
        "UnRAR",
        "Zimbra-",
    ];
    !NOT.iter().any(|word| spdx.contains(word))
}
