// Drives the official Node client: node_client.mjs URL METRICS STRICT_URL. Prints what it saw as one JSON object.
// METRICS is where the engine behind URL tells its gauges; STRICT_URL demands a key and takes two answers at a time.
import OpenAI from "openai";

const [url, metrics, strictUrl] = process.argv.slice(2);
const clientOf = (base, apiKey) => new OpenAI({ baseURL: `${base}/v1`, apiKey, maxRetries: 0, timeout: 30000 });
const client = clientOf(url, "none");
const strict = clientOf(strictUrl, "sesame");
const model = "paced";
const bundled = "tokenloom-mini";
const user = (text, script) => [{ role: "user", content: script ? JSON.stringify({ text, ...script }) : text }];
const create = (body, by = client) => by.chat.completions.create({ model, messages: user("one two three"), ...body });
const long = { messages: user("word ", { repeat: 1000, interval_ms: 20 }), stream: true };

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

/** Opens a stream and reads it up to its first text. */
async function begun(by = client) {
  const stream = await create(long, by);
  const chunks = stream[Symbol.asyncIterator]();
  for (;;) if ((await chunks.next()).value.choices[0].delta.content) return stream;
}

/** Waits until the engine has `count` requests of the test model; the milliseconds that took. */
async function untilActive(count) {
  const began = performance.now();
  for (;;) {
    const lines = (await (await fetch(metrics)).text()).split("\n");
    const line = lines.find((it) => it.startsWith("nv_trt_llm_request_metrics") && /"active"/.test(it) && /"paced"/.test(it));
    if (Number(line.split(" ").pop()) === count) return performance.now() - began;
    if (performance.now() - began > 5000) throw new Error(`the engine never had ${count} active requests`);
  }
}

const seen = {};
const plain = await create({});
seen.plain = { text: plain.choices[0].message.content, finish: plain.choices[0].finish_reason, usage: plain.usage };
seen.streamed = await collect(await create({ n: 2, stream: true, stream_options: { include_usage: true } }));
seen.stopped = (await create({ stop: "two" })).choices[0].message.content;
const logprobs = (await create({ logprobs: true })).choices[0].logprobs;
seen.logprobs = logprobs.content.map((token) => token.token).join("");
const sample = (seed) => create({ model: bundled, seed, temperature: 2, max_tokens: 30, ignore_eos: true });
seen.seeds = [];
for (const seed of [7, 7, 8]) seen.seeds.push((await sample(seed)).choices[0].message.content);
seen.models = (await client.models.list()).data.map((it) => it.id);
seen.completion = (await client.completions.create({ model, prompt: "one two" })).choices[0].text;

await untilActive(0);
const aborted = await begun();
await untilActive(1);
aborted.controller.abort();
seen.idleAfterMs = await untilActive(0);

seen.bad = await failure(create({ temperature: 3 }));
seen.badStreamed = await failure(create({ temperature: 3, stream: true }));
seen.unsupported = await failure(create({ tools: [{ type: "function", function: { name: "f" } }] }));
seen.unknown = await failure(create({ model: "none" }));
seen.tooLong = await failure(create({ model: bundled, messages: user("word ".repeat(20000)) }));
seen.tooLarge = await failure(create({ messages: user("x".repeat(50_000_000)) }));
seen.midstream = await failure(
  (async () => collect(await create({ messages: user("one two three", { fail_after: 2 }), stream: true })))(),
);
seen.key = await failure(create({}, clientOf(strictUrl, "wrong")));
const both = [await begun(strict), await begun(strict)];
seen.overload = await failure(create({}, strict));
for (const stream of both) stream.controller.abort();
console.log(JSON.stringify(seen));
