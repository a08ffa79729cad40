//! What can be wrong with a store, and which invariant it breaks.

use scrollback_proof::{I1, I2, I3, I4, I7, I9, I10, I11, I12, I13, I14, Row};

macro_rules! defects {
    ($($defect:ident $row:ident $text:literal)*) => {
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub(crate) enum Defect {
            $(#[doc = $text] $defect,)*
        }

        impl Defect {
            /// All of them, each with the invariant under which it must be found, and in words.
            pub(crate) const ALL: &[(Self, Row, &str)] = &[$((Self::$defect, $row, $text)),*];
        }
    };
}

defects! {
    DeleteHasNoOwnerCheck I1 "a delete that does not look at the owner"
    AppendHasNoOwnerCheck I1 "an append that does not look at the owner"
    GetHasNoOwnerCheck I2 "a read that does not look at the owner"
    SaysForbidden I2 "a refusal that tells foreign from unknown"
    RefusedTurnsTakePlaces I3 "a refused turn that leaves a message behind"
    HoldsTheNewestOnly I4 "a history that drops its oldest messages"
    KeyIsIgnored I7 "a key that is ignored"
    KeyAcceptsAnyPayload I7 "a key that accepts any payload"
    ReplayLooksNew I7 "a replay that looks like a new turn"
    LastReturnsTheOldest I9 "a last page that is the first"
    BadCursorIsPageOne I9 "a bad cursor that means page 1"
    PagesHaveNoWayBack I9 "pages without a way back"
    DeleteTwiceIsFine I10 "a second delete that succeeds"
    SessionsAreUniqueAcrossOwners I11 "session ids that are unique across owners"
    ExpectedCountIsIgnored I11 "an expected count that is ignored"
    ExpectedVersionIsIgnored I11 "an expected version that is ignored"
    TitleIsNeverCleared I11 "a title that is never removed"
    ContentIsTrimmed I11 "contents without the spaces at their end"
    EraseKeepsSessions I11 "an erasure that keeps session ids"
    StumblesOverContents I12 "a content that is stored and cannot be read"
    ListIsByCreation I13 "a listing by creation"
    EraseSparesTheArchive I14 "an erasure that spares the archive"
}
