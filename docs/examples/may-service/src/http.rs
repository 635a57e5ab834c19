//! As much HTTP/1.1 as brrtload needs: GET, keep-alive, Content-Length.

use may::net::{TcpListener, TcpStream};
use std::io::{Read, Result, Write};
use std::sync::Arc;

/// MOST is how long the head of a request may be, in bytes.
const MOST: usize = 8 << 10;

/// serve answers requests at an address until it fails; each connection has its own coroutine.
pub fn serve(address: &str, answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Result<()> {
    let listener = TcpListener::bind(address)?;
    let answer = Arc::new(answer);
    for stream in listener.incoming() {
        let (stream, answer) = (stream?, answer.clone());
        may::go!(move || {
            let _ = converse(stream, &*answer); // the client has left
        });
    }
    Ok(())
}

fn converse(mut stream: TcpStream, answer: &dyn Fn(&str) -> (u16, String)) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut head = Vec::new();
    loop {
        while let Some(end) = end_of(&head) {
            let text = String::from_utf8_lossy(&head[..end]).into_owned();
            head.drain(..end);
            let target = text.split(' ').nth(1).unwrap_or("/");
            let (status, body) = answer(target);
            let reply = format!(
                "HTTP/1.1 {status} {}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\n\r\n{body}",
                if status == 200 { "OK" } else { "Error" },
                body.len()
            );
            stream.write_all(reply.as_bytes())?;
        }
        if head.len() > MOST {
            return Ok(());
        }
        let mut piece = vec![0; 1024];
        match stream.read(&mut piece)? {
            0 => return Ok(()),
            n => head.extend_from_slice(&piece[..n]),
        }
    }
}

fn end_of(head: &[u8]) -> Option<usize> {
    head.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}
