//! Stores with one seeded defect each, and the rule that catches it: the tests of the kit itself.

#![expect(clippy::unwrap_used, reason = "a broken store may panic: it must not pass anyway")]

mod contents;
mod counts;
mod cursors;
mod ends;
pub(crate) mod inputs;
mod keys;
mod listing;
mod order;
mod owners;
mod pages;
mod payloads;
mod sessions;
mod store;
mod turns;
mod updates;
mod versions;

use std::{
    collections::{BTreeMap, BTreeSet},
    panic,
    sync::{Arc, Once},
    thread,
    time::Duration,
};

use scrollback::conformance::{Fixture, Rule, rules};
use scrollback_proof::{I1, I2, I3, I4, I6, I7, I9, I10, I11, I13, I14, Row, control};
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout_at},
};

pub(crate) use store::{Base, Flaw, Flawed};
use store::{Flawless, Separate};

/// How long to wait for a store that may hang; all rules take a tenth of this in memory.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long to wait for a store that does not.
const FOR_EVER: Duration = Duration::from_secs(60);

/// The threads on which broken stores panic.
const WORKER: &str = "broken store";

macro_rules! caught {
    ($($flaw:ty => $rule:ident;)*) => {
        /// Each defect, a store that has it, and the rule that must catch it.
        pub(crate) fn flaws() -> Vec<(&'static str, fn() -> Arc<dyn Fixture>, &'static str)> {
            vec![$((stringify!($flaw), || Arc::<$flaw>::default(), stringify!($rule))),*]
        }
    };
}

caught! {
    Separate => a_deletion_is_seen_elsewhere;
    Flawed<owners::GetsOfAnyone> => a_foreign_conversation_is_not_read;
    Flawed<owners::UpdatesOfAnyone> => a_foreign_conversation_is_not_updated;
    Flawed<owners::DeletesOfAnyone> => a_foreign_conversation_is_not_deleted;
    Flawed<owners::AppendsToAnyone> => a_foreign_conversation_is_not_appended_to;
    Flawed<owners::ReadsMessagesOfAnyone> => foreign_messages_are_not_read;
    Flawed<owners::FindsSessionsOfAnyone> => a_foreign_session_is_not_found;
    Flawed<owners::ListsEveryone> => listings_hold_nothing_of_others;
    Flawed<owners::ErasesEveryone> => erasing_touches_nobody_else;
    Flawed<owners::SaysForbidden> => a_foreign_conversation_is_not_read;
    Flawed<owners::ComparesCountsOfAnyone> => an_expected_count_tells_nothing_about_others;
    Flawed<owners::ComparesVersionsOfAnyone> => an_expected_version_tells_nothing_about_others;
    Flawed<owners::ReplaysToAnyone> => a_key_tells_nothing_about_others;
    Flawed<owners::SharesSessionsAmongOwners> => owners_share_no_sessions;
    Flawed<turns::StoresMessageByMessage> => a_reader_never_sees_part_of_a_turn;
    Flawed<turns::TearsDroppedTurns> => a_dropped_append_is_whole_or_absent;
    Flawed<turns::KeepsHalfOfARefusedTurn> => a_refused_turn_changes_nothing;
    Flawed<turns::TouchesOnRefusal> => a_refused_turn_changes_nothing;
    Flawed<counts::IgnoresTheExpectedCount> => an_expected_count_must_be_right;
    Flawed<counts::RacesOnTheExpectedCount> => one_of_many_expecting_turns_is_stored;
    Flawed<counts::ExpectsAtLeast> => an_expected_count_must_be_right;
    Flawed<counts::SaysMovedBeforeReplaying> => a_replay_comes_before_the_expected_count;
    Flawed<order::OrdersByTime> => contents_read_back;
    Flawed<order::LeavesGaps> => concurrent_turns_are_dense_and_contiguous;
    Flawed<order::TrustsEveryClock> => times_never_decrease_with_position;
    Flawed<order::SetsActivityBack> => activity_never_goes_backwards;
    Flawed<keys::IgnoresKeys> => a_repeated_turn_is_stored_once;
    Flawed<keys::SharesKeysAmongConversations> => conversations_share_no_keys;
    Flawed<keys::SharesKeysAmongOwners> => owners_share_no_keys;
    Flawed<keys::RacesOnKeys> => a_racing_turn_is_stored_once;
    Flawed<keys::ReplaysUnderNewIds> => a_repeated_turn_is_stored_once;
    Flawed<keys::HidesReplays> => a_repeated_turn_is_stored_once;
    Flawed<keys::TouchesOnReplay> => a_replay_changes_nothing;
    Flawed<payloads::AcceptsAnyPayload> => a_used_key_refuses_other_contents;
    Flawed<payloads::AcceptsAPrefix> => a_used_key_refuses_a_part_and_an_extension;
    Flawed<payloads::ComparesContentsOnly> => a_used_key_refuses_other_roles;
    Flawed<payloads::AcceptsAnyOrder> => a_used_key_refuses_another_order;
    Flawed<keys::FoldsKeys> => similar_keys_are_different;
    Flawed<keys::DropsRepeatedTexts> => turns_without_a_key_are_all_stored;
    Flawed<pages::LastIsOldest> => the_last_page_is_the_newest_in_order;
    Flawed<pages::LastIsReversed> => the_last_page_is_the_newest_in_order;
    Flawed<pages::BeforeIncludes> => a_page_before_a_position_ends_just_before_it;
    Flawed<pages::AfterIncludes> => a_page_after_a_position_starts_just_after_it;
    Flawed<pages::ForgetsPreviousMessages> => walking_backwards_gives_every_message_once;
    Flawed<pages::ShowsEmptyForUnknown> => foreign_messages_are_not_read;
    Flawed<pages::TakesEmptyForUnknown> => a_conversation_without_messages_is_an_empty_page;
    Flawed<cursors::RestartsMessages> => an_altered_message_cursor_is_refused;
    Flawed<cursors::SharesMessageCursors> => a_cursor_of_another_conversation_is_refused;
    Flawed<cursors::RestartsListing> => an_altered_listing_cursor_is_refused;
    Flawed<cursors::SharesListingCursors> => a_cursor_of_another_owner_is_refused;
    Flawed<listing::ListsByCreation> => every_change_moves_to_the_front;
    Flawed<listing::ListsOldestFirst> => the_newest_activity_comes_first;
    Flawed<listing::ListsTheArchiveToo> => active_and_archived_are_separate;
    Flawed<listing::IgnoresTheLimit> => walking_gives_every_conversation_once;
    Flawed<listing::RefusesLongPages> => the_longest_page_is_answered;
    Flawed<listing::CountsFromTheTop> => walking_survives_changes;
    Flawed<listing::ForgetsPreviousConversations> => walking_back_survives_changes;
    Flawed<listing::LooksCursorsUp> => a_cursor_outlives_its_conversation;
    Flawed<updates::ClearsTitles> => archiving_changes_nothing_else;
    Flawed<updates::KeepsTitles> => a_title_is_removed_alone;
    Flawed<updates::MergesMetadata> => metadata_is_replaced_as_a_whole;
    Flawed<updates::LosesUpdates> => racing_updates_of_different_fields_all_hold;
    Flawed<updates::UpdatesFieldByField> => a_dropped_update_is_whole_or_absent;
    Flawed<versions::KeepsWholeSeconds> => every_change_makes_a_later_version;
    Flawed<versions::GrowsWhenItIsRead> => what_changes_nothing_keeps_the_version;
    Flawed<versions::IgnoresTheExpectedVersion> => another_version_is_not_changed;
    Flawed<versions::IgnoresTheExpectedVersion> => another_version_is_not_deleted;
    Flawed<versions::ExpectsAtMost> => another_version_is_not_changed;
    Flawed<versions::ExpectsAtMost> => another_version_is_not_deleted;
    Flawed<versions::RoundsWhatItShows> => the_expected_version_is_changed;
    Flawed<versions::RoundsWhatItShows> => the_expected_version_is_deleted;
    Flawed<versions::TouchesWhatItRefuses> => another_version_is_not_changed;
    Flawed<versions::RacesOnTheExpectedVersion> => one_of_many_expecting_updates_applies;
    Flawed<versions::DeletesAfterALook> => one_of_many_expecting_changes_applies;
    Flawed<sessions::KeepsSessions> => a_deleted_conversation_frees_its_session;
    Flawed<sessions::DoublesSessions> => a_taken_session_is_refused;
    Flawed<sessions::FoldsSessions> => similar_sessions_are_different;
    Flawed<sessions::CreatesInTwoSteps> => a_dropped_creation_happens_once_at_most;
    Flawed<sessions::RacesOnSessions> => a_session_opened_at_once_is_one_conversation;
    Flawed<ends::KeepsMessages> => a_deleted_conversation_is_gone;
    Flawed<ends::DeletesTwice> => a_second_delete_finds_nothing;
    Flawed<ends::MiscountsErased> => the_receipt_counts_what_is_gone;
    Flawed<ends::SparesTheArchive> => an_erased_owner_has_nothing;
    Flawed<ends::ErasesOneByOne> => a_dropped_erase_is_whole_or_absent;
    Flawed<ends::FailsToEraseNothing> => erasing_nothing_is_no_error;
    Flawed<ends::ReusesIds> => a_deleted_id_is_not_reused;
    Flawed<contents::TrimsContents> => contents_read_back;
    Flawed<contents::CutsContents> => the_largest_content_reads_back;
    Flawed<contents::KnowsTwoRoles> => roles_read_back;
    Flawed<contents::CutsTitles> => the_longest_title_reads_back;
    Flawed<contents::TrimsTitles> => titles_read_back;
    Flawed<contents::RewritesMetadata> => metadata_reads_back;
    Flawed<contents::StoresEmptyTitles> => absent_things_stay_absent;
    Flawed<contents::ShowsItsCache> => debug_shows_nothing_private;
    Flawed<contents::QuotesSessions> => errors_show_nothing_private;
    Flawed<contents::LeaksItsConnection> => dropped_reads_leave_the_store_usable;
    Flawed<contents::HangsInACrowd> => a_crowd_is_answered;
}

#[test]
fn a_store_without_a_defect_breaks_no_rule() {
    let broken = broken_rules(|| Arc::<Flawed<Flawless>>::default(), FOR_EVER);

    assert_eq!(broken, BTreeSet::new());
}

#[test]
fn every_defect_is_caught_by_its_rule_and_every_rule_catches_a_defect() {
    let mut missed = Vec::new();
    let mut caught = BTreeMap::<_, (u64, u64)>::new();
    let mut idle: BTreeSet<_> = rules().iter().map(Rule::name).collect();

    for (flaw, fixture, expected) in flaws() {
        let broken = broken_rules(fixture, PATIENCE);
        idle.retain(|rule| !broken.contains(rule));
        let group = caught.entry(group(flaw)).or_default();
        *group = (group.0 + u64::from(broken.contains(expected)), group.1 + 1);
        if !broken.contains(expected) {
            missed.push(format!("{flaw} is not caught by {expected}, but by {broken:?}"));
        }
    }

    for (row, group, text) in EVIDENCE {
        let (caught, seeded) = caught[group];
        control(*row, &format!("the kit: stores {text}"), caught, seeded);
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    assert!(idle.is_empty(), "these rules catch none of the defects: {idle:?}");
}

/// Which invariant the stores of a module break, and what is wrong with them.
const EVIDENCE: &[(Row, &str, &str)] = &[
    (I1, "owners", "that forget the owner somewhere, or tell foreign from unknown"),
    (I2, "owners", "that forget the owner somewhere, or tell foreign from unknown"),
    (I3, "order", "that order by time, leave gaps, or trust every clock"),
    (I4, "Separate", "that do not see what another process wrote"),
    (I6, "turns", "that store or keep turns in part"),
    (I7, "keys", "that ignore, confuse or race on keys"),
    (I7, "payloads", "that take another payload for the same"),
    (I9, "pages", "with wrong pages of messages"),
    (I9, "cursors", "with cursors that lead elsewhere"),
    (I9, "listing", "with wrong listings"),
    (I10, "ends", "whose deletions or erasures are partial, repeated or miscounted"),
    (I11, "contents", "that alter, cut or show what is stored"),
    (I11, "updates", "that lose or mix up changes"),
    (I11, "versions", "that compare versions wrongly, late or not at all"),
    (I13, "order", "that order by time, leave gaps, or trust every clock"),
    (I13, "versions", "that compare versions wrongly, late or not at all"),
    (I14, "ends", "whose deletions or erasures are partial, repeated or miscounted"),
];

/// The module of a flaw.
fn group(flaw: &str) -> &str {
    let inner = flaw.split_once('<').map_or(flaw, |(_, inner)| inner);
    inner.split("::").next().unwrap_or(inner).trim()
}

/// The names of the rules that a store breaks; each gets a new one.
fn broken_rules(fixture: fn() -> Arc<dyn Fixture>, patience: Duration) -> BTreeSet<&'static str> {
    keep_quiet_about(WORKER);
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).thread_name(WORKER).enable_all().build().unwrap();
    runtime.block_on(async {
        let checks: Vec<_> = rules().iter().map(|rule| (rule, start(rule, fixture()))).collect();
        let deadline = Instant::now() + patience;
        let mut broken = BTreeSet::new();
        for (rule, check) in checks {
            if !matches!(timeout_at(deadline, check).await, Ok(Ok(()))) {
                broken.insert(rule.name());
            }
        }
        broken
    })
}

fn start(rule: &'static Rule, fixture: Arc<dyn Fixture>) -> JoinHandle<()> {
    tokio::spawn(async move { rule.check(&*fixture).await })
}

/// Thousands of panics are expected here; that of a failing test must not drown in them.
fn keep_quiet_about(thread: &'static str) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if thread::current().name() != Some(thread) {
                report(panic);
            }
        }));
    });
}
