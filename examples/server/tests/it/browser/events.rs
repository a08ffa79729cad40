//! The page's own reader of server-sent events.

use serde_json::json;

use super::ann;

#[tokio::test]
async fn events_are_the_same_however_their_bytes_are_cut() {
    let (_site, browser) = ann().await;

    let script = r#"
        const { events } = await import("/js/events.js");
        const text = ": there\n\nevent: token\r\ndata: {\"text\": \"né\u{1f375}\"}\r\n\r\nevent:other\rdata:a\rdata:  b\r\r" +
            "data\n\nid: 7\nretry: 1\n\nevent: message\ndata: last\n\ndata: cut off";
        const bytes = new TextEncoder().encode(text);
        const read = async (...cuts) => {
            const ends = [...cuts, bytes.length];
            const body = new ReadableStream({ start(stream) {
                ends.forEach((end, at) => stream.enqueue(bytes.slice(ends[at - 1] ?? 0, end)));
                stream.close();
            } });
            const seen = [];
            for await (const { name, data } of events({ body })) seen.push([name, data]);
            return seen;
        };
        const whole = await read();
        const other = [];
        for (let cut = 0; cut <= bytes.length; cut += 1) {
            const seen = await read(cut, Math.min(cut + 1, bytes.length));
            if (JSON.stringify(seen) !== JSON.stringify(whole)) other.push([cut, seen]);
        }
        return [whole, other];"#;
    let seen = browser.run_async(script).await;

    let whole = json!([
        ["token", "{\"text\": \"n\u{e9}\u{1f375}\"}"],
        ["other", "a\n b"],
        ["message", ""],
        ["message", "last"],
    ]);
    assert_eq!(seen, json!([whole, []]));
}
