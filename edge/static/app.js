// The chat page. What is on the screen follows the address: #<chat id> is a chat, nothing is a new one.
import * as api from "./api.js";
import { marked } from "./vendor/marked.js";
import DOMPurify from "./vendor/purify.js";

const at = (id) => document.getElementById(id);
const messages = at("messages");
const composer = at("composer");
const input = at("input");
// Without one, focusing the input would raise one over the page, and its Enter is for new lines.
const hasKeyboard = matchMedia("(hover: hover)").matches;

let shown = null; // id of the chat on the screen
let running = null; // AbortController of the answer being written

// --- Markdown -------------------------------------------------------------------------------------------------------

const escape = (text) => text.replace(/[&<>"']/g, (it) => `&#${it.charCodeAt(0)};`);

// HTML that the model writes is text. (Sanitising would do, too, but parsing it violates the policy in every frame.)
marked.use({
  renderer: {
    html: ({ text }) => escape(text),
    image: ({ href, text }) => `<a href="${escape(href)}">${escape(text || href)}</a>`,
    checkbox: ({ checked }) => (checked ? "\u2611 " : "\u2610 "),
  },
});
DOMPurify.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName === "A") {
    node.setAttribute("target", "_blank");
    node.setAttribute("rel", "noopener noreferrer");
  }
});

function showMarkdown(element, text) {
  const html = marked.parse(text, { gfm: true, breaks: true });
  element.innerHTML = DOMPurify.sanitize(html, {
    USE_PROFILES: { html: true }, FORBID_TAGS: ["img", "style", "form", "input", "button"], FORBID_ATTR: ["style", "id", "class"],
  });
}

// --- Messages -------------------------------------------------------------------------------------------------------

function newMessage(role, text) {
  const message = document.createElement("article");
  message.className = `message ${role}`;
  const body = document.createElement("div");
  body.className = "body";
  if (role === "user") body.textContent = text;
  else showMarkdown(body, text);
  message.append(body);
  return message;
}

function addMessage(role, text) {
  const message = newMessage(role, text);
  messages.querySelector(".empty")?.remove();
  messages.append(message);
  return message;
}

function note(message, text, isError = false) {
  const line = document.createElement("div");
  line.className = isError ? "meta error" : "meta";
  line.textContent = text;
  message.append(line);
}

/** Keeps the end in sight, unless the person has scrolled away from it. */
function follow(change) {
  const atEnd = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 60;
  change();
  if (atEnd) messages.scrollTop = messages.scrollHeight;
}

function clearMessages() {
  messages.replaceChildren(at("empty").content.cloneNode(true));
}

// --- One turn -------------------------------------------------------------------------------------------------------

async function send(text) {
  const own = new AbortController();
  running = own;
  busy(true);
  addMessage("user", text);
  const answer = addMessage("assistant", "");
  answer.classList.add("waiting");
  messages.scrollTop = messages.scrollHeight;
  const body = answer.querySelector(".body");
  const started = performance.now();
  let written = "";
  let first = null; // when the first text came
  let last = null;
  let usage = null;
  let refusal = "";
  let finish = "";
  let drawing = false;
  const draw = () => {
    drawing = false;
    follow(() => showMarkdown(body, written));
  };
  const settle = (...notes) => follow(() => {
    answer.classList.remove("waiting");
    showMarkdown(body, written);
    for (const text of notes) note(answer, text);
  });
  try {
    if (shown === null) {
      const chat = await api.createChat();
      own.signal.throwIfAborted(); // Stop, or another chat was opened meanwhile.
      shown = chat.id;
      history.replaceState(null, "", `#${encodeURIComponent(chat.id)}`);
    }
    for await (const chunk of api.complete(shown, at("model").value || undefined, text, own.signal)) {
      usage = chunk.usage ?? usage;
      const choice = chunk.choices[0];
      refusal += choice?.delta.refusal ?? "";
      finish = choice?.finish_reason ?? finish;
      const piece = choice?.delta.content;
      if (!piece) continue;
      last = performance.now();
      first ??= last;
      written += piece;
      answer.classList.remove("waiting");
      if (!drawing) {
        drawing = true;
        requestAnimationFrame(draw);
      }
    }
    const endings = { content_filter: refusal || TURN_NOTES.refused, length: "The answer reached its longest length." };
    settle(...[endings[finish], first && speed(started, first, last, usage)].filter(Boolean));
    if (!answer.querySelector(".meta")) note(answer, "No text.");
  } catch (error) {
    if (error.name === "AbortError") settle("Stopped.");
    else {
      settle();
      follow(() => note(answer, error.message, true));
      if (!written) write(input.value || text); // to be sent again
      if (error.status === 401) askForKey();
    }
  } finally {
    if (running === own) {
      running = null;
      busy(false);
    }
  }
  await showChats();
}

function busy(is) {
  at("send").hidden = is;
  at("stop").hidden = !is;
  messages.setAttribute("aria-busy", String(is));
}

function focusInput() {
  if (hasKeyboard) input.focus();
}

/** What the person may want to know of the answer's pace. Times are in milliseconds. */
function speed(started, first, last, usage) {
  const parts = [`first token ${Math.round(first - started)} ms`];
  const tokens = usage?.completion_tokens ?? 0;
  if (tokens > 1) {
    // Of an answer that came all at once only the whole time tells something.
    const rate = last - first > 200 ? (tokens - 1) / (last - first) : tokens / (last - started);
    parts.push(`${(1000 * rate).toFixed(rate < 0.1 ? 1 : 0)} tokens/s`);
  }
  if (tokens) parts.push(`${tokens} tokens`);
  return parts.join(" \u00b7 ");
}

/** Puts text into the input, which is as tall as its text (the style sheet limits it). */
function write(text) {
  input.value = text;
  grow();
}

function grow() {
  follow(() => {
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight + input.offsetHeight - input.clientHeight}px`;
  });
}

// --- Chats ----------------------------------------------------------------------------------------------------------

let olderChats = null; // cursor of the next page

async function showChats(more = false) {
  const page = await api.listChats(more ? olderChats : null);
  const items = page.data.map((chat) => {
    const item = document.createElement("li");
    item.className = chat.id === shown ? "current" : "";
    const link = document.createElement("a");
    link.href = `#${encodeURIComponent(chat.id)}`;
    link.textContent = chat.title || "New chat";
    link.title = link.textContent;
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "\u00d7";
    remove.setAttribute("aria-label", `Delete ${link.textContent}`);
    remove.addEventListener("click", () => guard(() => removeChat(chat)));
    item.append(link, remove);
    if (chat.id === shown) entitle(chat);
    return item;
  });
  if (more) at("chats").append(...items);
  else at("chats").replaceChildren(...items);
  olderChats = page.next;
  at("more-chats").hidden = !olderChats;
}

function entitle(chat) {
  at("title").textContent = chat?.title || "New chat";
  document.title = chat?.title ? `${chat.title} \u2013 Tokenloom` : "Tokenloom";
}

async function removeChat(chat) {
  if (!confirm(`Delete \u201c${chat.title || "New chat"}\u201d?`)) return;
  await api.deleteChat(chat.id);
  if (chat.id === shown) location.hash = "";
  await showChats();
}

const TURN_NOTES = { cancelled: "Stopped.", failed: "The answer broke off.", refused: "Declined by a policy." };

async function openChat() {
  running?.abort();
  running = null;
  busy(false);
  focusInput();
  document.body.classList.remove("chats-open");
  at("toggle").setAttribute("aria-expanded", "false");
  shown = decodeURIComponent(location.hash.slice(1)) || null;
  entitle(null);
  clearMessages();
  if (shown !== null) {
    const wanted = shown;
    const chat = await api.getChat(wanted).catch((error) => {
      if (error.status === 404) location.hash = "";
      throw error;
    });
    if (wanted !== shown) return; // another chat was opened meanwhile
    entitle(chat);
    if (chat.turns.length) showTurns(chat);
    messages.scrollTop = messages.scrollHeight;
  }
  await showChats();
}

/** Puts a page of a chat's turns in front of those that are shown, and a button for the page before it. */
function showTurns(chat) {
  const older = document.createElement("button");
  older.type = "button";
  older.className = "older";
  older.textContent = "Earlier messages";
  older.addEventListener("click", () => guard(async () => {
    const page = await api.getChat(chat.id, chat.next);
    if (chat.id !== shown) return;
    const fromEnd = messages.scrollHeight - messages.scrollTop;
    older.remove();
    showTurns(page);
    messages.scrollTop = messages.scrollHeight - fromEnd;
  }));
  messages.querySelector(".empty")?.remove();
  messages.prepend(...(chat.next ? [older] : []), ...chat.turns.flatMap(turnMessages));
}

function turnMessages(turn) {
  const asked = turn.messages.filter(({ role }) => role === "user");
  const answer = newMessage("assistant", turn.answer?.content ?? "");
  if (TURN_NOTES[turn.status]) note(answer, TURN_NOTES[turn.status]);
  return [...asked.map(({ content }) => newMessage("user", content)), answer];
}

async function showModels() {
  const models = await api.listModels();
  at("model").replaceChildren(...models.map(({ id }) => new Option(id, id)));
}

// --- The page -------------------------------------------------------------------------------------------------------

/** Runs something that talks to the server; what goes wrong is shown, and a missing key is asked for. */
async function guard(action) {
  try {
    await action();
  } catch (error) {
    if (error.status === 401) return askForKey();
    if (error.status !== 404) note(addMessage("assistant", ""), error.message, true);
  }
}

function askForKey() {
  if (at("key-dialog").open) return;
  at("key-wrong").hidden = !at("key").value;
  at("key").value = "";
  at("key-dialog").showModal();
}

at("key-dialog").addEventListener("close", () => {
  api.saveKey(at("key").value);
  guard(begin);
});
composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (!text || running) return;
  write("");
  focusInput();
  guard(() => send(text));
});
input.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !hasKeyboard) return;
  event.preventDefault();
  composer.requestSubmit();
});
input.addEventListener("input", grow);
at("stop").addEventListener("click", () => {
  running?.abort();
  focusInput();
});
at("new-chat").addEventListener("click", () => {
  if (location.hash) location.hash = "";
  else guard(openChat);
});
at("more-chats").addEventListener("click", () => guard(() => showChats(true)));
at("toggle").addEventListener("click", () => {
  const open = document.body.classList.toggle("chats-open");
  at("toggle").setAttribute("aria-expanded", String(open));
});
document.querySelector("main").addEventListener("click", (event) => {
  if (event.target !== at("toggle")) document.body.classList.remove("chats-open");
});
window.addEventListener("hashchange", () => guard(openChat));

async function begin() {
  await showModels();
  await openChat();
}
guard(begin);
