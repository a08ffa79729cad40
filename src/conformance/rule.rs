//! A rule as a value, and how one is run.

use std::{fmt, time::Duration};

use futures_util::future::BoxFuture;

use crate::conformance::Fixture;

/// One rule of the kit.
///
/// # Examples
///
/// ```
/// use scrollback::{MemoryStore, conformance::{Clones, rules}};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let fixture = Clones::new(MemoryStore::new());
/// for rule in rules().iter().filter(|rule| rule.contract() == 5) {
///     rule.check(&fixture).await;
/// }
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct Rule {
    name: &'static str,
    contract: u8,
    check: for<'a> fn(&'a dyn Fixture) -> BoxFuture<'a, ()>,
}

impl Rule {
    /// The rule as a sentence, which is also the name of its function and of its test.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The number of the [contract](crate::ConversationStore#contract) that it tests.
    #[must_use]
    pub const fn contract(&self) -> u8 {
        self.contract
    }

    /// Checks the rule on a store.
    ///
    /// # Panics
    ///
    /// When the rule is broken; the text says how.
    pub async fn check(&self, fixture: &dyn Fixture) {
        (self.check)(fixture).await;
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rule({}: {})", self.contract, self.name)
    }
}

/// All rules, in the order of the list.
#[must_use]
pub const fn rules() -> &'static [Rule] {
    macro_rules! table {
        ([] $($contract:literal $subject:ident::$rule:ident;)*) => {
            &[$(Rule {
                name: stringify!($rule),
                contract: $contract,
                check: |fixture| Box::pin(super::$subject::$rule(fixture)),
            }),*]
        };
    }
    crate::__conformance_rules!([table])
}

/// Runs a rule to its end on a runtime of its own: what a test of
/// [`conformance_tests!`](crate::conformance_tests) does.
///
/// # Panics
///
/// When the rule is broken, or after a minute: every call has a deadline (contract 9).
pub fn run(rule: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
    let ended = runtime.block_on(async { tokio::time::timeout(LONGEST, rule).await });
    assert!(ended.is_ok(), "contract 9: the rule did not end within {LONGEST:?}");
}

const LONGEST: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn every_rule_is_listed_under_the_contract_that_it_cites() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/conformance");
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());

        let written: BTreeSet<_> =
            files.flat_map(|file| written_rules(&fs::read_to_string(file).unwrap())).collect();

        let listed = rules().iter().map(|rule| (rule.name.to_owned(), rule.contract));
        assert_eq!(written, listed.collect());
    }

    #[test]
    fn every_rule_has_its_own_name() {
        let names: BTreeSet<_> = rules().iter().map(Rule::name).collect();

        assert_eq!(names.len(), rules().len());
    }

    #[test]
    fn every_sentence_of_the_contract_has_a_rule() {
        let cited: BTreeSet<_> = rules().iter().map(Rule::contract).collect();

        assert_eq!(cited, (1..=10).collect());
    }

    /// The names of public async functions, each with the number in the first line of its docs; 0
    /// where there is none.
    fn written_rules(source: &str) -> Vec<(String, u8)> {
        let mut contract = 0;
        let mut found = Vec::new();
        for line in source.lines() {
            if let Some(cited) = line.strip_prefix("/// Contract ") {
                contract = cited.split(':').next().and_then(|n| n.parse().ok()).unwrap_or(0);
            } else if let Some(rule) = line.strip_prefix("pub async fn ") {
                found.push((rule.split('(').next().unwrap_or(rule).to_owned(), contract));
                contract = 0;
            }
        }
        found
    }
}
