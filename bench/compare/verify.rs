//! Nobody is fast by being wrong: before the clock runs, all answers are compared with the plan.

use chrono::DateTime;
use fastrand::Rng;

use crate::{
    contender::{Group, LISTED, Page, Result, Shown},
    data::{Bodies, Chat, Plan, stored_at},
    entry::{Entry, Measured},
    op::{Op, Work},
};

/// Compares pages, walks and listings, and appends to a conversation that is read back.
pub(crate) async fn verify(
    group: Group,
    entries: &[Entry],
    plan: &Plan,
    work: &Work,
    bodies: &Bodies,
) -> Result<()> {
    for Entry { name, contender } in entries {
        let Ok(contender) = contender else { continue };
        let check = Check { group, contender: &**contender, plan, work, bodies };
        check.all().await.map_err(|wrong| format!("{name}: {wrong}"))?;
    }
    // Only now, for it changes what is there.
    for Entry { name, contender } in entries {
        let Ok(contender) = contender else { continue };
        let check = Check { group, contender: &**contender, plan, work, bodies };
        check.appends().await.map_err(|wrong| format!("{name}: {wrong}"))?;
    }
    Ok(())
}

struct Check<'a> {
    group: Group,
    contender: &'a dyn Measured,
    plan: &'a Plan,
    work: &'a Work,
    bodies: &'a Bodies,
}

impl Check<'_> {
    async fn all(&self) -> Result<()> {
        let long = &self.work.long;
        let newest = self.work.readers.iter().take(20).chain([long]);
        for chat in newest {
            self.page(chat, None).await?;
        }
        for before in [51, long.messages / 2, long.messages - 1] {
            self.page(long, Some(before)).await?;
        }
        let walk = &self.work.walk;
        self.same("walk", walk, 1..=walk.messages, self.contender.walk(walk).await?)?;
        self.listing().await?;
        self.strangers().await
    }

    async fn page(&self, chat: &Chat, before: Option<u32>) -> Result<()> {
        let page = Page { limit: 50, before };
        let end = before.map_or(chat.messages, |before| before - 1);
        let found = self.contender.page(chat, page).await?;
        self.same("page", chat, end.saturating_sub(49).max(1)..=end, found)
    }

    fn same(
        &self,
        what: &str,
        chat: &Chat,
        positions: std::ops::RangeInclusive<u32>,
        found: Vec<Shown>,
    ) -> Result<()> {
        let expected: Vec<_> = positions.map(|position| self.expected(chat, position)).collect();
        let agree = expected.len() == found.len()
            && expected.iter().zip(&found).all(|(expected, found)| agrees(expected, found));
        if agree {
            return Ok(());
        }
        let wrong = expected.iter().zip(&found).find(|(expected, found)| !agrees(expected, found));
        let count = (expected.len(), found.len());
        Err(format!("{what} of {chat:?}: {count:?} messages, first difference {wrong:?}").into())
    }

    fn expected(&self, chat: &Chat, position: u32) -> Shown {
        let body = self.bodies.at(chat, position);
        let id = chat.message(position);
        // What is in memory was stored just now.
        let kept = self.group != Group::Memory;
        Shown {
            id: Some(id),
            position: Some(position),
            role: body.role.to_owned(),
            content: body.content.to_owned(),
            metadata: body.metadata.and_then(|json| serde_json::from_str(json).ok()),
            created_at: DateTime::from_timestamp_micros(stored_at(id)).filter(|_| kept),
        }
    }

    async fn listing(&self) -> Result<()> {
        if self.contender.lacks(Op::List).is_some() {
            return Ok(());
        }
        let found = self.contender.list(self.work.lister).await?;
        let all = self.plan.chats.iter().filter(|chat| chat.owner == self.work.lister);
        let newest = all.rev().take(LISTED as usize).map(|chat| (chat.id, chat.messages));
        if found.iter().map(|chat| (chat.id, chat.messages)).eq(newest) {
            return Ok(());
        }
        Err(format!("the listing is {found:?}").into())
    }

    /// The same conversation under another owner.
    async fn strangers(&self) -> Result<()> {
        let chat = Chat { owner: self.work.lister, ..self.work.long };
        let page = Page { limit: 50, before: None };
        let read = self.contender.page(&chat, page).await.is_ok();
        let [body, _] = self.bodies.turn(&mut Rng::with_seed(0));
        let written = self.contender.append(&chat, &[body]).await.is_ok();
        if read || written { Err("a stranger was served".into()) } else { Ok(()) }
    }

    async fn appends(&self) -> Result<()> {
        let chat = &self.work.hot;
        let turn = self.bodies.turn(&mut Rng::with_seed(1));
        for turn in [&turn[..1], &turn[..]] {
            let stored = self.contender.append(chat, turn).await?;
            let limit = turn.len() as u32;
            let found = self.contender.page(chat, Page { limit, before: None }).await?;
            let same = turn
                .iter()
                .zip(&found)
                .all(|(sent, found)| (sent.role, sent.content) == (&*found.role, &*found.content));
            if !same || stored != turn.len() || found.len() != turn.len() {
                return Err(format!("appended {stored} messages, and read {found:?}").into());
            }
        }
        Ok(())
    }
}

/// What a contender does not keep agrees with everything; metadata that it never keeps does, too.
fn agrees(expected: &Shown, found: &Shown) -> bool {
    let Shown { id, position, role, content, metadata, created_at } = expected;
    let keeps_metadata = found.id.is_some();
    (role, content) == (&found.role, &found.content)
        && (found.id.is_none() || found.id == *id)
        && (found.position.is_none() || found.position == *position)
        && (!keeps_metadata || found.metadata == *metadata)
        && (found.created_at.is_none() || created_at.is_none() || found.created_at == *created_at)
}
