//! The one way out to others, for the program around the gate.

use crate::{
    gate::Gate,
    outbound::{Outbound, Target},
    trust::Trust,
};
use http::{HeaderMap, Method, Response};
use std::{fmt, io, time::Duration};

/// The most bytes of an answer.
const MOST: usize = 512 * 1024;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whose certificates are believed of somebody outside, where they are other than the settings say.
#[derive(Clone)]
pub struct Authorities(Outbound);

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorities").finish_non_exhaustive()
    }
}

impl Authorities {
    /// These alone: certificates in PEM.
    ///
    /// # Errors
    /// What is expected, to be read after the name of a setting.
    pub fn read(pem: &str) -> Result<Self, String> {
        Trust::only(pem).map(|trust| Self(Outbound::new(&trust)))
    }
}

impl Gate {
    /// Asks somebody outside: to an address that was judged, without following a redirect, and no longer than
    /// half a minute. Of the answer no more than half a megabyte is read. Without `authorities` those are
    /// believed that the settings name.
    ///
    /// # Errors
    /// When the address is none that may be asked, or there is no answer.
    pub async fn ask_outside(
        &self,
        authorities: Option<&Authorities>,
        url: &str,
        method: Method,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> io::Result<Response<Vec<u8>>> {
        let target = Target::parse(url).map_err(io::Error::other)?;
        let outbound = authorities.map_or(self.outbound(), |own| &own.0);
        let answer = outbound.submit(&target, method, headers, body, MOST, PATIENCE).await?;
        let mut response = Response::new(answer.body);
        *response.status_mut() = http::StatusCode::from_u16(answer.status).map_err(io::Error::other)?;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }
}
