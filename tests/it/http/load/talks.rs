//! What a client has said, and where: all of it was acknowledged.

use super::bot::reply_to;

/// The chats of one client.
pub(super) struct Talks {
    /// Those that nobody else talks in.
    pub(super) own: Vec<Talk>,
    /// That of all clients of the user.
    pub(super) shared: Talk,
}

/// A chat, and what the client has said in it, in order.
pub(super) struct Talk {
    pub(super) session: String,
    pub(super) said: Vec<String>,
}

impl Talk {
    /// The messages of a chat in which nobody else talks.
    pub(super) fn told(&self) -> Vec<String> {
        self.said.iter().flat_map(|said| [said.clone(), reply_to(said)]).collect()
    }
}
