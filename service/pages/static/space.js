// The enterprise space, live: new messages appear, opening one marks it read. Without this script the page still works.
"use strict";

const space = document.getElementById("space");
const badge = document.getElementById("unread");
const subscriber = space.dataset.subscriber;
const api = `/api/v1/space/${encodeURIComponent(subscriber)}`;
const title = document.title;

function showUnread(count) {
  badge.textContent = count;
  badge.hidden = count === 0;
  document.title = count ? `(${count}) ${title}` : title;
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function showReason(reason) {
  const item = document.createElement("li");
  item.append(element("strong", "", reason.because), " ");
  for (const label of reason.labels) {
    item.append(element("span", "label", label.name));
    if (label.quote) item.append(element("q", "", label.quote));
  }
  return item;
}

function showNote(note) {
  const made = element("blockquote", "note", "");
  made.append(element("strong", "", `${note.association}附言`), element("p", "", note.note));
  return made;
}

function showMessage(message) {
  if (document.getElementById(`m-${message.message_id}`)) return;
  const made = document.getElementById("message").content.firstElementChild.cloneNode(true);
  made.id = `m-${message.message_id}`;
  made.dataset.id = message.message_id;
  made.querySelector(".title").textContent = message.title;
  const time = made.querySelector("time");
  time.dateTime = message.at;
  time.textContent = new Date(message.at).toLocaleString("zh-CN", { timeZone: "Asia/Shanghai" });
  made.querySelector(".reasons").append(...message.reasons.map(showReason));
  made.querySelector(".reasons").after(...message.notes.filter((note) => note.note).map(showNote));
  const path = [message.agency_id, message.policy_id].map(encodeURIComponent).join("/");
  made.querySelector("a.more").href = `/policies/${path}?revision=${message.revision}`;
  const form = made.querySelector("form");
  if (form) form.action = `/space/${encodeURIComponent(subscriber)}/messages/${message.message_id}/acknowledge`;
  space.prepend(made);
  document.getElementById("nothing").hidden = true;
}

async function markRead(message) {
  const answer = await fetch(`${api}/messages/${message.dataset.id}/read`, { method: "POST" });
  if (!answer.ok) return;
  message.classList.remove("unread");
  // The count is the inbox's, never reckoned here: the live stream tells it, and where there is none it is asked for.
  if (space.dataset.live) return;
  const inbox = await fetch(`${api}/messages?limit=1`);
  if (inbox.ok) showUnread((await inbox.json()).unread);
}

if (space.dataset.owner) {
  // "toggle" does not bubble, so it is caught on its way down.
  space.addEventListener("toggle", (event) => {
    if (event.target.open && event.target.classList.contains("unread")) markRead(event.target);
  }, true);
}

if (space.dataset.live) {
  const newest = space.querySelector("[data-id]");
  const after = newest ? `?after=${encodeURIComponent(newest.dataset.id)}` : "";
  const source = new EventSource(`${api}/events${after}`);
  source.addEventListener("unread", (event) => showUnread(JSON.parse(event.data).unread));
  source.addEventListener("message", (event) => showMessage(JSON.parse(event.data)));
}

const wanted = location.hash.startsWith("#m-") && document.getElementById(location.hash.slice(1));
if (wanted) wanted.open = true;
