//! What a check has found, and how it is told.

use crate::cli::print;
use serde::Serialize;

/// How good it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// Not dangerous by itself, but to be looked at.
    Warn,
    /// To be changed.
    Bad,
    /// Could not be looked at, or does not matter here.
    Skipped,
}

impl Verdict {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Skipped => "skipped",
        }
    }
}

/// What one attempt came to.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// The check.
    check: &'static str,
    /// What was sent.
    sent: String,
    /// What came back.
    came: String,
    verdict: Verdict,
    /// The way out: lines of configuration to change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    change: Vec<String>,
}

/// A check that was sent, and waits for its verdict.
#[derive(Debug)]
pub struct Sent {
    check: &'static str,
    sent: String,
}

/// Begins a finding: the check's name, and what is sent.
pub fn sent(check: &'static str, sent: impl Into<String>) -> Sent {
    Sent { check, sent: sent.into() }
}

impl Sent {
    fn ended(self, verdict: Verdict, came: impl Into<String>, change: &[&str]) -> Finding {
        let change = change.iter().map(|line| (*line).to_owned()).collect();
        Finding { check: self.check, sent: self.sent, came: came.into(), verdict, change }
    }

    /// As it should be.
    pub fn ok(self, came: impl Into<String>) -> Finding {
        self.ended(Verdict::Ok, came, &[])
    }

    /// To be looked at.
    pub fn warn(self, came: impl Into<String>, change: &[&str]) -> Finding {
        self.ended(Verdict::Warn, came, change)
    }

    /// To be changed.
    pub fn bad(self, came: impl Into<String>, change: &[&str]) -> Finding {
        self.ended(Verdict::Bad, came, change)
    }

    /// Not looked at; why.
    pub fn skipped(self, why: impl Into<String>) -> Finding {
        self.ended(Verdict::Skipped, why, &[])
    }
}

/// Whether something is to be changed or looked at.
pub fn has_findings(all: &[Finding]) -> bool {
    all.iter().any(|finding| matches!(finding.verdict, Verdict::Warn | Verdict::Bad))
}

/// Writes them down, one after the other, and a line that sums them up.
pub fn tell(all: &[Finding]) {
    let width = all.iter().map(|finding| finding.check.len()).max().unwrap_or(0);
    let mut last: &[String] = &[];
    for Finding { check, sent, came, verdict, change } in all {
        print::line(&format!("{:7}  {check:width$}  {} => {}", verdict.word(), clean(sent), clean(came)));
        let told = if change.is_empty() || change != last { change.as_slice() } else { &["as above".to_owned()] };
        for line in told {
            print::line(&format!("{:7}  {:width$}  change: {line}", "", ""));
        }
        last = change;
    }
    let count = |verdict| all.iter().filter(|finding| finding.verdict == verdict).count();
    let counts =
        [Verdict::Ok, Verdict::Warn, Verdict::Bad, Verdict::Skipped].map(|verdict| format!("{} {}", count(verdict), verdict.word()));
    print::line(&format!("{} checks: {}.", all.len(), counts.join(", ")));
}

/// Text of a stranger's, as a terminal may have it.
fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}
