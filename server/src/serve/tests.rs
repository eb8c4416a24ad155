use super::*;
use axum::routing::get;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::oneshot,
    task::JoinHandle,
};

const SHORT: Duration = Duration::from_millis(200);

/// A server on a port of its own, and how to stop it.
async fn start(limits: Limits) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    let peer = |axum::Extension(Peer(peer)): axum::Extension<Peer>| async move { peer.ip().to_string() };
    let slow = || async {
        sleep(SHORT * 3).await;
        "done"
    };
    let router = Router::new().route("/", get(peer)).route("/slow", get(slow)).route("/never", get(std::future::pending::<()>));
    let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, router, limits, async { _ = stopped.await }));
    (address, stop, server)
}

fn limits() -> Limits {
    Limits { head: SHORT, unread: SHORT, connections: 2, grace: Duration::from_secs(5) }
}

/// Sends a text; gives everything until the connection ends.
async fn send(address: SocketAddr, text: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    _ = timeout(Duration::from_secs(10), stream.read_to_string(&mut answer)).await.expect("the connection ends");
    answer
}

#[tokio::test]
async fn a_request_is_answered_and_knows_its_peer() {
    let (address, _stop, _server) = start(limits()).await;
    let answer = send(address, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"), "{answer}");
}

/// DOS-214
#[tokio::test]
async fn who_never_finishes_a_head_is_hung_up_on() {
    let (address, _stop, _server) = start(limits()).await;
    // Nothing at all; what could become HTTP/2; half a head; a second head on a used connection.
    for text in ["", "PRI * HT", "GET / HTTP/1.1\r\nHost: x\r\nX-A:", "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT"] {
        assert!(!send(address, text).await.contains("HTTP/1.1 200\r\nHTTP"), "{text}");
    }
}

#[tokio::test]
async fn a_client_s_first_bytes_tell_the_protocol_however_they_come() {
    let (address, _stop, _server) = start(limits()).await;
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let talking = tokio::spawn(connection);
    let answer = sender.send_request(http::Request::get(format!("http://{address}/")).body(String::new()).unwrap()).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, http::Version::HTTP_2));
    drop(sender);
    talking.await.unwrap().unwrap();

    let mut stream = TcpStream::connect(address).await.unwrap();
    for piece in ["P", "R", "OPFIND / HTTP/1.1\r\nHost: x\r\n", "Connection: close\r\n\r\n"] {
        stream.write_all(piece.as_bytes()).await.unwrap();
        sleep(Duration::from_millis(20)).await;
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
}

#[tokio::test]
async fn who_has_said_nothing_does_not_keep_the_server_from_stopping() {
    let (address, stop, server) = start(Limits { head: Duration::from_secs(60), ..limits() }).await;
    let _silent = TcpStream::connect(address).await.unwrap();
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert!(idle.read(&mut [0; 1024]).await.unwrap() > 0);
    stop.send(()).unwrap();
    timeout(Duration::from_secs(2), server).await.expect("the server ends").unwrap();
}

#[tokio::test]
async fn a_slow_answer_is_not_cut_off_by_the_limit_of_heads() {
    let (address, _stop, _server) = start(limits()).await;
    assert!(send(address, "GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.ends_with("done"));
}

#[tokio::test]
async fn more_than_the_seats_wait() {
    let (address, _stop, _server) = start(limits()).await;
    let _idle = (TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap());
    // The third one gets its turn when the first two have idled too long.
    assert!(send(address, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn what_has_begun_may_end() {
    let (address, stop, server) = start(limits()).await;
    let slow = tokio::spawn(async move { send(address, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await });
    sleep(SHORT).await;
    stop.send(()).unwrap();
    assert!(slow.await.unwrap().ends_with("done"));
    timeout(Duration::from_secs(2), server).await.expect("the server ends").unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "nobody is let in any more");
}

#[tokio::test]
async fn what_does_not_end_is_cut_off() {
    let (address, stop, server) = start(Limits { grace: SHORT, head: Duration::from_secs(60), ..limits() }).await;
    let _never = tokio::spawn(async move { send(address, "GET /never HTTP/1.1\r\nHost: x\r\n\r\n").await });
    sleep(SHORT).await;
    stop.send(()).unwrap();
    timeout(Duration::from_secs(10), server).await.expect("the server ends").unwrap();
}

#[tokio::test]
async fn a_taken_port_is_a_sentence() {
    let first = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let error = bind(first.local_addr().unwrap()).await.unwrap_err().to_string();
    assert!(
        error.contains("is in use by another program. Choose another address with --listen, for example --listen 127.0.0.1:"),
        "{error}"
    );
    assert!(bind("203.0.113.1:0".parse().unwrap()).await.unwrap_err().to_string().contains("is not an address of this machine"));
}

/// PRX-152
#[tokio::test]
async fn what_could_be_two_requests_is_none_and_the_connection_ends() {
    let (address, _stop, _server) = start(limits()).await;
    let hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
    for (head, body) in [
        ("Content-Length: 6\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\nContent-Length: 6", "0\r\n\r\n"),
        ("Content-Length: 0\r\nContent-Length: 44", ""),
        ("Content-Length: +0", ""),
        ("Transfer-Encoding: xchunked", "0\r\n\r\n"),
        ("Transfer-Encoding : chunked", "0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\n"),
        ("X: y\nContent-Length: 44", ""),
        ("X: y\r\n folded", ""),
    ] {
        let answer = send(address, &format!("POST / HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n{body}{hidden}")).await;
        assert!(answer.starts_with("HTTP/1.1 400") && answer.matches("HTTP/1.1").count() == 1, "{head}: {answer}");
    }
    let answer = send(address, "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400") || answer.starts_with("HTTP/1.0 400"), "{answer}");
}
