//! How many passwords are hashed at the same time.

use super::limits::{HASHES_AT_ONCE, HASHES_WAITING};
use std::sync::{Condvar, Mutex, PoisonError};

/// Lets [`HASHES_AT_ONCE`] in, keeps [`HASHES_WAITING`] waiting and sends the rest away, so that a flood of
/// sign-ins neither takes the memory nor the threads of everybody else.
#[derive(Debug, Default)]
pub(super) struct Gate {
    crowd: Mutex<Crowd>,
    left: Condvar,
}

#[derive(Debug, Default)]
struct Crowd {
    inside: usize,
    waiting: usize,
}

/// A place inside; given back when dropped.
#[derive(Debug)]
pub(super) struct Inside<'a>(&'a Gate);

impl Gate {
    /// Waits for a place. `None` when too many wait already.
    pub(super) fn enter(&self) -> Option<Inside<'_>> {
        // A count stays right even when a holder of the lock panicked: it is changed in one step.
        let mut crowd = self.crowd.lock().unwrap_or_else(PoisonError::into_inner);
        if crowd.waiting >= HASHES_WAITING {
            return None;
        }
        crowd.waiting += 1;
        let full = |crowd: &mut Crowd| crowd.inside >= HASHES_AT_ONCE;
        let mut crowd = self.left.wait_while(crowd, full).unwrap_or_else(PoisonError::into_inner);
        crowd.waiting -= 1;
        crowd.inside += 1;
        Some(Inside(self))
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.crowd.lock().unwrap_or_else(PoisonError::into_inner).inside -= 1;
        self.0.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    #[test]
    fn never_more_inside_than_there_are_places() {
        let gate = Gate::default();
        let (inside, most, done) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let _place = gate.enter().unwrap();
                        let now = inside.fetch_add(1, Ordering::SeqCst) + 1;
                        most.fetch_max(now, Ordering::SeqCst);
                        std::thread::sleep(Duration::from_micros(50));
                        inside.fetch_sub(1, Ordering::SeqCst);
                        done.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(most.load(Ordering::SeqCst), HASHES_AT_ONCE);
        assert_eq!(done.load(Ordering::SeqCst), 16 * 20);
    }

    #[test]
    fn too_many_waiting_are_sent_away() {
        let gate = Gate::default();
        let places: Vec<_> = (0..HASHES_AT_ONCE).map(|_| gate.enter().unwrap()).collect();
        std::thread::scope(|scope| {
            for _ in 0..HASHES_WAITING {
                scope.spawn(|| assert!(gate.enter().is_some()));
            }
            while gate.crowd.lock().unwrap().waiting < HASHES_WAITING {
                std::thread::yield_now();
            }
            assert!(gate.enter().is_none());
            drop(places);
        });
        assert!(gate.enter().is_some());
    }
}
