// The conversation routes of the edge: plain calls, and one that streams.

/** What the server said went wrong: its message, and the HTTP status (0 in the middle of a stream). */
export class ApiError extends Error {
  constructor(message, status, code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const KEY = "tokenloom-key";
export const saveKey = (key) => sessionStorage.setItem(KEY, key);

async function request(method, path, body, signal) {
  const headers = {};
  const key = sessionStorage.getItem(KEY);
  if (key) headers.Authorization = `Bearer ${key}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method, headers, body: body && JSON.stringify(body), signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("The server can't be reached.", 0, "unreachable");
  }
  if (!response.ok) {
    const { error } = await response.json().catch(() => ({}));
    throw new ApiError(error?.message ?? `The server answered ${response.status}.`, response.status, error?.code);
  }
  return response;
}

const json = async (...call) => (await request(...call)).json();
const id = encodeURIComponent;

export const listModels = async () => (await json("GET", "/v1/models")).data;
export const listChats = (after) => json("GET", `/chats?limit=40${after ? `&after=${id(after)}` : ""}`);
export const createChat = () => json("POST", "/chat", {});
export const getChat = (chat, after) => json("GET", `/chat/${id(chat)}?limit=100${after ? `&after=${id(after)}` : ""}`);
export const deleteChat = (chat) => request("DELETE", `/chat/${id(chat)}`);

/** Sends a message and yields the chunks of the answer. Aborting `signal` stops it, at the engine too. */
export async function* complete(chat, model, text, signal) {
  const body = {
    model, messages: [{ role: "user", content: text }], stream: true, stream_options: { include_usage: true },
  };
  const response = await request("POST", `/chat/${id(chat)}/completion`, body, signal);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  for (;;) {
    const { value, done } = await reader.read().catch((error) => {
      if (error.name === "AbortError") throw error;
      return { done: true };
    });
    if (done) throw new ApiError("The connection was lost before the answer's end.", 0, "incomplete");
    const events = (pending + value).split("\n\n");
    pending = events.pop();
    for (const event of events) {
      if (!event.startsWith("data: ")) continue; // a keep-alive comment
      const data = event.slice("data: ".length);
      if (data === "[DONE]") return;
      const chunk = JSON.parse(data);
      if (chunk.error) throw new ApiError(chunk.error.message, 0, chunk.error.code);
      yield chunk;
    }
  }
}
