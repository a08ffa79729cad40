//! Histories that are wrong in one thing: the audit must notice each.

use std::collections::BTreeMap;

use scrollback_proof::{F14, control};

use super::{
    audit::compare,
    talks::{Talk, Talks},
};

type Stored = BTreeMap<String, Vec<String>>;

/// What a defect makes of it.
type Spoil = fn(&mut Stored);

/// What may have become of the chats below.
const DEFECTS: [(&str, Spoil); 8] = [
    ("loses a message", |stored| _ = chat(stored, "own").remove(2)),
    ("loses the last reply", |stored| _ = chat(stored, "own").pop()),
    ("stores a message twice", |stored| repeat(chat(stored, "own"))),
    ("moves a message", |stored| chat(stored, "own").swap(0, 2)),
    ("loses a chat", |stored| _ = stored.remove("other")),
    ("shows a chat of somebody else's", |stored| _ = stored.insert("foreign".into(), vec![])),
    ("moves what one has said before what was said earlier", |stored| {
        chat(stored, "shared").rotate_left(2);
    }),
    ("stores a message twice where others talk", |stored| repeat(chat(stored, "shared"))),
];

#[test]
fn a_history_that_is_wrong_is_noticed() {
    let (ann, anns_phone) = (talks("own", &["a", "b"]), talks("other", &["c"]));
    let clients = [&ann, &anns_phone];
    let mut missed = Vec::new();
    for (defect, spoil) in DEFECTS {
        let mut stored = stored();
        spoil(&mut stored);
        if compare(&stored, &clients).is_empty() {
            missed.push(defect);
        }
    }

    control(F14, "histories over HTTP", DEFECTS.len() - missed.len(), DEFECTS.len());
    assert_eq!(compare(&stored(), &clients), Vec::<String>::new());
    assert_eq!(missed, Vec::<&str>::new());
}

/// Two clients of one user.
fn talks(session: &str, said: &[&str]) -> Talks {
    let said = |place: &str| said.iter().map(|said| format!("{said} {place}")).collect();
    Talks {
        own: vec![Talk { session: session.to_owned(), said: said(session) }],
        shared: Talk { session: "shared".to_owned(), said: said("shared") },
    }
}

fn stored() -> Stored {
    let chats = [
        ("own", "a own|Re: a own|b own|Re: b own"),
        ("other", "c other|Re: c other"),
        // Both talk at once: a reply may come after what the other has said.
        ("shared", "a shared|c shared|Re: a shared|b shared|Re: c shared|Re: b shared"),
    ];
    let messages = |text: &str| text.split('|').map(str::to_owned).collect();
    chats.iter().map(|(session, told)| ((*session).to_owned(), messages(told))).collect()
}

fn chat<'a>(stored: &'a mut Stored, session: &str) -> &'a mut Vec<String> {
    stored.get_mut(session).unwrap()
}

fn repeat(chat: &mut Vec<String>) {
    let first = chat[0].clone();
    chat.push(first);
}
