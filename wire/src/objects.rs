//! JSON whose structs are objects, and nothing else.
//!
//! A derived reader takes a struct from an array of its fields, too. Nobody sends that; it would let
//! a body mean something by the order of the fields, and the browser's program would carry the code
//! of a second form for each type. [`from_str`] asks for a map wherever a struct is read, however
//! deep.

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};
use std::fmt;

/// Reads a value from JSON.
///
/// # Errors
/// As [`serde_json::from_str`], and for an array in the place of a struct.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    #[cfg(not(feature = "server"))]
    let value = T::deserialize(Objects(&mut reader))?;
    // One reader of each type, also where nobody asks for the place.
    #[cfg(feature = "server")]
    let value = located(&mut reader).map_err(serde_path_to_error::Error::into_inner)?;
    reader.end()?;
    Ok(value)
}

/// Reads a value from JSON that was taken apart already.
///
/// # Errors
/// As [`from_str`].
pub fn from_value<T: DeserializeOwned>(value: &serde_json::Value) -> Result<T, serde_json::Error> {
    T::deserialize(Objects(value))
}

/// Reads a value, and tells where in it something is wrong; whether anything follows the value is for
/// the caller to look at. Server functions and REST read their bodies by this one reader.
///
/// # Errors
/// As [`from_str`], with the path of the field.
#[cfg(feature = "server")]
pub fn located<T: DeserializeOwned>(
    reader: &mut serde_json::Deserializer<serde_json::de::StrRead<'_>>,
) -> Result<T, serde_path_to_error::Error<serde_json::Error>> {
    serde_path_to_error::deserialize(Objects(reader))
}

/// A reader, or a part of one, below which structs are objects.
struct Objects<T>(T);

/// Methods that hand a visitor on to the reader inside.
macro_rules! hand_on {
    ($($method:ident)*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method(Objects(visitor))
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Objects<D> {
    type Error = D::Error;

    hand_on! {
        deserialize_any deserialize_bool
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64 deserialize_char deserialize_str deserialize_string
        deserialize_bytes deserialize_byte_buf deserialize_option deserialize_unit
        deserialize_seq deserialize_map deserialize_identifier deserialize_ignored_any
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Objects(visitor))
    }

    #[inline]
    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_unit_struct(name, Objects(visitor))
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, Objects(visitor))
    }

    #[inline]
    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple(length, Objects(visitor))
    }

    #[inline]
    fn deserialize_tuple_struct<V: Visitor<'de>>(self, name: &'static str, length: usize, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple_struct(name, length, Objects(visitor))
    }

    #[inline]
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_enum(name, variants, Objects(visitor))
    }

    #[inline]
    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

/// Methods that hand a plain value on to the visitor inside.
macro_rules! take {
    ($($method:ident: $type:ty,)*) => {$(
        #[inline]
        fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.0.$method(value)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Objects<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    take! {
        visit_bool: bool,
        visit_i64: i64,
        visit_i128: i128,
        visit_u64: u64,
        visit_u128: u128,
        visit_f64: f64,
        visit_char: char,
        visit_str: &str,
        visit_borrowed_str: &'de str,
        visit_string: String,
        visit_bytes: &[u8],
        visit_borrowed_bytes: &'de [u8],
        visit_byte_buf: Vec<u8>,
    }

    #[inline]
    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    #[inline]
    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    #[inline]
    fn visit_some<D: Deserializer<'de>>(self, reader: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Objects(reader))
    }

    #[inline]
    fn visit_newtype_struct<D: Deserializer<'de>>(self, reader: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Objects(reader))
    }

    #[inline]
    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Objects(items))
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Objects(entries))
    }

    #[inline]
    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(Objects(variant))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Objects<S> {
    type Value = S::Value;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Objects(reader))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Objects<A> {
    type Error = A::Error;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        self.0.next_element_seed(Objects(seed))
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Objects<A> {
    type Error = A::Error;

    // A name is no struct; it is read as it is.
    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    #[inline]
    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        self.0.next_value_seed(Objects(seed))
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Objects<A> {
    type Error = A::Error;
    type Variant = Objects<A::Variant>;

    #[inline]
    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self::Variant), A::Error> {
        self.0.variant_seed(seed).map(|(name, content)| (name, Objects(content)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Objects<A> {
    type Error = A::Error;

    #[inline]
    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    #[inline]
    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        self.0.newtype_variant_seed(Objects(seed))
    }

    #[inline]
    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(length, Objects(visitor))
    }

    #[inline]
    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, Objects(visitor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Inner {
        count: u64,
        #[serde(default)]
        share: f64,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        Plain,
        Word(String),
        Held(Inner),
        Named { of: Inner },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Outer {
        name: Option<String>,
        pair: (bool, i64),
        kinds: Vec<Kind>,
        by_name: BTreeMap<String, Inner>,
        rest: Value,
    }

    fn whole() -> Value {
        json!({
            "name": "a \"quoted\" ü",
            "pair": [true, -3],
            "kinds": ["plain", { "word": "w" }, { "held": { "count": 1 } }, { "named": { "of": { "count": 2, "share": 0.5 } } }],
            "by_name": { "x": { "count": 3 } },
            "rest": [{ "any": null }, 1.5, -1],
        })
    }

    #[test]
    fn a_value_is_read_as_serde_json_reads_it() {
        let text = whole().to_string();
        assert_eq!(from_str::<Outer>(&text).unwrap(), serde_json::from_str::<Outer>(&text).unwrap());
        assert_eq!(from_str::<Value>(&text).unwrap(), whole());
        assert_eq!(from_value::<Outer>(&whole()).unwrap(), from_str::<Outer>(&text).unwrap());
        assert_eq!(from_str::<Option<u8>>(" 7 ").unwrap(), Some(7));
        assert_eq!(from_str::<Option<u8>>("null").unwrap(), None);
    }

    #[test]
    fn an_array_is_no_struct_however_deep() {
        assert!(serde_json::from_str::<Inner>("[1,0.5]").is_ok(), "what a derived reader takes by itself");
        assert!(from_str::<Inner>("[1,0.5]").is_err());
        assert!(from_value::<Vec<Inner>>(&json!([{ "count": 1 }, [1, 0.5]])).is_err());
        assert!(from_str::<Vec<Inner>>(r#"[{"count":1},[1,0.5]]"#).is_err());
        assert!(from_str::<Option<Inner>>("[1,0.5]").is_err());
        assert!(from_str::<Kind>(r#"{"held":[1,0.5]}"#).is_err());
        assert!(from_str::<BTreeMap<String, Inner>>(r#"{"x":[1,0.5]}"#).is_err());
    }

    #[test]
    fn what_is_wrong_is_refused_with_its_place() {
        assert!(from_str::<Inner>(r#"{"count":1} x"#).is_err());
        assert!(from_str::<Inner>(r#"{"count":1,"count":2}"#).is_err());
        let error = from_str::<Inner>("{\n\"count\":\"one\"}").unwrap_err();
        assert_eq!((error.line(), error.is_data()), (2, true), "{error}");
    }
}
