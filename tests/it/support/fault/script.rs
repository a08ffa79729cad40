//! What is to happen, and to which frame.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// What happens once, to the frame of this number; the first is 1.
///
/// The start-up message is a frame of the client. A cut waits until the server has ended the session,
/// so that whoever sees it finds the database settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Both ends are closed, and the client's frame never leaves.
    CutBefore(usize),
    /// The client's frame is the last to arrive, and no answer returns.
    CutAfter(usize),
    /// As [`CutBefore`](Self::CutBefore), but the client gets a reset instead of an end.
    Reset(usize),
    /// From the client's frame on nothing passes, as after [`black_hole`](super::FaultProxy::black_hole).
    Hole(usize),
    /// As [`Hole`](Self::Hole), from the server's frame on: what was asked is done.
    Mute(usize),
    /// The client's frame is delayed until the proxy is healed.
    Hold(usize),
    /// Instead of the server's frame comes the end; what the client sends still arrives.
    HalfClose(usize),
    /// Half of the server's frame is the last to arrive.
    CutInside(usize),
    /// The server's frame lacks its last byte, which its length still counts.
    Shorten(usize),
    /// All bits of one byte of the server's frame are inverted; its type is byte 0.
    Flip(usize, usize),
}

/// What to do with a frame.
#[derive(Clone, Copy)]
pub(super) enum Step {
    Pass,
    Swallow,
    CutBefore,
    CutAfter,
    Reset,
    Hold,
    HalfClose,
    CutInside,
    Shorten,
    Flip(usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    Client,
    Server,
}

impl Fault {
    const fn plan(self) -> (Sender, usize, Step) {
        use Sender::{Client, Server};
        match self {
            Self::CutBefore(n) => (Client, n, Step::CutBefore),
            Self::CutAfter(n) => (Client, n, Step::CutAfter),
            Self::Reset(n) => (Client, n, Step::Reset),
            Self::Hole(n) => (Client, n, Step::Swallow),
            Self::Mute(n) => (Server, n, Step::Swallow),
            Self::Hold(n) => (Client, n, Step::Hold),
            Self::HalfClose(n) => (Server, n, Step::HalfClose),
            Self::CutInside(n) => (Server, n, Step::CutInside),
            Self::Shorten(n) => (Server, n, Step::Shorten),
            Self::Flip(n, byte) => (Server, n, Step::Flip(byte)),
        }
    }
}

/// Shared by all connections of a proxy.
pub(super) struct Script {
    state: Mutex<State>,
    fired: watch::Sender<Option<u8>>,
    released: watch::Sender<bool>,
    open: watch::Sender<usize>,
}

struct State {
    upstream: String,
    fault: Option<Fault>,
    clients: usize,
    servers: usize,
    swallowing: bool,
}

impl Script {
    pub(super) fn new(upstream: &str) -> Self {
        let upstream = upstream.to_owned();
        let state = State { upstream, fault: None, clients: 0, servers: 0, swallowing: false };
        Self {
            state: Mutex::new(state),
            fired: watch::Sender::new(None),
            released: watch::Sender::new(false),
            open: watch::Sender::new(0),
        }
    }

    pub(super) fn arm(&self, fault: Option<Fault>) {
        let mut state = self.state();
        (state.fault, state.clients, state.servers) = (fault, 0, 0);
        if fault.is_some() {
            self.fired.send_replace(None);
            self.released.send_replace(false);
        }
    }

    pub(super) fn swallow(&self, swallowing: bool) {
        self.state().swallowing = swallowing;
    }

    pub(super) fn lead_to(&self, address: &str) {
        address.clone_into(&mut self.state().upstream);
    }

    pub(super) fn release(&self) {
        self.released.send_replace(true);
    }

    pub(super) fn opened(&self) {
        self.open.send_modify(|open| *open += 1);
    }

    pub(super) fn closed(&self) {
        self.open.send_modify(|open| *open -= 1);
    }

    pub(super) fn fired(&self) -> Option<u8> {
        *self.fired.borrow()
    }

    pub(super) async fn until_fired(&self) {
        wait(&self.fired, Option::is_some).await;
    }

    pub(super) async fn until_released(&self) {
        wait(&self.released, |released| *released).await;
    }

    pub(super) async fn until_unused(&self) {
        wait(&self.open, |open| *open == 0).await;
    }

    /// Where a new connection leads, unless it is swallowed.
    pub(super) fn upstream(&self) -> Option<String> {
        let state = self.state();
        (!state.swallowing).then(|| state.upstream.clone())
    }

    /// What happens to the next frame, of type `kind`.
    pub(super) fn next(&self, sender: Sender, kind: u8) -> Step {
        let mut state = self.state();
        let count = match sender {
            Sender::Client => &mut state.clients,
            Sender::Server => &mut state.servers,
        };
        *count += 1;
        let count = *count;
        let step = match state.fault.map(Fault::plan) {
            Some((of, n, step)) if of == sender && n == count => step,
            _ if state.swallowing => return Step::Swallow,
            _ => return Step::Pass,
        };
        state.swallowing |= matches!(step, Step::Swallow);
        state.fault = None;
        self.fired.send_replace(Some(kind));
        step
    }

    /// What happens to the next frame of a ping.
    pub(super) fn next_ping(&self) -> Step {
        if self.state().swallowing { Step::Swallow } else { Step::Pass }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn wait<T: Send + Sync>(sender: &watch::Sender<T>, until: impl FnMut(&T) -> bool + Send) {
    sender.subscribe().wait_for(until).await.expect("the script keeps its own sender");
}
