//! Requests with the token of a trusted issuer against the same with a token of the server's own.

use crate::{
    Effort, Result, Row,
    client::{Make, Turns, get, in_turns},
    rates::Running,
};
use gate::{
    config::{Config, TrustedIssuer},
    testing::issuer::{Issuer, SigningKey},
    wire::workspaces::Slug,
};
use serde_json::json;
use std::sync::Arc;

/// How long the tokens are good, in seconds.
const LIFE: i64 = 24 * 60 * 60;

pub async fn measure(effort: Effort) -> Result<Vec<Row>> {
    let keys = [SigningKey::rsa("rsa"), SigningKey::p256("curve"), SigningKey::ed25519("edwards")];
    let issuer = Issuer::with(&keys.iter().collect::<Vec<_>>()).await;
    let mut config = Config::default();
    config.auth.issuers = vec![TrustedIssuer {
        id: Slug("bench".into()),
        issuer: issuer.name.clone(),
        audience: vec!["door".into()],
        ..TrustedIssuer::default()
    }];
    let running = Running::with(config).await?;
    let own = running.token.clone();
    let own: Make = Arc::new(move |_| get("/api/v1/auth/me", Some(&own)));
    let now = running.door.gate().now().seconds();
    let mut rows = Vec::new();
    for key in &keys {
        let claims = json!({
            "iss": issuer.name, "aud": "door", "sub": "mara", "iat": now, "exp": now + LIFE,
            "groups": (0..20).map(|n| format!("group {n}")).collect::<Vec<_>>(),
        });
        let token = key.token(&claims);
        let theirs: Make = Arc::new(move |_| get("/api/v1/auth/me", Some(&token)));
        let Turns { ratio, tail, rate } = in_turns(effort, (running.address, &theirs), (running.address, &own)).await?;
        let what = format!("an issuer’s token ({}) ÷ one of the server’s own, after the first", key.algorithm());
        rows.push(Row::new(what, format!("{ratio:.2} (p99 {tail:.2}×, {rate:.0}/s)"), "≥ 0.8"));
    }
    running.door.close().await;
    Ok(rows)
}
