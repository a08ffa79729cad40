//! The table of conversations as an entity.

#![expect(unreachable_pub, reason = "the derived items are public")]

use sea_orm::entity::prelude::*;

use crate::contender::ShownChat;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "conversations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    #[sea_orm(primary_key)]
    pub id: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub message_count: i32,
    pub archived: bool,
    pub session_id: Option<String>,
    pub title: Option<String>,
    pub metadata: Option<Json>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for ShownChat {
    fn from(chat: Model) -> Self {
        Self { id: chat.id, messages: chat.message_count.unsigned_abs() }
    }
}
