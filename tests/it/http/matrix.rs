//! T1, T2, T3, T10 over HTTP: every operation of the document, with every kind of name that is not the
//! caller's.

use std::{collections::BTreeSet, sync::Arc};

use axum::http::Method;
use scrollback::conformance::Fixture;
use scrollback_proof::{T1, T2, T3, T10, Trial, control};
use serde_json::Value;

use super::{
    app::{App, Seed, as_it_is},
    ask::Answer,
    fixtures,
    rows::{Header, ROWS, Row},
    scene::{SECRET, Scene, Target},
};
use crate::broken::flaws;

#[tokio::test]
async fn every_operation_of_the_document_has_a_row() {
    let app = App::new().await;

    let documented: BTreeSet<_> =
        operations(&app.document).into_iter().map(|(id, ..)| id).collect();
    let rows: BTreeSet<_> = ROWS.iter().map(|row| row.operation.to_owned()).collect();

    assert_eq!(documented, rows, "give the operation its rows in tests/it/http/rows.rs");
}

#[tokio::test]
async fn what_is_not_the_callers_is_told_apart_by_nothing() {
    let mut wrong = Vec::new();
    for (name, fixture) in fixtures().await {
        let findings = Findings::of(&fixture, as_it_is).await;
        for threat in [T1, T2, T3, T10] {
            Trial::of(threat, format!("requests of the ownership matrix over HTTP, {name}"))
                .times(findings.cells)
                .wrong("told apart, shown or changed", findings.wrong.len())
                .record();
        }
        wrong.extend(findings.wrong);
    }

    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn a_store_that_forgets_the_owner_is_noticed() {
    let owners = flaws().into_iter().filter(|(flaw, ..)| flaw.contains("owners::"));
    let (mut seeded, mut missed) = (0, Vec::new());
    for (flaw, fixture, _) in owners {
        seeded += 1;
        if Findings::of(&fixture(), as_it_is).await.wrong.is_empty() {
            missed.push(flaw);
        }
    }

    control(
        T1,
        "the ownership matrix over HTTP: stores that forget the owner",
        seeded - missed.len() as u64,
        seeded,
    );
    assert_eq!(missed, Vec::<&str>::new());
}

/// What was tried, and what went wrong.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) cells: usize,
    pub(super) wrong: Vec<String>,
}

impl Findings {
    pub(super) async fn of(fixture: &Arc<dyn Fixture>, seed: Seed) -> Self {
        let mut findings = Self::default();
        for row in &ROWS {
            let scene = Scene::set(Arc::clone(fixture), seed).await;
            findings.add(row, &scene).await;
        }
        findings
    }

    async fn add(&mut self, row: &Row, scene: &Scene) {
        let unknown = ask(row, scene, &scene.unknown).await;
        let (_, _, path) = find(row, scene);
        if path.contains('{') {
            for (kind, target) in &scene.others {
                let answer = ask(row, scene, target).await;
                if shown(&answer) != shown(&unknown) {
                    self.note(row, kind, &format!("{} is not {}", shown(&answer), shown(&unknown)));
                }
                self.look(row, kind, scene, &answer).await;
            }
        } else {
            // With the victim's key and version where there is one.
            let answer = ask(row, scene, &scene.foreign).await;
            self.look(row, "foreign", scene, &answer).await;
            if answer.status != unknown.status {
                self.note(row, "foreign", &format!("{} is not {}", answer.status, unknown.status));
            }
        }
        let own = ask(row, scene, &scene.own).await;
        let known = own.status.is_success() || [304, 412].contains(&own.status.as_u16());
        if path.contains('{') && !known {
            self.note(row, "own", &format!("blind: {}", shown(&own)));
        }
        self.look(row, "own", scene, &own).await;
    }

    async fn look(&mut self, row: &Row, kind: &str, scene: &Scene, answer: &Answer) {
        self.cells += 1;
        if shown(answer).contains(SECRET) {
            self.note(row, kind, "shows what is the victim's");
        }
        if scene.is_changed().await {
            self.note(row, kind, "changes what is the victim's");
        }
    }

    fn note(&mut self, row: &Row, kind: &str, what: &str) {
        self.wrong.push(format!("{} {}, {kind}: {what}", row.operation, row.how));
    }
}

async fn ask(row: &Row, scene: &Scene, target: &Target) -> Answer {
    let (_, method, path) = find(row, scene);
    let path = path.replace("{id}", &target.id).replace("{sessionId}", &target.session);
    let mut ask = scene.app.ask(method, &path).by(scene.app.ann);
    if let Some(body) = row.body {
        ask = ask.json(&body());
    }
    if let Some(Header { name, value }) = &row.header {
        ask = ask.header(name, &value(target));
    }
    ask.answer().await
}

/// All that a client gets to see.
fn shown(answer: &Answer) -> String {
    format!("{} {:?} {}", answer.status, answer.headers, answer.text())
}

fn find(row: &Row, scene: &Scene) -> (String, Method, String) {
    let mut operations = operations(&scene.app.document).into_iter();
    operations.find(|(id, ..)| id == row.operation).expect("the document has the operation")
}

/// The operations of the document: id, method, path.
pub(super) fn operations(document: &Value) -> Vec<(String, Method, String)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| (path, method, operation))
    });
    let named = operations.map(|(path, method, operation)| {
        let id = operation["operationId"].as_str().unwrap().to_owned();
        (id, method.to_uppercase().parse().unwrap(), path.clone())
    });
    named.collect()
}
