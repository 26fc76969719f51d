import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mailServersOf } from "../../../src/net/mailServers.ts";

/** A name as DNS writes it. https://www.rfc-editor.org/rfc/rfc1035#section-3.1 */
const named = (name: string) =>
  Buffer.concat([
    ...name
      .split(".")
      .flatMap((label) => (label === "" ? [] : [Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);

const short = (...values: readonly number[]) => {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [at, value] of values.entries()) bytes.writeUInt16BE(value, at * 2);
  return bytes;
};

/** An answer with these mail servers; with the code of a refusal where there are none. */
function answer(query: Buffer, records: readonly (readonly [number, string])[] | undefined): Buffer {
  const question = query.subarray(12, query.indexOf(0, 12) + 5);
  const found = records ?? [];
  const rows = found.map(([priority, exchange]) => {
    const data = Buffer.concat([short(priority), named(exchange)]);
    // The name of the question, type MX, class IN, an hour.
    return Buffer.concat([short(0xc00c, 15, 1, 0, 3_600, data.length), data]);
  });
  const flags = records === undefined ? 0x8183 : 0x8180;
  return Buffer.concat([query.subarray(0, 2), short(flags, 1, found.length, 0, 0), question, ...rows]);
}

describe("Which servers take the mail of a domain", () => {
  let socket: Socket;
  let asked: Buffer[];
  let reply: (query: Buffer) => Buffer | undefined;
  beforeEach(async () => {
    asked = [];
    socket = createSocket("udp4");
    socket.on("message", (query, from) => {
      asked.push(query);
      const bytes = reply(query);
      if (bytes !== undefined) socket.send(bytes, from.port, from.address);
    });
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
  });
  afterEach(() => socket.close());
  const ask = (domain: string, timeoutMs?: number) =>
    mailServersOf(domain, [`127.0.0.1:${socket.address().port}`], timeoutMs);

  it("is told by DNS, the first choice first", async () => {
    reply = (query) =>
      answer(query, [
        [20, "mx2.example.com"],
        [5, "mx1.example.com"],
      ]);
    assert.deepEqual(await ask("contoso.com"), ["mx1.example.com", "mx2.example.com"]);
    // Nothing but the domain, and that it is about mail.
    assert.ok(asked.every((query) => query.includes(Buffer.concat([named("contoso.com"), short(15, 1)]))));
  });

  it("is nobody where a domain takes no mail", async () => {
    reply = (query) => answer(query, [[0, ""]]);
    assert.deepEqual(await ask("contoso.com"), []);
  });

  it("is not known where there is no such domain", async () => {
    reply = (query) => answer(query, undefined);
    await assert.rejects(ask("contoso.com"));
  });

  it("is given up where nobody answers", async () => {
    reply = () => undefined;
    await assert.rejects(ask("contoso.com", 50));
  });
});
