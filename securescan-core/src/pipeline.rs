//! The steps in the life of a finding, in order.
