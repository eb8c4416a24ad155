//! Numbers as people read them.

/// Groups a number by thousands: 42,170.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Writes a count with its word, in the singular or the plural: "1 person", "12 people".
pub fn counted(number: u64, one: &str, many: &str) -> String {
    [grouped(number).as_str(), " ", if number == 1 { one } else { many }].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(42_170), "42,170");
        assert_eq!(grouped(2_592_000), "2,592,000");
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(counted(1, "person", "people"), "1 person");
        assert_eq!(counted(12, "person", "people"), "12 people");
    }
}
