// Every request that the page sends. The endpoints are those of /api/openapi.json.

import { Problem, problemOf } from "./problem.js";

/** Says "ended" when the server does not know any more who is asking. */
export const session = new EventTarget();

/** The most items that the server gives at once. */
export const PAGE = 100;

export async function request(method, path, { body, headers = {}, signal } = {}) {
  const sent = { method, headers: new Headers(headers), signal, cache: "no-store" };
  if (body !== undefined) {
    sent.headers.set("Content-Type", "application/json");
    sent.body = JSON.stringify(body);
  }
  const response = await fetch(path, sent).catch(() => {
    throw new Problem(0);
  });
  if (response.ok) return response;
  if (response.status === 401) session.dispatchEvent(new Event("ended"));
  throw await problemOf(response);
}

async function read(method, path, options) {
  const response = await request(method, path, options);
  return response.json().catch(() => {
    throw new Problem(0);
  });
}

export const me = () => read("GET", "/me");
export const signIn = (name) => request("POST", "/sign-in", { body: { name } });
export const signOut = () => request("POST", "/sign-out");

export function conversations({ archived, cursor }) {
  const query = new URLSearchParams({ limit: "30", archived });
  if (cursor) query.set("cursor", cursor);
  return read("GET", `/api/conversations?${query}`);
}

/** A conversation and its version. */
export async function conversation(id) {
  const response = await request("GET", path(id));
  return { ...(await response.json()), etag: response.headers.get("ETag") };
}

export const change = (id, changes, etag) =>
  read("PATCH", path(id), { body: changes, headers: seen(etag) });

export const remove = (id, etag) => request("DELETE", path(id), { headers: seen(etag) });

const seen = (etag) => (etag ? { "If-Match": etag } : {});

/** A page of messages: the newest, or those `{ before }` or `{ after }` a position. */
export const messages = (id, where = {}) =>
  read("GET", `${path(id)}/messages?${new URLSearchParams({ limit: PAGE, ...where })}`);

/** A new conversation; with the same key, it is the same conversation. */
export const start = (title, key) =>
  read("POST", "/api/chat/start", { body: { title }, headers: { "Idempotency-Key": key } });

/** Says something to the bot; with the same key, it is said once. */
export const say = (sessionId, content, key, signal) =>
  request("POST", `/api/chat/${encodeURIComponent(sessionId)}/message`, {
    body: { content },
    headers: { "Idempotency-Key": key, Accept: "text/event-stream" },
    signal,
  });

const path = (id) => `/api/conversations/${encodeURIComponent(id)}`;
