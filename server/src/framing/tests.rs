use super::*;
use proptest::prelude::*;

/// Whether these bytes, in pieces of this size, could be read in two ways; and where they end.
fn follow(bytes: &[u8], step: usize) -> (bool, Place) {
    let mut follower = Follower::new(Framing::default());
    bytes.chunks(step).for_each(|piece| follower.pass(piece));
    (follower.framing.is_ambiguous(), follower.place)
}

fn is_ambiguous(text: &str) -> bool {
    let whole = follow(text.as_bytes(), usize::MAX).0;
    for step in [1, 2, 3, 7] {
        assert_eq!(follow(text.as_bytes(), step).0, whole, "{step}: {text}");
    }
    whole
}

/// PRX-152
#[test]
fn what_could_be_read_in_two_ways_is_noticed() {
    for head in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\nContent-Length: 5",
        "Content-Length: +5",
        "Content-Length: 5, 5",
        "Content-Length:",
        "Content-Length: 99999999999999999999",
        "Content-Length : 5",
        " Content-Length: 5",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding:\u{b}chunked",
        "X: y\nZ: w",
        "X: y\rZ: w",
    ] {
        assert!(is_ambiguous(&format!("POST / HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n")), "{head}");
    }
    let padded = format!("POST / HTTP/1.1\r\nTransfer-Encoding:{}chunked\r\n\r\n", " ".repeat(200));
    assert!(is_ambiguous(&padded));
    for body in
        ["5 x\r\nhello\r\n0\r\n\r\n", "5\nhello\r\n0\r\n\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "-5\r\n", "\r\n", "fffffffffffffffff\r\n"]
    {
        assert!(is_ambiguous(&format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{body}")), "{body}");
    }
}

#[test]
fn what_is_plain_is_let_be_however_much_follows() {
    let requests = [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nHost: x\r\nX-Long: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-length: 12\r\n\r\n\r\n\r\nGET / \n\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: Chunked\r\n\r\n5;a=b\r\nhel\nx\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n",
        "PUT / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
    ];
    let all = requests.concat().repeat(3);
    for step in [1, 5, 64, usize::MAX] {
        assert_eq!(follow(all.as_bytes(), step), (false, Place::Start), "{step}");
    }
}

#[test]
fn another_protocol_is_not_looked_at() {
    assert!(!is_ambiguous("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\n\n"));
    let framing = Framing::default();
    let mut follower = Follower::new(framing.clone());
    follower.pass(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n");
    framing.end();
    follower.pass(b"\x81\x05\nabc\n");
    assert!(!framing.is_ambiguous());
}

proptest! {
    #[test]
    fn a_body_s_bytes_are_never_taken_for_a_head(
        body in prop::collection::vec(any::<u8>(), 0..300), step in 1_usize..80, is_chunked: bool,
    ) {
        let mut bytes = if is_chunked {
            let mut bytes = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
            for piece in body.chunks(41) {
                bytes.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
                bytes.extend_from_slice(piece);
                bytes.extend_from_slice(b"\r\n");
            }
            bytes.extend_from_slice(b"0\r\n\r\n");
            bytes
        } else {
            let mut bytes = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
            bytes.extend_from_slice(&body);
            bytes
        };
        prop_assert_eq!(follow(&bytes, step), (false, Place::Start));
        bytes.extend_from_slice(b"GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n");
        prop_assert!(follow(&bytes, step).0, "what follows is a head again");
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), step in 1_usize..50) {
        let _ = follow(&bytes, step);
    }
}
