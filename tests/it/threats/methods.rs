//! T3: the matrix has every method of the contract; and forgotten owner checks, which fail it.

use std::collections::BTreeSet;

use scrollback_proof::{self as proof, T1, T2, T3, T4, T7, T10, T18, Trial, control};

use super::{
    matrix::{Fault, Findings},
    rows::ROWS,
};
use crate::{architecture::source::Source, broken::flaws};

/// The names of the methods of the contract.
fn methods(code: &str) -> BTreeSet<String> {
    let start = code.find("pub trait ConversationStore:").expect("the contract is there");
    let length = code[start..].find("\n}").expect("the trait ends");
    let methods = code[start..start + length].split("fn ").skip(1);
    methods.filter_map(|method| Some(method.split_once('(')?.0.trim().to_owned())).collect()
}

/// The methods that are not in the matrix.
fn without_a_row(code: &str) -> Vec<String> {
    let missing = methods(code).into_iter();
    missing.filter(|method| !ROWS.iter().any(|row| row.method == method)).collect()
}

#[test]
fn every_method_of_the_contract_has_a_row() {
    let contract = Source::at("src/store.rs").code();

    let missing = without_a_row(&contract);

    Trial::of(T3, "methods of the contract, looked for in the ownership matrix")
        .times(methods(&contract).len())
        .wrong("without a row", missing.len())
        .figure("rows of the matrix", ROWS.len())
        .record();
    assert_eq!(missing, [""; 0], "give the new method its rows in tests/it/threats/rows.rs");
}

#[test]
fn a_method_without_a_row_is_noticed() {
    let contract = Source::at("src/store.rs").code();
    let (head, rest) = contract.split_once("pub trait ConversationStore:").unwrap();
    let grown = format!(
        "{head}pub trait ConversationStore:{}",
        rest.replacen(
            "async fn get(",
            "async fn export(&self, owner: UserId) -> Result<Vec<Message>>;\n    async fn get(",
            1,
        )
    );

    let missing = without_a_row(&grown);

    control(T3, "a new method of the contract without a row", missing.len(), 1);
    assert_eq!(missing, ["export"]);
}

/// The stores that forget a check, and the threat that it was against.
fn forgotten(flaw: &str) -> Option<proof::Row> {
    Some(match flaw.split_once("owners::")?.1.trim_end_matches('>') {
        "UpdatesOfAnyone" | "DeletesOfAnyone" | "ErasesEveryone" => T2,
        "ComparesCountsOfAnyone" | "ComparesVersionsOfAnyone" => T4,
        "SharesSessionsAmongOwners" => T7,
        "SaysForbidden" => T10,
        "ReplaysToAnyone" => T18,
        _ => T1,
    })
}

#[tokio::test]
async fn every_forgotten_owner_check_fails_the_matrix() {
    let (mut tried, mut missed) = (0, Vec::new());

    for (flaw, fixture, _) in flaws() {
        let Some(threat) = forgotten(flaw) else { continue };
        let found = Findings::of(&*fixture()).await;
        let faults = [Fault::ToldApart, Fault::Shown, Fault::Changed];
        let caught = faults.iter().any(|fault| found.count(threat, *fault) > 0);
        tried += 1;
        control(threat, &format!("a store without an owner check: {flaw}"), usize::from(caught), 1);
        missed.extend((!caught).then_some(flaw));
    }

    assert!(tried >= 12, "only {tried} stores without an owner check were tried");
    assert_eq!(missed, [""; 0]);
}
