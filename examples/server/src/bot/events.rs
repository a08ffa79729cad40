//! Server-sent events, as the HTML standard reads them (section 9.2.6): of each, only its data.

use std::mem;

/// Reads a stream piece by piece, wherever it was cut.
#[derive(Debug, Default)]
pub(super) struct Events {
    line: Vec<u8>,
    data: Option<Vec<u8>>,
    after_return: bool,
}

impl Events {
    /// The data of the events that `bytes` complete.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        bytes.iter().filter_map(|byte| self.take(*byte)).collect()
    }

    /// A line ends with a line feed, a carriage return, or both.
    fn take(&mut self, byte: u8) -> Option<Vec<u8>> {
        let after_return = mem::replace(&mut self.after_return, byte == b'\r');
        match byte {
            b'\n' if after_return => None,
            b'\n' | b'\r' => self.end_line(),
            _ => {
                self.line.push(byte);
                None
            }
        }
    }

    /// An empty line ends the event; of others only `data` counts here.
    fn end_line(&mut self) -> Option<Vec<u8>> {
        let line = mem::take(&mut self.line);
        if line.is_empty() {
            return self.data.take();
        }
        if let Some(value) = line.strip_prefix(b"data:") {
            let value = value.strip_prefix(b" ").unwrap_or(value);
            match &mut self.data {
                Some(data) => data.extend([b"\n", value].concat()),
                None => self.data = Some(value.to_vec()),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = ": hello\n\nevent: x\ndata: one\n\ndata:two\r\ndata: {\u{fc}}\r\n\r\nid: 7\r\
                          data:  three\r\rdata: cut";

    #[test]
    fn only_the_data_of_whole_events_is_read() {
        let events = Events::default().feed(STREAM.as_bytes());

        assert_eq!(events, ["one", "two\n{\u{fc}}", " three"].map(|text| text.as_bytes().to_vec()));
    }

    #[test]
    fn it_does_not_matter_where_a_stream_is_cut() {
        let whole = Events::default().feed(STREAM.as_bytes());

        for at in 0..STREAM.len() {
            let (start, end) = STREAM.as_bytes().split_at(at);
            let mut events = Events::default();
            let mut read = events.feed(start);
            read.extend(events.feed(end));
            assert_eq!(read, whole, "cut at {at}");
        }
    }
}
