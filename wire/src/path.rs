//! Paths of guarded apps: brought into one form, judged in it, and sent on in it.
//!
//! What two programs could read differently is refused: the rule that was looked at must be about the
//! very thing that the upstream sees.

use std::fmt;

/// Why a path can not be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathProblem {
    /// It does not begin with a slash.
    NotAbsolute,
    /// A `%` without two hex digits after it.
    BadPercent,
    /// `%2F`, which some take for a slash.
    EncodedSlash,
    /// `\`, plain or encoded, which some take for a slash.
    Backslash,
    /// `.` or `..` as a segment, plain or encoded.
    DotSegment,
    /// `;`, plain or encoded, behind which some leave out the rest of the segment.
    Parameter,
    /// `//`, which some take for one slash.
    EmptySegment,
    /// A control character, plain or encoded, or a space that is not encoded.
    ControlCharacter,
    /// What is still encoded after it was decoded.
    DoubleEncoding,
    /// What is no UTF-8 once it is decoded.
    NotUtf8,
    /// `?` or `#`, behind which there is no path any more.
    NotAPath,
}

impl fmt::Display for PathProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAbsolute => "a path begins with a slash",
            Self::BadPercent => "a % has to be followed by two hex digits",
            Self::EncodedSlash => "a slash in a segment can't be told from one between segments",
            Self::Backslash => "some programs take a backslash for a slash",
            Self::DotSegment => "a segment . or .. leads elsewhere",
            Self::Parameter => "some programs leave out what follows a semicolon",
            Self::EmptySegment => "some programs take two slashes for one",
            Self::ControlCharacter => "a path has no control characters and no plain spaces",
            Self::DoubleEncoding => "it is encoded twice, and some programs decode it twice",
            Self::NotUtf8 => "decoded, it is not UTF-8",
            Self::NotAPath => "a path has neither ? nor #",
        })
    }
}

impl std::error::Error for PathProblem {}

/// A path in the one form in which it is judged and sent.
///
/// Letters, digits and `-._~` are plain in it; what else was encoded stays encoded, in upper case;
/// what has to be encoded is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CanonicalPath {
    sent: String,
    /// Decoded, where that is another text. It has the same slashes.
    decoded: Option<String>,
}

impl CanonicalPath {
    /// Reads the path of a request, without its query.
    ///
    /// # Errors
    /// When two programs could read it differently.
    pub fn parse(raw: &str) -> Result<Self, PathProblem> {
        if !raw.starts_with('/') {
            return Err(PathProblem::NotAbsolute);
        }
        let path = if raw.bytes().all(is_plain) { Self { sent: raw.to_owned(), decoded: None } } else { Self::decode(raw.as_bytes())? };
        path.judged().check()?;
        Ok(path)
    }

    fn decode(raw: &[u8]) -> Result<Self, PathProblem> {
        let (mut sent, mut decoded) = (String::with_capacity(raw.len()), Vec::with_capacity(raw.len()));
        let mut at = 0;
        while let Some(&byte) = raw.get(at) {
            at += 1;
            if byte != b'%' {
                decoded.push(byte);
                if is_plain(byte) {
                    sent.push(char::from(byte));
                } else {
                    sent.push_str(&encoded(byte)?);
                }
                continue;
            }
            let digit =
                |at: usize| raw.get(at).and_then(|digit| char::from(*digit).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
            let (Some(high), Some(low)) = (digit(at), digit(at + 1)) else { return Err(PathProblem::BadPercent) };
            at += 2;
            let byte = high * 16 + low;
            if byte == b'/' {
                return Err(PathProblem::EncodedSlash);
            }
            decoded.push(byte);
            if is_unreserved(byte) {
                sent.push(char::from(byte));
            } else {
                sent.push_str(&format!("%{byte:02X}"));
            }
        }
        let decoded = String::from_utf8(decoded).map_err(|_| PathProblem::NotUtf8)?;
        Ok(Self { decoded: (decoded != sent).then_some(decoded), sent })
    }

    fn judged(&self) -> Judged<'_> {
        Judged(self.decoded.as_deref().unwrap_or(&self.sent))
    }

    /// The path as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.sent
    }

    /// The segments, decoded; a slash at the end makes none.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        let text = self.judged().0;
        let text = text.strip_suffix('/').unwrap_or(text);
        text.split('/').skip(1)
    }
}

impl fmt::Display for CanonicalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sent)
    }
}

/// A decoded path.
struct Judged<'a>(&'a str);

impl Judged<'_> {
    fn check(&self) -> Result<(), PathProblem> {
        for c in self.0.chars() {
            match c {
                '\\' => return Err(PathProblem::Backslash),
                ';' => return Err(PathProblem::Parameter),
                c if c.is_control() => return Err(PathProblem::ControlCharacter),
                _ => {}
            }
        }
        let bytes = self.0.as_bytes();
        if bytes.windows(3).any(|three| three[0] == b'%' && three[1].is_ascii_hexdigit() && three[2].is_ascii_hexdigit()) {
            return Err(PathProblem::DoubleEncoding);
        }
        if self.0.contains("//") {
            return Err(PathProblem::EmptySegment);
        }
        if self.0.split('/').any(|segment| matches!(segment, "." | "..")) {
            return Err(PathProblem::DotSegment);
        }
        Ok(())
    }
}

/// What means the same plain and encoded (RFC 3986, section 2.3).
const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// What may stand plain in a path (RFC 3986, section 3.3), without `;`.
const fn is_plain(byte: u8) -> bool {
    is_unreserved(byte) || matches!(byte, b'/' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'=' | b':' | b'@')
}

/// A byte that came plain, encoded.
fn encoded(byte: u8) -> Result<String, PathProblem> {
    match byte {
        b'?' | b'#' => Err(PathProblem::NotAPath),
        0..=b' ' | 0x7f => Err(PathProblem::ControlCharacter),
        byte => Ok(format!("%{byte:02X}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(raw: &str) -> Result<String, PathProblem> {
        CanonicalPath::parse(raw).map(|path| path.to_string())
    }

    fn segments(raw: &str) -> Vec<String> {
        CanonicalPath::parse(raw).unwrap().segments().map(str::to_owned).collect()
    }

    #[test]
    fn what_means_the_same_is_written_the_same() {
        for (raw, sent) in [
            ("/", "/"),
            ("/a/b", "/a/b"),
            ("/a/b/", "/a/b/"),
            ("/%61dmin", "/admin"),
            ("/a%2db", "/a-b"),
            ("/a%21", "/a%21"),
            ("/a%c3%a4", "/a%C3%A4"),
            ("/aä", "/a%C3%A4"),
            ("/a b{c}", "/a%20b%7Bc%7D"),
            ("/100%25", "/100%25"),
            ("/a:b@c,(d)*", "/a:b@c,(d)*"),
            ("/.well-known/x..y", "/.well-known/x..y"),
        ] {
            let raw = raw.replace(' ', "%20");
            assert_eq!(read(&raw).as_deref(), Ok(sent), "{raw}");
        }
    }

    #[test]
    fn segments_are_decoded_and_a_slash_at_the_end_makes_none() {
        assert_eq!(segments("/"), Vec::<String>::new());
        assert_eq!(segments("/a/b"), ["a", "b"]);
        assert_eq!(segments("/a/b/"), ["a", "b"]);
        assert_eq!(segments("/%61/b%20c/%C3%A4/%3F%23%21"), ["a", "b c", "ä", "?#!"]);
    }

    /// PRX-150
    #[test]
    fn what_two_programs_could_read_differently_is_refused() {
        use PathProblem::{
            BadPercent, ControlCharacter, DotSegment, DoubleEncoding, EmptySegment, EncodedSlash, NotAPath, NotAbsolute, NotUtf8, Parameter,
        };
        for (raw, problem) in [
            ("", NotAbsolute),
            ("a", NotAbsolute),
            ("*", NotAbsolute),
            ("http://a/b", NotAbsolute),
            ("/a%", BadPercent),
            ("/a%2", BadPercent),
            ("/a%zz", BadPercent),
            ("/a%+1", BadPercent),
            ("/a%u002f", BadPercent),
            ("/a%2fb", EncodedSlash),
            ("/a%2Fb", EncodedSlash),
            ("/public/..%2fadmin", EncodedSlash),
            ("/a\\b", PathProblem::Backslash),
            ("/a%5cb", PathProblem::Backslash),
            ("/a/../b", DotSegment),
            ("/a/./b", DotSegment),
            ("/..", DotSegment),
            ("/a/%2e%2e/b", DotSegment),
            ("/a/.%2E", DotSegment),
            ("/a/%2e/b", DotSegment),
            ("/a;b=c/d", Parameter),
            ("/a%3bb", Parameter),
            ("/public/..;/admin", Parameter),
            ("//", EmptySegment),
            ("//a", EmptySegment),
            ("/a//b", EmptySegment),
            ("/a//", EmptySegment),
            ("/a b", ControlCharacter),
            ("/a\tb", ControlCharacter),
            ("/a%00", ControlCharacter),
            ("/a%0d%0ab", ControlCharacter),
            ("/a%7f", ControlCharacter),
            ("/a%c2%85", ControlCharacter),
            ("/a%2561", DoubleEncoding),
            ("/a%252fb", DoubleEncoding),
            ("/a%25%32%66b", DoubleEncoding),
            ("/a%ff", NotUtf8),
            ("/a%c0%af", NotUtf8),
            ("/a?b", NotAPath),
            ("/a#b", NotAPath),
        ] {
            assert_eq!(read(raw), Err(problem), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn what_is_sent_is_what_was_judged(raw in "/([a-c.%/~!;?\\\\ 0-9A-F]|%[0-9a-f]{2}|ä){0,24}") {
            if let Ok(path) = CanonicalPath::parse(&raw) {
                let again = CanonicalPath::parse(path.as_str());
                prop_assert_eq!(again.as_ref(), Ok(&path), "once is enough");
                prop_assert!(path.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert!(path.segments().all(|segment| !segment.is_empty() && !matches!(segment, "." | "..") && !segment.contains(['/', '\\', ';'])));
            }
        }

        #[test]
        fn no_text_panics(raw in ".{0,40}") {
            let _ = CanonicalPath::parse(&raw);
        }
    }
}
