//! Which form of a file a client wants (RFC 9110, section 12.5.3). Every browser takes Brotli where the
//! connection is encrypted, or stays on its own machine; nobody else is worth a second packed form.

/// A form in which a file can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Brotli,
    Identity,
}

impl Encoding {
    /// The name in Content-Encoding; the plain form has none.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Identity => None,
        }
    }
}

/// Picks the form with the highest weight among those we have; the smaller one when weights are
/// equal. A client that refuses everything gets the plain form.
pub fn choose(accepted: &str, have: impl Fn(Encoding) -> bool) -> Encoding {
    let mut best = (Encoding::Identity, 0);
    for encoding in [Encoding::Brotli, Encoding::Identity] {
        let weight = weight(accepted, encoding);
        if have(encoding) && weight > best.1 {
            best = (encoding, weight);
        }
    }
    best.0
}

/// The weight of a form in thousandths: its own, else that of `*`.
/// The plain form is welcome unless it is refused, but only after what is named.
fn weight(accepted: &str, encoding: Encoding) -> u16 {
    let name = encoding.name().unwrap_or("identity");
    let find = |wanted: &str| {
        accepted.split(',').find_map(|part| {
            let (coding, parameters) = part.split_once(';').unwrap_or((part, ""));
            coding.trim().eq_ignore_ascii_case(wanted).then(|| quality(parameters))
        })
    };
    let unnamed = if encoding == Encoding::Identity { 1 } else { 0 };
    find(name).or_else(|| find("*")).unwrap_or(unnamed)
}

/// The value of `q` in thousandths: 1000 when it is missing, 0 when it is not a number.
fn quality(parameters: &str) -> u16 {
    let value = parameters.split(';').find_map(|p| {
        let (name, value) = p.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    });
    let Some(value) = value else { return 1000 };
    let thousandths = value.parse::<f32>().unwrap_or(0.0).clamp(0.0, 1.0) * 1000.0;
    thousandths as u16
}
