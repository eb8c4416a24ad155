//! Passwords that somebody else keeps: one async method, spared by a cache. `cargo run --example
//! custom_backend`.

use axum::{Router, routing::get};
use doorward::{
    Doorward, Principal,
    backends::{Backend, BackendError, Cached, Credentials, Identity, Person, Terms},
};
use secrecy::ExposeSecret;
use std::{error::Error, net::SocketAddr, time::Duration};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    serve(TcpListener::bind("127.0.0.1:3000").await?).await
}

/// Whoever knows the members of the club; a real one would ask over the network.
struct Club {
    is_open: bool,
}

impl Backend for Club {
    async fn authenticate(&self, given: &Credentials) -> Result<Option<Identity>, BackendError> {
        if !self.is_open || given.name == "nobody-knows" {
            // Never taken for a wrong password: the answer is 503.
            return Err(BackendError::Away("the club is closed".into()));
        }
        let is_member = given.password.expose_secret() == format!("{} likes tea", given.name);
        let person = Person { subject: given.name.clone(), username: given.name.clone(), ..Person::default() };
        Ok(is_member.then(|| Identity::Person(Box::new(person))))
    }
}

/// Serves the app for as long as it runs.
pub async fn serve(listener: TcpListener) -> Result<(), Box<dyn Error + Send + Sync>> {
    let club = Cached::new(Club { is_open: true }, Duration::from_secs(30));
    let door = Doorward::builder().backend(club, Terms::new("club").role("operator")).build().await?;
    let app = Router::new().route("/", get(hello)).layer(door.layer()).merge(door.routes());
    Ok(axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?)
}

async fn hello(principal: Principal) -> String {
    format!("Hello {}", principal.name())
}
