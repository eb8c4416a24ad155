use super::*;
use http::{HeaderName, HeaderValue};
use proptest::prelude::*;

fn network(text: &str) -> Network {
    text.parse().unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn a_network_holds_its_addresses_and_no_others() {
    for (block, inside, outside) in [
        ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
        ("10.1.2.3", "10.1.2.3", "10.1.2.4"),
        ("0.0.0.0/0", "255.255.255.255", "::1"),
        ("fd00::/8", "fdff::1", "fe00::1"),
        ("::/0", "::1", "127.0.0.1"),
        ("::ffff:10.0.0.0/104", "10.9.9.9", "11.0.0.0"),
        ("192.168.7.9/24", "192.168.7.255", "192.168.8.0"),
        ("10.0.0.0/8", "::ffff:10.1.1.1", "::ffff:11.1.1.1"),
    ] {
        assert!(network(block).contains(ip(inside)), "{inside} in {block}");
        assert!(!network(block).contains(ip(outside)), "{outside} in {block}");
    }
}

#[test]
fn a_network_prints_its_block() {
    for (written, printed) in
        [("10.1.2.3/8", "10.0.0.0/8"), ("::1", "::1"), ("::ffff:10.0.0.0/104", "10.0.0.0/8"), ("10.0.0.1/32", "10.0.0.1")]
    {
        assert_eq!(network(written).to_string(), printed);
    }
}

#[test]
fn what_is_no_network_is_refused() {
    for text in [
        "",
        "10.0.0",
        "10.0.0.0/33",
        "::/129",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "localhost",
        "10.0.0.0/8/8",
        "10.0.0.0/256",
        "[::1]",
    ] {
        assert!(text.parse::<Network>().is_err(), "{text}");
    }
    assert_eq!("10.0.0.0/33".parse::<Network>().unwrap_err().to_string(), "10.0.0.0/33: 10.0.0.0 has 32 bits, not 33");
}

#[test]
fn hosts_and_ports_come_apart() {
    for (text, wanted) in [
        ("door.example.com", Some(("door.example.com", None))),
        ("door.example.com:8080", Some(("door.example.com", Some(8080)))),
        ("[::1]:8080", Some(("::1", Some(8080)))),
        ("[::1]", Some(("::1", None))),
        ("::1", Some(("::1", None))),
        ("", None),
        (":80", None),
        ("a:b", None),
        ("a:", None),
        ("a:99999", None),
        ("[::1", None),
        ("[x]:1", None),
        ("a:1:2", None),
    ] {
        assert_eq!(split_host(text), wanted, "{text}");
    }
}

#[test]
fn only_this_machine_has_a_loopback_name() {
    for name in ["localhost", "LOCALHOST", "localhost.", "door.localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]", "::ffff:127.0.0.1"] {
        assert!(is_loopback_name(name), "{name}");
    }
    for name in ["localhost.example.com", "notlocalhost", ".localhost", "128.0.0.1", "0.0.0.0", "", "::2", "127.0.0.1.nip.io"] {
        assert!(!is_loopback_name(name), "{name}");
    }
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    let mut map = HeaderMap::new();
    for (name, value) in pairs.iter().map(pair) {
        map.append(name, value);
    }
    map
}

fn from(peer: &str, trusted: &[&str], pairs: &[(&str, &str)]) -> Result<Origin, Contradiction> {
    let trusted: Vec<Network> = trusted.iter().map(|text| network(text)).collect();
    origin(SocketAddr::new(ip(peer), 4711), &headers(pairs), &trusted)
}

#[test]
fn a_stranger_is_believed_nothing() {
    let origin =
        from("203.0.113.9", &[], &[("x-forwarded-for", "127.0.0.1"), ("x-forwarded-proto", "https"), ("forwarded", "for=127.0.0.2")])
            .unwrap();
    assert_eq!(origin, Origin { address: ip("203.0.113.9"), scheme: None, host: None, is_forwarded: true });
    let origin = from("127.0.0.1", &[], &[("x-real-ip", "127.0.0.1")]).unwrap();
    assert!(origin.is_forwarded);
    assert!(!from("127.0.0.1", &[], &[]).unwrap().is_forwarded);
}

#[test]
fn the_chain_is_walked_from_the_right() {
    let client = |chain: &str| from("10.0.0.1", &["10.0.0.0/8"], &[("x-forwarded-for", chain)]).unwrap().address.to_string();
    assert_eq!(client("203.0.113.9"), "203.0.113.9");
    assert_eq!(client("6.6.6.6, 203.0.113.9"), "203.0.113.9");
    assert_eq!(client("6.6.6.6, 203.0.113.9, 10.0.0.2"), "203.0.113.9");
    assert_eq!(client("10.9.9.9, 10.0.0.2"), "10.9.9.9");
    assert_eq!(client("203.0.113.9, unknown"), "10.0.0.1");
    assert_eq!(client("203.0.113.9, nonsense, 10.0.0.2"), "10.0.0.2");
    assert_eq!(client("203.0.113.9:51000"), "203.0.113.9");
    assert_eq!(client("[2001:db8::7]:443"), "2001:db8::7");
    assert_eq!(client("::ffff:203.0.113.9"), "203.0.113.9");
    assert_eq!(client(""), "10.0.0.1");
}

#[test]
fn several_lines_are_one_chain() {
    let pairs = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "203.0.113.9")];
    assert_eq!(from("10.0.0.1", &["10.0.0.1"], &pairs).unwrap().address, ip("203.0.113.9"));
}

#[test]
fn scheme_and_host_are_those_of_the_client_hop() {
    let pairs = [
        ("x-forwarded-for", "6.6.6.6, 203.0.113.9, 10.0.0.2"),
        ("x-forwarded-proto", "gopher, https, http"),
        ("x-forwarded-host", "Door.example.com"),
    ];
    let origin = from("10.0.0.1", &["10.0.0.0/8"], &pairs).unwrap();
    assert_eq!((origin.scheme, origin.host.as_deref()), (Some("https"), Some("door.example.com")));
    let alone = from("10.0.0.1", &["10.0.0.1"], &[("x-forwarded-proto", "https")]).unwrap();
    assert_eq!((alone.address, alone.scheme), (ip("10.0.0.1"), Some("https")));
    let odd = from("10.0.0.1", &["10.0.0.1"], &[("x-forwarded-proto", "javascript"), ("x-forwarded-host", "a/b@c")]).unwrap();
    assert_eq!((odd.scheme, odd.host), (None, None));
}

#[test]
fn the_standard_header_is_read() {
    let value = r#"for=6.6.6.6;proto=http, For="[2001:db8::7]:443";Proto=HTTPS;host="door.example.com";by="_a,b;c", for=10.0.0.2"#;
    let origin = from("10.0.0.1", &["10.0.0.0/8"], &[("forwarded", value)]).unwrap();
    assert_eq!((origin.address, origin.scheme, origin.host.as_deref()), (ip("2001:db8::7"), Some("https"), Some("door.example.com")));
    let hidden = from("10.0.0.1", &["10.0.0.0/8"], &[("forwarded", "for=203.0.113.9, for=_hidden")]).unwrap();
    assert_eq!(hidden.address, ip("10.0.0.1"));
}

#[test]
fn two_stories_are_refused_unless_they_agree() {
    let both = |standard: &str| {
        from("10.0.0.1", &["10.0.0.1"], &[("forwarded", standard), ("x-forwarded-for", "203.0.113.9"), ("x-forwarded-proto", "https")])
    };
    assert_eq!(both("for=6.6.6.6"), Err(Contradiction));
    assert_eq!(both("for=203.0.113.9;proto=http"), Err(Contradiction));
    assert_eq!(both("for=203.0.113.9;proto=https").unwrap().address, ip("203.0.113.9"));
}

proptest! {
    #[test]
    fn a_network_reads_what_it_prints(bits in any::<u128>(), prefix in 0_u8..=128, is_v4 in any::<bool>()) {
        let address = if is_v4 { IpAddr::V4(Ipv4Addr::from_bits(bits as u32)) } else { IpAddr::V6(Ipv6Addr::from_bits(bits)) };
        let block = Network::new(address, prefix);
        prop_assert_eq!(block.to_string().parse::<Network>(), Ok(block));
    }

    #[test]
    fn a_network_holds_exactly_what_shares_its_prefix(a in any::<u32>(), b in any::<u32>(), prefix in 0_u8..=32) {
        let same = prefix == 0 || (a ^ b) >> (32 - u32::from(prefix)) == 0;
        let block = Network::new(Ipv4Addr::from_bits(a).into(), prefix);
        prop_assert_eq!(block.contains(Ipv4Addr::from_bits(b).into()), same);
        prop_assert_eq!(block.contains(Ipv4Addr::from_bits(b).to_ipv6_mapped().into()), same);
    }

    #[test]
    fn no_header_moves_an_untrusted_peer(value in "[ -~]{0,60}") {
        let origin = from("203.0.113.9", &["10.0.0.0/8"], &[("x-forwarded-for", &value), ("forwarded", &value)]).unwrap();
        prop_assert_eq!(origin.address, ip("203.0.113.9"));
    }

    #[test]
    fn what_stands_left_of_an_untrusted_address_never_counts(left in "[ -~]{0,40}") {
        let chain = format!("{left}, 203.0.113.9");
        prop_assert_eq!(from("10.0.0.1", &["10.0.0.0/8"], &[("x-forwarded-for", &chain)]).unwrap().address, ip("203.0.113.9"));
        let chain = format!("for={left}, for=203.0.113.9");
        prop_assert_eq!(from("10.0.0.1", &["10.0.0.0/8"], &[("forwarded", &chain)]).unwrap().address, ip("203.0.113.9"));
    }

    #[test]
    fn no_text_panics(text in ".{0,40}") {
        let _ = text.parse::<Network>();
        let _ = split_host(&text);
        let _ = is_loopback_name(&text);
        let _ = split_quoted(&text, ',');
    }
}
