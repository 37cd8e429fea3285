//! The UniFFI surface over the facade. Nothing is exported yet.
