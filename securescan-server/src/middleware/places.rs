//! How many long answers are under way, in all and for each caller.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The places there are. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    total: usize,
    each: usize,
    taken: Arc<Mutex<HashMap<String, usize>>>,
}

/// A place, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    caller: String,
    taken: Arc<Mutex<HashMap<String, usize>>>,
}

impl Places {
    /// So many in all, and so many for one caller.
    pub(crate) fn new(total: usize, each: usize) -> Self {
        Self { total, each, taken: Arc::default() }
    }

    /// A place, if there is one.
    pub(crate) fn take(&self, caller: &str) -> Option<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.get(caller).copied().unwrap_or(0);
        if own >= self.each || taken.values().sum::<usize>() >= self.total {
            return None;
        }
        taken.insert(caller.to_owned(), own + 1);
        drop(taken);
        Some(Place { caller: caller.to_owned(), taken: Arc::clone(&self.taken) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = taken.get_mut(&self.caller) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_end_and_come_back() {
        let places = Places::new(3, 2);
        let mut held: Vec<_> = (0..2).map(|_| places.take("a").unwrap()).collect();
        assert!(places.take("a").is_none());
        held.push(places.take("b").unwrap());
        assert!(places.take("c").is_none());
        held.remove(0);
        assert!(places.take("c").is_some() && places.take("a").is_some());
        held.clear();
        assert!(places.taken.lock().unwrap().is_empty());
    }
}
