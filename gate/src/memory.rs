//! What requests are judged by, in memory, as the last change left it: read once, let go of with the
//! signal that it changed.

use crate::Result;
use std::{
    borrow::Borrow,
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// Values by key, each as the last change left it.
pub(crate) struct Memory<K, V> {
    kept: RwLock<HashMap<K, Arc<V>>>,
    /// Rises with everything that is let go, so that a read that began before is not kept.
    generation: AtomicU64,
    /// The most that are kept; beyond it all are let go and read again.
    most: usize,
}

impl<K: Hash + Eq, V> Memory<K, V> {
    /// Nothing yet, and room for so many.
    pub(crate) fn with_room_for(most: usize) -> Self {
        Self { kept: RwLock::default(), generation: AtomicU64::new(0), most }
    }

    /// The value, if it is in memory.
    pub(crate) fn peek<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
    {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// The value; read where it is not in memory. That there is none is not kept.
    ///
    /// # Errors
    /// Those of reading.
    pub(crate) async fn find<Q, F, E>(&self, key: &Q, read: impl FnOnce() -> F) -> Result<Option<Arc<V>>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
        F: Future<Output = std::result::Result<Option<V>, E>>,
        crate::Error: From<E>,
    {
        if let Some(found) = self.peek(key) {
            return Ok(Some(found));
        }
        let generation = self.generation.load(Ordering::SeqCst);
        // Apart, because the room for it would be moved about with each request that finds the value here.
        let Some(value) = Box::pin(read()).await? else { return Ok(None) };
        Ok(Some(self.keep(generation, key, value)))
    }

    /// The value; made where it is not in memory, of what needs no waiting. That there is none is not kept.
    pub(crate) fn find_or_make<Q>(&self, key: &Q, make: impl FnOnce() -> Option<V>) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        if let Some(found) = self.peek(key) {
            return Some(found);
        }
        let generation = self.generation.load(Ordering::SeqCst);
        Some(self.keep(generation, key, make()?))
    }

    /// Keeps what was read, unless something was let go since the read began.
    fn keep<Q>(&self, generation: u64, key: &Q, value: V) -> Arc<V>
    where
        K: Borrow<Q>,
        Q: ToOwned<Owned = K> + ?Sized,
    {
        let value = Arc::new(value);
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if self.generation.load(Ordering::SeqCst) == generation {
            if kept.len() >= self.most {
                kept.clear();
            }
            kept.insert(key.to_owned(), value.clone());
        }
        value
    }

    /// Lets go of one.
    pub(crate) fn forget(&self, key: &K) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.kept.write().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    /// Lets go of those of which this is true.
    pub(crate) fn forget_where(&self, is_meant: impl Fn(&V) -> bool) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.kept.write().unwrap_or_else(PoisonError::into_inner).retain(|_, value| !is_meant(value));
    }

    /// Lets go of everything.
    pub(crate) fn forget_all(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.kept.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What `read` makes of each that is in memory.
    pub(crate) fn each<T>(&self, mut read: impl FnMut(&K, &V) -> Option<T>) -> Vec<T> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.iter().filter_map(|(key, value)| read(key, value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;

    async fn found(memory: &Memory<String, u8>, key: &str, value: Option<u8>) -> Option<u8> {
        let read = async || Ok::<_, crate::Error>(value);
        memory.find(key, read).await.unwrap().map(|value| *value)
    }

    #[tokio::test]
    async fn what_was_read_is_kept_until_it_is_let_go() {
        let memory = Memory::with_room_for(2);
        assert_eq!(found(&memory, "a", None).await, None);
        assert_eq!(found(&memory, "a", Some(1)).await, Some(1), "that there was none is not kept");
        assert_eq!(found(&memory, "a", Some(2)).await, Some(1));
        memory.forget(&"a".to_owned());
        assert_eq!(found(&memory, "a", Some(3)).await, Some(3));
        memory.forget_where(|value| *value == 3);
        assert_eq!(found(&memory, "a", Some(4)).await, Some(4));
        assert_eq!(memory.each(|key, value| Some((key.clone(), *value))), [("a".to_owned(), 4)]);
        memory.forget_all();
        assert!(memory.peek("a").is_none());
    }

    #[tokio::test]
    async fn there_is_an_end_to_what_is_kept() {
        let memory = Memory::with_room_for(2);
        for (key, value) in [("a", 1), ("b", 2), ("c", 3)] {
            found(&memory, key, Some(value)).await;
        }
        assert_eq!(memory.each(|_, value| Some(*value)), [3]);
    }

    #[tokio::test]
    async fn a_read_that_began_before_the_change_is_not_kept() {
        let memory = Memory::<String, u8>::with_room_for(2);
        let stale = async || {
            memory.forget(&"a".to_owned());
            Ok::<_, crate::Error>(Some(1))
        };
        assert_eq!(memory.find("a", stale).await.unwrap().as_deref(), Some(&1));
        assert!(memory.peek("a").is_none());
    }
}
