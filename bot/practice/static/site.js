// What the pages of the practice site do after they have loaded. No template lives here:
// the server sends every piece of markup, made from the fixtures.
"use strict";

const app = document.getElementById("app");
const pause = (ms) => (ms > 0 ? new Promise((done) => setTimeout(done, ms)) : undefined);
const touched = new WeakSet(); // fields that fired `input`: Send wants that too
let page = null; // what the server said of the page that stands now
let composer = null; // and of the panel that is open, if one is

async function fragment(kind, values = {}) {
  const address = new URL(location.href);
  address.searchParams.set("fragment", kind);
  for (const [key, value] of Object.entries(values)) address.searchParams.set(key, value);
  const answer = await fetch(address);
  if (!answer.ok) {
    location.reload(); // the document itself tells what is wrong
    throw new Error(`${kind}: ${answer.status}`);
  }
  return answer.json();
}

// The page's own data. It is read to its end, as a page that shows it would; refused is no matter.
async function read(address) {
  return (await fetch(address)).text();
}

function piece(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
}

// Pages

async function show(turn) {
  const told = await fragment("page", turn ? { turn: "1" } : {});
  await Promise.all(told.page.reads.map(read));
  await pause(turn ? told.late_ms : Number(document.body.dataset.lateMs));
  page = told.page;
  composer = null;
  app.innerHTML = page.html;
  document.title = page.title;
  if (page.address) history.replaceState(null, "", page.address);
  for (const form of app.querySelectorAll("form")) form.addEventListener("submit", refuse);
  watchScrolling();
}

function turnPage(button) {
  const number = button.ariaLabel === page.next_word ? page.page + 1 : Number(button.textContent);
  const address = new URL(location.href);
  address.searchParams.set("page", number);
  turnTo(address);
}

function refuse(event) {
  event.preventDefault();
}

function turnTo(address) {
  history.pushState(null, "", address);
  app.innerHTML = "";
  app.append(loading());
  return show(true);
}

function loading() {
  const mark = document.createElement("div");
  mark.className = "initial-load-animation";
  return mark;
}

window.addEventListener("popstate", () => show(true));

// Cards are filled, and inbox items come, as the inner container is scrolled.

function watchScrolling() {
  for (const [selector, grow] of [[page.card, fillCards], [page.item, addItems]]) {
    const inner = selector && innerScroller(app.querySelector(selector));
    if (!inner) continue;
    inner.addEventListener("scroll", () => grow(inner), { passive: true });
    grow(inner);
  }
}

function innerScroller(element) {
  let inner = element?.parentElement;
  while (inner && !/auto|scroll/.test(getComputedStyle(inner).overflowY)) inner = inner.parentElement;
  return inner;
}

function fillCards(inner) {
  const view = inner.getBoundingClientRect();
  const slots = app.querySelectorAll(page.card);
  page.cards.forEach((html, index) => {
    const slot = slots[index];
    const place = slot?.getBoundingClientRect();
    if (html === null || !slot || place.top > view.bottom || place.bottom < view.top) return;
    page.cards[index] = null;
    const filled = piece(html).firstElementChild;
    if (page.fill_ms > 0) setTimeout(() => slot.replaceWith(filled), page.fill_ms);
    else slot.replaceWith(filled);
  });
}

async function addItems(inner) {
  if (page.items.length === 0 || inner.scrollTop + inner.clientHeight < inner.scrollHeight - 40) return;
  if (inner.scrollTop === 0) return;
  const next = page.items.splice(0, 20);
  await pause(page.fill_ms);
  const last = [...inner.querySelectorAll(page.item)].at(-1);
  last.after(...next.map((html) => piece(html).firstElementChild));
}

// The composer

async function openComposer() {
  if (composer) return;
  composer = { opening: true };
  const told = await fragment("composer");
  composer = told.composer;
  if (!composer) return;
  await read(composer.read);
  overlay().replaceChildren(piece(composer.html));
  const form = overlay().querySelector("form");
  form?.addEventListener("submit", refuse);
  if (page.trap) spring();
  if (composer.late_ms > 0) await bringCreditLine(form, composer);
}

async function bringCreditLine(form, asked) {
  const told = await fragment("credit-line", { late: asked.late_ms, state: asked.state, credits: asked.credits });
  if (composer === asked) form.querySelector(".credit-line-to-come").replaceWith(piece(told.line));
}

function overlay() {
  let outlet = document.getElementById("message-overlay");
  if (!outlet) {
    outlet = document.createElement("div");
    outlet.id = "message-overlay";
    app.append(outlet);
  }
  return outlet;
}

function fields(form) {
  return [...form.querySelectorAll("input:not([type=checkbox]), textarea")];
}

function typedIn(form) {
  return form !== null && fields(form).some((field) => field.value !== "");
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("form");
  const send = form?.querySelector("button[data-sales-action]");
  if (!send) return;
  touched.add(event.target);
  send.disabled = !fields(form).every((field) => touched.has(field) && field.value.trim() !== "");
});

async function send(form) {
  const button = form.querySelector("button[data-sales-action]");
  const words = fields(form);
  const text = Object.fromEntries(words.map((field) => [field.name === "message" ? "body" : "subject", field.value]));
  button.disabled = true;
  form.setAttribute("aria-busy", "true");
  if (page.trap) spring();
  const inThread = form.closest(".thread-container") !== null && !composer;
  const asked = inThread
    ? { threadId: page.thread, body: text.body }
    : { recipients: [composer.recipient], subject: text.subject, body: text.body };
  // The token tells the browser's own retry after a broken connection from a second click.
  asked.originToken = crypto.randomUUID();
  let answer;
  try {
    answer = await fetch("/sales-api/salesApiMessageActions?action=createMessage", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ createMessageRequest: asked }),
    });
  } catch {
    // The connection broke: nobody knows what became of the message.
    if (!(await fragment("lost")).form_stays) return;
  }
  if (answer?.ok) {
    const told = await answer.json();
    return becomeThread(told.value.threadId, inThread);
  }
  form.removeAttribute("aria-busy");
  button.disabled = false;
  if (answer) toast(page.failed);
}

async function becomeThread(thread, inThread) {
  const told = await fragment("sent", { thread });
  await read(told.sent.read);
  const old = inThread ? app.querySelector(".thread-container") : overlay().firstElementChild;
  const fresh = piece(inThread ? told.sent.thread : told.sent.panel);
  old.replaceWith(inThread ? fresh.querySelector(".thread-container") : fresh);
  for (const form of app.querySelectorAll("form")) form.addEventListener("submit", refuse);
  toast(page.sent);
}

function closeComposer() {
  overlay().replaceChildren();
  composer = null;
}

function toast(html) {
  const shown = piece(html).firstElementChild;
  app.append(shown);
  setTimeout(() => shown.remove(), 8000);
}

// Clicks, wherever they land

const clicks = [
  ["button[data-anchor-send-inmail]", openComposer],
  ['li[data-test-overflow-menu-action="message"]', openComposer],
  ["button[data-x--lead-actions-bar-overflow-menu]", toggleMenu],
  ["form button[data-sales-action]", (button) => send(button.closest("form"))],
  ['[role="dialog"] header button', pressInHeader],
  [".artdeco-toast-item__dismiss", (button) => button.closest(".artdeco-toasts").remove()],
  ['[role="alertdialog"] button', pressInQuestion],
  ['[data-sn-view-name="search-pagination"] button', turnPage],
  ["a.conversation-list-item__link", (link) => turnTo(link.href)],
];

document.addEventListener("click", (event) => {
  for (const [selector, act] of clicks) {
    const hit = event.target.closest(selector);
    if (!hit || hit.disabled) continue;
    event.preventDefault();
    act(hit);
    return;
  }
});

function toggleMenu() {
  const outlet = document.getElementById("hue-web-menu-outlet");
  if (outlet.childElementCount > 0) outlet.replaceChildren();
  else outlet.replaceChildren(piece(page.menu));
}

function pressInHeader(button) {
  const buttons = [...button.closest("header").querySelectorAll("button")];
  if (button !== buttons.at(-1)) return; // the last one closes, the others only make it small
  if (typedIn(overlay().querySelector("form"))) overlay().append(piece(page.discard));
  else closeComposer();
}

function pressInQuestion(button) {
  const question = button.closest('[role="alertdialog"]');
  if (button.textContent.trim() === page.discard_word) closeComposer();
  else question.remove();
}

// A trap for dry runs: every way in which a page can write by itself (T5).

function spring() {
  fetch("/sales-api/salesApiLeadActions?action=view").catch(() => {});
  navigator.sendBeacon("/sales-api/track", "seen");
  try {
    new WebSocket(`ws://${location.host}/sales-api/realtime`).onerror = () => {};
  } catch {
    // refused by the browser: that is what the trap is for
  }
  navigator.serviceWorker?.register("/static/worker.js").catch(() => {});
  const frame = Object.assign(document.createElement("iframe"), { name: "trap", hidden: true });
  const form = Object.assign(document.createElement("form"), { method: "post", action: "/sales-api/form", target: "trap" });
  app.append(frame, form);
  form.submit();
  form.remove();
}

show(false);
