//! The only list of rules, and the macro that makes tests of it.

/// Emits one test per rule, named like the rule.
///
/// It takes an expression for a [`Fixture`](crate::conformance::Fixture), evaluated once per test,
/// inside an async block on a Tokio runtime. The crate that uses it needs no dependency for it.
///
/// # Examples
///
/// ```
/// use scrollback::{MemoryStore, conformance::Clones};
///
/// async fn connect() -> Clones<MemoryStore> {
///     Clones::new(MemoryStore::new())
/// }
///
/// mod my_store {
///     scrollback::conformance_tests!(super::connect().await);
/// }
/// ```
#[macro_export]
macro_rules! conformance_tests {
    ($fixture:expr) => {
        $crate::__conformance_rules!([$crate::__conformance_test] $fixture);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_test {
    ([$fixture:expr] $($contract:literal $subject:ident::$rule:ident;)*) => {$(
        #[test]
        fn $rule() {
            $crate::conformance::run(async {
                let fixture = $fixture;
                $crate::conformance::$subject::$rule(&fixture).await;
            });
        }
    )*};
}

/// The list: the number of the contract, the subject, the rule.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_rules {
    ([$($callback:tt)+] $($argument:expr)?) => {
        $($callback)+! {
            [$($argument)?]
            1 ownership::a_foreign_conversation_is_not_read;
            1 ownership::foreign_messages_are_not_read;
            1 ownership::a_foreign_conversation_is_not_appended_to;
            1 ownership::an_expected_count_tells_nothing_about_others;
            1 ownership::a_key_tells_nothing_about_others;
            1 ownership::an_expected_version_tells_nothing_about_others;
            1 ownership::a_foreign_conversation_is_not_updated;
            1 ownership::a_foreign_conversation_is_not_deleted;
            1 isolation::listings_hold_nothing_of_others;
            1 isolation::a_new_owner_has_nothing;
            1 isolation::a_foreign_session_is_not_found;
            1 isolation::owners_share_no_sessions;
            1 isolation::erasing_touches_nobody_else;
            2 turns::a_reader_never_sees_part_of_a_turn;
            2 turns::a_refused_turn_changes_nothing;
            2 turns::an_expected_count_must_be_right;
            2 turns::one_of_many_expecting_turns_is_stored;
            5 turns::turns_without_a_key_are_all_stored;
            3 order::concurrent_turns_are_dense_and_contiguous;
            3 order::each_writer_keeps_its_order;
            3 order::times_never_decrease_with_position;
            3 order::activity_never_goes_backwards;
            3 order::refused_turns_leave_no_gap;
            3 order::conversations_count_for_themselves;
            4 visibility::a_created_conversation_is_read_elsewhere;
            4 visibility::an_appended_turn_is_read_elsewhere;
            4 visibility::an_update_is_read_elsewhere;
            4 visibility::a_deletion_is_seen_elsewhere;
            5 keys::a_repeated_turn_is_stored_once;
            5 keys::a_racing_turn_is_stored_once;
            5 keys::a_racing_key_takes_one_payload;
            5 keys::a_replay_changes_nothing;
            5 keys::a_replay_comes_before_the_expected_count;
            5 keys::a_reused_key_comes_before_the_expected_count;
            5 keys::conversations_share_no_keys;
            5 keys::owners_share_no_keys;
            5 keys::similar_keys_are_different;
            5 keys::a_deleted_conversation_frees_its_keys;
            5 payloads::a_used_key_refuses_other_contents;
            5 payloads::a_used_key_refuses_a_part_and_an_extension;
            5 payloads::a_used_key_refuses_another_order;
            5 payloads::a_used_key_refuses_other_roles;
            5 payloads::a_used_key_refuses_other_metadata;
            8 pages::the_last_page_is_the_newest_in_order;
            8 pages::the_first_page_is_the_oldest_in_order;
            8 pages::a_page_before_a_position_ends_just_before_it;
            8 pages::a_page_after_a_position_starts_just_after_it;
            8 pages::positions_beyond_the_end_are_no_error;
            8 pages::a_conversation_without_messages_is_an_empty_page;
            8 pages::walking_forwards_gives_every_message_once;
            8 pages::walking_backwards_gives_every_message_once;
            8 pages::walking_forwards_survives_appends;
            8 pages::walking_backwards_survives_appends;
            8 listing::the_newest_activity_comes_first;
            8 listing::every_change_moves_to_the_front;
            8 listing::active_and_archived_are_separate;
            8 listing::walking_gives_every_conversation_once;
            8 listing::walking_survives_changes;
            8 listing::walking_back_survives_changes;
            8 listing::a_cursor_outlives_its_conversation;
            8 cursors::an_altered_listing_cursor_is_refused;
            8 cursors::an_altered_message_cursor_is_refused;
            8 cursors::a_cursor_cut_short_is_refused;
            8 cursors::a_cursor_of_another_listing_is_refused;
            8 cursors::a_cursor_of_another_conversation_is_refused;
            8 cursors::a_cursor_of_another_owner_is_refused;
            1 cursors::a_foreign_cursor_tells_nothing;
            7 limits::the_largest_content_reads_back;
            7 limits::the_longest_turn_reads_back;
            7 limits::the_longest_title_reads_back;
            7 limits::the_longest_keys_read_back;
            7 limits::the_largest_metadata_reads_back;
            7 limits::the_longest_page_is_answered;
            7 readable::contents_read_back;
            7 readable::roles_read_back;
            7 readable::titles_read_back;
            7 readable::metadata_reads_back;
            7 readable::absent_things_stay_absent;
            2 sessions::a_taken_session_is_refused;
            4 sessions::a_session_is_found_elsewhere;
            4 sessions::a_session_survives_changes;
            1 sessions::a_deleted_conversation_frees_its_session;
            5 sessions::a_session_opened_at_once_is_one_conversation;
            7 sessions::similar_sessions_are_different;
            2 update::a_title_changes_alone;
            2 update::a_title_is_removed_alone;
            2 update::archiving_changes_nothing_else;
            2 update::metadata_is_replaced_as_a_whole;
            2 update::an_update_of_nothing_changes_nothing;
            2 update::everything_changes_at_once;
            2 update::racing_updates_of_different_fields_all_hold;
            3 versions::every_change_makes_a_later_version;
            3 versions::what_changes_nothing_keeps_the_version;
            2 versions::the_expected_version_is_changed;
            2 versions::another_version_is_not_changed;
            2 versions::the_expected_version_is_deleted;
            2 versions::another_version_is_not_deleted;
            2 versions::one_of_many_expecting_updates_applies;
            2 versions::one_of_many_expecting_changes_applies;
            1 delete::a_deleted_conversation_is_gone;
            1 delete::a_second_delete_finds_nothing;
            2 delete::deleting_takes_exactly_its_messages;
            3 delete::a_deleted_id_is_not_reused;
            2 erase::the_receipt_counts_what_is_gone;
            1 erase::an_erased_owner_has_nothing;
            2 erase::erasing_nothing_is_no_error;
            4 erase::an_erased_owner_starts_again;
            6 cancel::a_dropped_append_is_whole_or_absent;
            6 cancel::a_dropped_creation_happens_once_at_most;
            6 cancel::a_dropped_update_is_whole_or_absent;
            6 cancel::a_dropped_delete_is_whole_or_absent;
            6 cancel::a_dropped_erase_is_whole_or_absent;
            6 cancel::dropped_reads_leave_the_store_usable;
            9 bounds::a_crowd_is_answered;
            10 silence::debug_shows_nothing_private;
            10 silence::errors_show_nothing_private;
        }
    };
}
