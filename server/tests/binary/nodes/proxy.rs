//! A round-robin proxy, as stands before several nodes: each connection goes to the next node that takes it.

use std::{
    io::{ErrorKind, copy},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{sleep, spawn},
    time::Duration,
};

/// A proxy; it takes nothing more once this value is gone.
pub struct Proxy {
    pub port: u16,
    nodes: Arc<Mutex<Vec<u16>>>,
    is_over: Arc<AtomicBool>,
}

impl Proxy {
    /// Starts one before these ports.
    pub fn before(nodes: Vec<u16>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let proxy = Self { port: listener.local_addr().unwrap().port(), nodes: Arc::new(Mutex::new(nodes)), is_over: Arc::default() };
        let (nodes, is_over) = (proxy.nodes.clone(), proxy.is_over.clone());
        spawn(move || {
            let next = Arc::new(AtomicUsize::new(0));
            while !is_over.load(Ordering::SeqCst) {
                match listener.accept() {
                    Ok((client, _)) => {
                        let (nodes, next) = (nodes.clone(), next.clone());
                        spawn(move || carry(client, &nodes, &next));
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => sleep(Duration::from_millis(1)),
                    Err(error) => panic!("the proxy can not accept: {error}"),
                }
            }
        });
        proxy
    }

    /// Leads to another port where this node was.
    pub fn set(&self, at: usize, port: u16) {
        self.nodes.lock().unwrap()[at] = port;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
    }
}

/// Carries one connection to the next node that answers, both ways, to its end.
fn carry(client: TcpStream, nodes: &Mutex<Vec<u16>>, next: &AtomicUsize) {
    client.set_nonblocking(false).unwrap();
    let ports = nodes.lock().unwrap().clone();
    let first = next.fetch_add(1, Ordering::SeqCst);
    let found = (0..ports.len()).find_map(|step| TcpStream::connect(("127.0.0.1", ports[(first + step) % ports.len()])).ok());
    // Nobody is there: the client sees its connection close.
    let Some(node) = found else { return };
    let (mut from_client, mut to_client) = (client.try_clone().unwrap(), client);
    let (mut from_node, mut to_node) = (node.try_clone().unwrap(), node);
    let up = spawn(move || {
        _ = copy(&mut from_client, &mut to_node);
        // The node may still have something to say.
        _ = to_node.shutdown(Shutdown::Write);
    });
    _ = copy(&mut from_node, &mut to_client);
    // It is over once the node says no more, whatever the client still wants.
    _ = to_client.shutdown(Shutdown::Both);
    _ = from_node.shutdown(Shutdown::Both);
    _ = up.join();
}
