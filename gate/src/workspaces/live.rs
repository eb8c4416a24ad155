//! Workspaces in memory, as the last change left them: a request that names an environment costs no
//! look into the database once its workspace is here.

use super::store;
use crate::{Result, db::Db};
use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};
use wire::workspaces::{Slug, Workspace};

/// The most workspaces that are kept; beyond it all are let go and read again.
const MOST: usize = 20_000;

/// Workspaces in memory, by slug.
#[derive(Default)]
pub(crate) struct LiveWorkspaces {
    workspaces: RwLock<HashMap<Slug, Arc<Workspace>>>,
    /// Rises with everything that is let go, so that a read that began before is not kept.
    generation: AtomicU64,
}

impl LiveWorkspaces {
    /// The workspace, unless there is none.
    pub(crate) async fn find(&self, db: &Db, slug: &Slug) -> Result<Option<Arc<Workspace>>> {
        if let Some(found) = self.workspaces.read().unwrap_or_else(PoisonError::into_inner).get(slug) {
            return Ok(Some(found.clone()));
        }
        let generation = self.generation.load(Ordering::SeqCst);
        let Some(workspace) = store::by_slug(db.pool(), slug).await? else { return Ok(None) };
        let workspace = Arc::new(workspace);
        let mut workspaces = self.workspaces.write().unwrap_or_else(PoisonError::into_inner);
        if self.generation.load(Ordering::SeqCst) == generation {
            if workspaces.len() >= MOST {
                workspaces.clear();
            }
            workspaces.insert(slug.clone(), workspace.clone());
        }
        Ok(Some(workspace))
    }

    pub(crate) fn forget(&self, slug: &Slug) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.workspaces.write().unwrap_or_else(PoisonError::into_inner).remove(slug);
    }

    pub(crate) fn forget_all(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.workspaces.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
