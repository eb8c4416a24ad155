//! Workspaces in memory, as the last change left them: a request that names an environment costs no
//! look into the database once its workspace is here.

use super::store;
use crate::{Result, gate::Gate, memory::Memory};
use std::sync::Arc;
use wire::workspaces::{Slug, Workspace};

/// The most workspaces that are kept.
pub(crate) const MOST: usize = 20_000;

/// Workspaces in memory, by slug.
pub(crate) type LiveWorkspaces = Memory<Slug, Workspace>;

/// The workspace, unless there is none.
pub(crate) async fn find(gate: &Gate, slug: &Slug) -> Result<Option<Arc<Workspace>>> {
    gate.live_workspaces().find(slug, || store::by_slug(gate.db().pool(), slug)).await
}
