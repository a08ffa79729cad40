//! Somebody else sees nothing of Ann's.

use super::{ann, tab::Browser};

#[tokio::test]
async fn a_second_user_sees_nothing_of_the_first_and_gets_404_for_its_ids() {
    let (site, anns) = ann().await;
    anns.talk("A secret of Ann's").await;
    let id = anns.conversation().await;

    let bens = Browser::open().await;
    bens.sign_in(&site, "ben").await;
    bens.until("document.querySelector('#list-note').textContent === 'No conversation yet.'").await;
    bens.goto(&format!("{}#c={id}", site.url())).await;

    bens.until(
        "document.querySelector('#notice').textContent.startsWith('There is no such conversation')",
    )
    .await;
    assert_eq!(bens.run("return location.hash").await, "");
    assert_eq!(bens.texts("#messages li, #conversations li").await, [""; 0]);
    assert!(!bens.client.source().await.unwrap().contains("secret"));
    for path in [format!("/api/conversations/{id}"), format!("/api/conversations/{id}/messages")] {
        let (status, problem) = bens.ask(&path).await;
        assert_eq!(
            (status, &problem["type"]),
            (404, &"urn:problem-type:scrollback:not-found".into())
        );
    }
    assert_eq!(anns.stored(&id).await, ["user", "assistant"]);
}

#[tokio::test]
async fn who_signs_out_leaves_nothing_for_the_next() {
    let (_site, browser) = ann().await;
    browser.talk("A secret of Ann's").await;
    browser.find("#draft").await.send_keys("a secret draft").await.unwrap();

    browser.click("#sign-out").await;
    browser.give_name("ben").await;

    browser
        .until("document.querySelector('#list-note').textContent === 'No conversation yet.'")
        .await;
    assert!(!browser.client.source().await.unwrap().contains("secret"));
    assert_eq!(browser.run("return draft.value + JSON.stringify(localStorage)").await, "{}");
    assert_eq!(browser.run("return location.hash").await, "");
}
