// Drives the official Node client against the base URL given; prints what it saw as one JSON object.
import OpenAI from "openai";

const baseURL = process.argv[2];
const client = new OpenAI({ baseURL: `${baseURL}/v1`, apiKey: "none", maxRetries: 0, timeout: 30000 });
const model = "paced";
const user = (text, script) => [{ role: "user", content: script ? JSON.stringify({ text, ...script }) : text }];
const create = (body) => client.chat.completions.create({ model, messages: user("one two three"), ...body });

async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return { name: error.constructor.name, status: error.status, param: error.param, code: error.code, type: error.type };
  }
  return null;
}

async function collect(stream) {
  const texts = {};
  let usage = null;
  for await (const chunk of stream) {
    for (const choice of chunk.choices) texts[choice.index] = (texts[choice.index] ?? "") + (choice.delta.content ?? "");
    usage = chunk.usage ?? usage;
  }
  return { texts, usage };
}

const seen = {};
const plain = await create({});
seen.plain = { text: plain.choices[0].message.content, finish: plain.choices[0].finish_reason, usage: plain.usage };
seen.streamed = await collect(await create({ n: 2, stream: true, stream_options: { include_usage: true } }));
seen.stopped = (await create({ stop: "two", seed: 1 })).choices[0].message.content;
const logprobs = (await create({ logprobs: true })).choices[0].logprobs;
seen.logprobs = logprobs.content.map((token) => token.token).join("");
seen.models = (await client.models.list()).data.map((it) => it.id);

const aborted = await create({ messages: user("word ", { repeat: 1000, interval_ms: 20 }), stream: true });
for await (const chunk of aborted) if (chunk.choices[0].delta.content) break;
aborted.controller.abort();

seen.bad = await failure(create({ temperature: 3 }));
seen.unsupported = await failure(create({ tools: [{ type: "function", function: { name: "f" } }] }));
seen.unknown = await failure(create({ model: "none" }));
seen.midstream = await failure(
  (async () => collect(await create({ messages: user("one two three", { fail_after: 2 }), stream: true })))(),
);
console.log(JSON.stringify(seen));
