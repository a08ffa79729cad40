//! The table of messages as an entity.

#![expect(unreachable_pub, reason = "the derived items are public")]

use sea_orm::entity::prelude::*;

use crate::contender::Shown;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    #[sea_orm(primary_key)]
    pub id: i64,
    pub conversation_id: i64,
    pub created_at: DateTimeUtc,
    pub position: i32,
    pub turn_index: i16,
    pub role: String,
    pub turn_key: Option<String>,
    pub content: String,
    pub metadata: Option<Json>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Shown {
    fn from(message: Model) -> Self {
        Self {
            id: Some(message.id),
            position: u32::try_from(message.position).ok(),
            role: message.role,
            content: message.content,
            metadata: message.metadata,
            created_at: Some(message.created_at),
        }
    }
}
