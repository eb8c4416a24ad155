//! Enums that are one of a fixed list of words on the wire. The derive writes two look-ups for each,
//! which in the browser cost more than the list itself.

/// Gives a type with `ALL` and `as_str` its form on the wire.
macro_rules! on_the_wire {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Word;

                impl serde::de::Visitor<'_> for Word {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("one of the words that there are")
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        let known = $name::ALL.iter().find(|word| word.as_str() == text);
                        known.copied().ok_or_else(|| E::custom("this is none of the words that there are"))
                    }
                }

                from.deserialize_str(Word)
            }
        }
    };
}

pub(crate) use on_the_wire;
