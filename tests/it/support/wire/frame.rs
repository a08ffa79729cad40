//! What was sent, and what it means.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

/// One message of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// A statement to be prepared.
    Parse(String),
    /// Parameters for a prepared statement.
    Bind,
    /// A prepared statement, by its text, is run.
    Execute(String),
    /// A statement without parameters, prepared and run at once.
    Query(String),
    /// The end of a request: the client waits for the answer.
    Sync,
    /// A request without content, which is how sqlx asks whether a connection still lives.
    Ping,
    /// Anything else, by its type byte: Describe, Close, a password, …
    Other(char),
}

/// The frames of all connections, each with the number of its connection.
pub(super) type Log = Mutex<Vec<(usize, Frame)>>;

/// What was sent between two moments.
#[derive(Debug)]
pub(crate) struct Traffic(Vec<(usize, Frame)>);

impl Traffic {
    pub(super) fn new(frames: &[(usize, Frame)]) -> Self {
        Self(frames.to_vec())
    }

    /// The texts of the statements that were run, in order.
    pub(crate) fn statements(&self) -> Vec<&str> {
        self.frames()
            .filter_map(|frame| match frame {
                Frame::Execute(sql) | Frame::Query(sql) => Some(sql.as_str()),
                _ => None,
            })
            .collect()
    }

    /// How often the client waited for the server, pings not counted.
    pub(crate) fn round_trips(&self) -> usize {
        self.frames().filter(|frame| matches!(frame, Frame::Sync | Frame::Query(_))).count()
    }

    /// How many statements were prepared.
    pub(crate) fn parses(&self) -> usize {
        self.frames().filter(|frame| matches!(frame, Frame::Parse(_))).count()
    }

    /// How often a connection was asked whether it still lives.
    pub(crate) fn pings(&self) -> usize {
        self.frames().filter(|frame| **frame == Frame::Ping).count()
    }

    /// The same, connection by connection.
    pub(crate) fn by_connection(&self) -> Vec<Self> {
        let mut connections = BTreeMap::new();
        for frame in &self.0 {
            connections.entry(frame.0).or_insert_with(Vec::new).push(frame.clone());
        }
        connections.into_values().map(Self).collect()
    }

    fn frames(&self) -> impl Iterator<Item = &Frame> {
        self.0.iter().map(|(_, frame)| frame)
    }
}

/// One connection's side of the log.
pub(super) struct Client {
    number: usize,
    log: Arc<Log>,
    statements: HashMap<String, String>,
    portals: HashMap<String, String>,
    /// Whether nothing was sent since the last request ended.
    idle: bool,
}

impl Client {
    pub(super) fn new(number: usize, log: Arc<Log>) -> Self {
        Self { number, log, statements: HashMap::new(), portals: HashMap::new(), idle: true }
    }

    pub(super) fn sends(&mut self, frame: &[u8]) {
        let frame = self.read(frame[0], &frame[5..]);
        self.idle = matches!(frame, Frame::Query(_) | Frame::Sync | Frame::Ping | PASSWORD);
        self.log.lock().unwrap_or_else(PoisonError::into_inner).push((self.number, frame));
    }

    fn read(&mut self, kind: u8, body: &[u8]) -> Frame {
        let mut texts = body.split(|byte| *byte == 0).map(String::from_utf8_lossy);
        let mut text = || texts.next().unwrap_or_default().into_owned();
        match kind {
            b'P' => {
                let (name, sql) = (text(), text());
                self.statements.insert(name, sql.clone());
                Frame::Parse(sql)
            }
            b'B' => {
                let (portal, name) = (text(), text());
                self.portals.insert(portal, self.statements.get(&name).cloned().unwrap_or(name));
                Frame::Bind
            }
            b'E' => Frame::Execute(self.portals.get(&text()).cloned().unwrap_or_default()),
            b'Q' => Frame::Query(text()),
            b'S' if self.idle => Frame::Ping,
            b'S' => Frame::Sync,
            other => Frame::Other(other.into()),
        }
    }
}

const PASSWORD: Frame = Frame::Other('p');
