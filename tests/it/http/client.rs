//! A client over TCP that sends whatever bytes it is given, and reads one answer after the other.

use std::{future, net::SocketAddr, time::Duration};

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::{interval, timeout},
};

use super::ask::Answer;

pub(super) struct Client {
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
}

/// Longer than anything here takes: a server that does not answer fails the test instead of holding it up.
const FOR_EVER: Duration = Duration::from_secs(60);

/// The answers to `HEAD` have none either, but nobody here asks so.
const WITHOUT_BODY: [u16; 3] = [100, 204, 304];

impl Client {
    pub(super) async fn connect(address: SocketAddr) -> Self {
        let (reader, writer) = TcpStream::connect(address).await.unwrap().into_split();
        Self { reader: BufReader::new(reader), writer }
    }

    /// Whether it could be sent: a server that has refused the first part may have closed the connection.
    pub(super) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.writer.write_all(bytes.as_ref()).await.is_ok()
    }

    /// Sends no more, and goes on reading.
    pub(super) async fn end(&mut self) {
        // The server may have been first.
        _ = self.writer.shutdown().await;
    }

    /// Sends this again and again, now and then, until it is answered.
    pub(super) async fn trickle(&mut self, bytes: &[u8]) -> Option<Answer> {
        let Self { reader, writer } = self;
        let mut now_and_then = interval(Duration::from_millis(1));
        let trickle = async {
            while writer.write_all(bytes).await.is_ok() {
                now_and_then.tick().await;
            }
            future::pending().await
        };
        tokio::select! {
            answer = answer(reader) => answer,
            () = trickle => None,
        }
    }

    /// The next answer; nothing when the connection is closed instead.
    pub(super) async fn answer(&mut self) -> Option<Answer> {
        answer(&mut self.reader).await
    }

    /// The status and the fields of the next answer.
    pub(super) async fn head(&mut self) -> Option<(StatusCode, HeaderMap)> {
        head(&mut self.reader).await
    }

    /// The next part of a body that comes in chunks; nothing after the last.
    pub(super) async fn chunk(&mut self) -> Option<Vec<u8>> {
        chunk(&mut self.reader).await
    }

    /// Whatever still comes until the server closes the connection.
    pub(super) async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let read = timeout(FOR_EVER, self.reader.read_to_end(&mut rest)).await;
        // A connection that is reset is closed too.
        _ = read.expect("the server closes the connection");
        rest
    }
}

type Reader = BufReader<OwnedReadHalf>;

async fn answer(reader: &mut Reader) -> Option<Answer> {
    timeout(FOR_EVER, async {
        let (status, headers) = head(reader).await?;
        let body = match status.as_u16() {
            none if WITHOUT_BODY.contains(&none) => Vec::new(),
            _ => body(reader, &headers).await?,
        };
        // What the router says of a problem does not leave the server.
        Some(Answer { status, headers, kind: None, body: body.into() })
    })
    .await
    .expect("the server answers or closes the connection")
}

async fn head(reader: &mut Reader) -> Option<(StatusCode, HeaderMap)> {
    let status = line(reader).await?.split(' ').nth(1)?.parse().ok()?;
    let mut headers = HeaderMap::new();
    loop {
        let line = line(reader).await?;
        let Some((name, value)) = line.split_once(':') else { return Some((status, headers)) };
        let name: HeaderName = name.parse().unwrap();
        headers.append(name, HeaderValue::from_str(value.trim()).unwrap());
    }
}

async fn body(reader: &mut Reader, headers: &HeaderMap) -> Option<Vec<u8>> {
    if headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked") {
        let mut body = Vec::new();
        while let Some(chunk) = chunk(reader).await {
            body.extend(chunk);
        }
        return Some(body);
    }
    let length = headers.get("content-length")?.to_str().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await.ok()?;
    Some(body)
}

async fn chunk(reader: &mut Reader) -> Option<Vec<u8>> {
    let size = usize::from_str_radix(&line(reader).await?, 16).ok()?;
    let mut chunk = vec![0; size + "\r\n".len()];
    reader.read_exact(&mut chunk).await.ok()?;
    chunk.truncate(size);
    (size > 0).then_some(chunk)
}

async fn line(reader: &mut Reader) -> Option<String> {
    let mut line = String::new();
    reader.read_line(&mut line).await.ok()?;
    line.strip_suffix("\r\n").map(str::to_owned)
}
