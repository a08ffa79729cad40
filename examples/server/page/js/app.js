// Where the page begins: who is there, and until when.

import * as api from "./api.js";
import { ask } from "./ask.js";
import { arrive, live } from "./chat.js";
import { $ } from "./dom.js";
import * as keep from "./keep.js";
import { outbox } from "./outbox.js";
import { signIn, signedIn, whoIsThere } from "./sign_in.js";

let user = null;
let isAsking = false;

keep.onRemovedElsewhere((name) => outbox.dropped(name));
api.session.addEventListener("ended", () => user !== null && !isAsking && ended());
$("sign-out").addEventListener("click", () => signOut());
begin();

async function begin() {
  // Who cannot be asked now is asked for a name; that the server is not there, the form will say.
  user = (await whoIsThere().catch(() => null)) ?? (await signIn());
  keep.keepFor(user);
  await outbox.load();
  signedIn(user);
  arrive();
}

/** The server has forgotten who this is. The page stays as it is, with what was being written. */
async function ended() {
  isAsking = true;
  live.stop();
  const name = await signIn({ note: "Your session has ended. Sign in to go on: what you wrote is kept.", name: user });
  isAsking = false;
  if (name !== user) return restart();
  signedIn(user);
  live.start();
  live.now();
}

async function signOut() {
  const unsent = outbox.size;
  const isSure = unsent === 0 || (await ask({
    heading: "Sign out?",
    text: `${unsent === 1 ? "A message was" : `${unsent} messages were`} not sent or not answered, and will be discarded here.`,
    confirm: "Sign out",
    isDanger: true,
  })) !== null;
  if (!isSure) return;
  try {
    await api.signOut();
  } catch {
    return live.saw(false);
  }
  keep.forget();
  live.tell();
  restart();
}

/** Nothing of one person's is left for the next. */
function restart() {
  history.replaceState(null, "", "/");
  location.reload();
}
