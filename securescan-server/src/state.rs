//! What the routes share.

/// The state every route can see. Cheap to clone; holds nothing yet, because no route needs storage yet.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct AppState {}
