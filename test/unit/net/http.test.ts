import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from "node:net";
import * as z from "zod";
import { FreightError } from "../../../src/base/errors.ts";
import { parseAnswer, transientError } from "../../../src/net/answers.ts";
import { HttpLine, type HttpRequest } from "../../../src/net/http.ts";
import { parseJson } from "../../../src/net/json.ts";
import { sample } from "../../support/files.ts";
import { answer, receivedAt } from "../../support/scriptedHttp.ts";

describe("A line of HTTP connections", () => {
  const servers: (Server | TcpServer)[] = [];
  const sockets = new Set<Socket>();
  let line: HttpLine;

  beforeEach(() => {
    line = new HttpLine({ now: () => receivedAt });
  });
  afterEach(async () => {
    line.dispose();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  });

  async function listen<S extends Server | TcpServer>(server: S): Promise<string> {
    servers.push(server);
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const serve = (listener: RequestListener) => listen(createServer(listener));
  /** A server that says these very bytes as soon as it is asked anything, and then does so. */
  const raw = (text: string, then: (socket: Socket) => void = (socket) => socket.end()) =>
    listen(
      createTcpServer((socket) => {
        socket.once("data", () => socket.write(text, () => then(socket)));
      }),
    );

  function ask(url: string, change: Partial<HttpRequest> = {}) {
    return line.send({
      method: "GET",
      url,
      timeoutMs: 5_000,
      signal: new AbortController().signal,
      ...change,
    });
  }

  function body(length: number, chunks: () => AsyncGenerator<Uint8Array>): NonNullable<HttpRequest["body"]> {
    return { length, chunks: chunks() };
  }

  describe("brings", () => {
    it("method, path, headers and text there, and status, headers and text back", async () => {
      const url = await serve((request, response) => {
        const pieces: Buffer[] = [];
        request.on("data", (piece: Buffer) => pieces.push(piece));
        request.on("end", () => {
          response.writeHead(207, { "X-Request-ID": "r-1", "Set-Cookie": ["a=1", "b=2"] });
          response.end(`${request.method} ${request.url} ${request.headers["x-y"]} ${Buffer.concat(pieces)}`);
        });
      });
      const got = await ask(`${url}/v3/a%2Fb?c=%20d`, {
        method: "POST",
        headers: { "X-Y": "z" },
        body: "häß",
      });
      assert.deepEqual(
        [got.status, got.text, got.requestId, got.receivedAt, got.headers["set-cookie"]],
        [207, "POST /v3/a%2Fb?c=%20d z häß", "r-1", receivedAt, "a=1, b=2"],
      );
    });

    it("the bytes of a stream, with their length", async () => {
      const url = await serve(async (request, response) => {
        const pieces: Buffer[] = [];
        for await (const piece of request) pieces.push(piece);
        const same = Buffer.concat(pieces).equals(sample(300_000));
        response.end(`${request.headers["content-length"]} ${request.headers["transfer-encoding"]} ${same}`);
      });
      const got = await ask(url, {
        method: "PUT",
        body: body(300_000, async function* () {
          yield sample(300_000).subarray(0, 100_000);
          yield sample(300_000).subarray(100_000);
        }),
      });
      assert.equal(got.text, "300000 undefined true");
    });

    for (const status of [201, 308, 404, 499, 503])
      it(`${status} back as an answer`, async () => {
        const url = await serve((_, response) => response.writeHead(status, { location: "/x" }).end());
        assert.equal((await ask(url)).status, status);
      });

    for (const [suffix, path] of [
      ["", "/"],
      ["/", "/"],
      ["?a=b", "/?a=b"],
      ["/x#part", "/x"],
      // Opaque: `URL` would write the quotes of a query anew.
      ["/users('a%40b')/x?authtoken='e%2Fy'&b=[1]", "/users('a%40b')/x?authtoken='e%2Fy'&b=[1]"],
      ["/ä b", "/%C3%A4%20b"],
    ] as const)
      it(`a URL that ends with “${suffix}” to the path ${path}`, async () => {
        const url = await serve((request, response) => response.end(request.url));
        assert.equal((await ask(url + suffix)).text, path);
      });

    it("a URL with a port that goes without saying to its path", async () => {
      // Nothing listens on port 80 of this address, or something does: either way the URL was understood.
      const reason = await ask("http://127.255.255.254:80/x").catch((error: unknown) => error);
      assert.ok(
        !(reason instanceof FreightError) || reason.message.includes("cannot be reached"),
        String(reason),
      );
    });
  });

  describe("fails", () => {
    for (const [what, url, code, acted] of [
      ["when nobody listens", closedPort, "network", false],
      ["when there is no such host", async () => "http://nowhere.invalid/", "offline", false],
      ["when the connection is closed instead of an answer", () => raw(""), "network", true],
      ["when it is reset", () => raw("", (socket) => socket.resetAndDestroy()), "network", true],
      [
        "when the answer breaks off",
        () => raw("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"),
        "network",
        true,
      ],
      ["when the answer is not HTTP", () => raw("SSH-2.0-OpenSSH_9.6\r\n"), "bad-answer", true],
      [
        "when the answer is too large to be one of these services",
        () => serve((_, response) => response.end("x".repeat(2 * 1024 * 1024 + 1))),
        "bad-answer",
        true,
      ],
      [
        "when there is no TLS where it should be",
        async () => (await serve((_, response) => response.end())).replace("http:", "https:"),
        "certificate",
        false,
      ],
    ] as const)
      it(`${what}: ${code}`, async () => {
        await assert.rejects(ask(await url()), (reason: unknown) => {
          assert.ok(reason instanceof FreightError, String(reason));
          assert.deepEqual([reason.code, reason.mayHaveActed], [code, acted]);
          assert.ok(reason.cause !== undefined || code === "bad-answer");
          return true;
        });
      });

    it("when a body stands still", async () => {
      line.dispose();
      line = new HttpLine({ stallMs: 1 });
      const url = await listen(createTcpServer((socket) => socket.pause()));
      let closed = false;
      const reading = body(100_000_000, async function* () {
        try {
          for (;;) yield Buffer.alloc(1_000_000);
        } finally {
          closed = true;
        }
      });
      await assert.rejects(ask(url, { method: "PUT", body: reading }), {
        code: "timeout",
        mayHaveActed: true,
      });
      while (!closed) await new Promise(setImmediate); // The body is let go.
    });

    it("with the body's own reason when that cannot be read", async () => {
      const url = await serve((request) => request.resume());
      const why = new FreightError("file-changed", "It changed.");
      const broken = body(10, async function* () {
        yield Buffer.from("abc");
        throw why;
      });
      await assert.rejects(ask(url, { method: "PUT", body: broken }), (reason) => reason === why);
    });

    for (const [what, change] of [
      ["a header that cannot be sent", { headers: { authorization: "Bearer a\nb" } }],
      ["a body of another length", { method: "PUT", body: "stream" }],
    ] as const)
      it(`as the bug that it is, not as a broken network: ${what}`, async () => {
        const url = await serve((request, response) => request.resume().on("end", () => response.end()));
        const short = body(10, async function* () {
          yield Buffer.from("abc");
        });
        const request = ask(url, "body" in change ? { ...change, body: short } : change);
        await assert.rejects(request, (reason) => !(reason instanceof FreightError));
      });
  });

  describe("lets an answer be as large as what it may repeat", () => {
    const MiB = 1024 * 1024;
    const answering = (bytes: number) =>
      serve((request, response) => request.resume().on("end", () => response.end("x".repeat(bytes))));
    const stream = (length: number) =>
      body(length, async function* () {
        yield Buffer.alloc(length);
      });

    for (const [what, change, most] of [
      ["nothing: 2 MiB", {}, 2],
      ["nothing, of what people have written: as much as is told", { ownBytes: 3 * MiB }, 3],
      ["1 MiB of text: six times that more, as each byte may be escaped", { body: "b".repeat(MiB) }, 8],
      ["½ Mi characters of two bytes: the same", { body: "ж".repeat(MiB / 2) }, 8],
      ["1 MiB of a stream of files: no more", { body: "stream" }, 2],
      ["1 MiB of a letter in a stream: six times that more", { body: "stream", echoedBytes: MiB }, 8],
    ] as const)
      it(what, async () => {
        const request = () => ({
          ...change,
          method: "POST" as const,
          ...("body" in change && change.body === "stream" ? { body: stream(MiB) } : {}),
        });
        const whole = await ask(await answering(most * MiB), request());
        assert.equal(whole.text.length, most * MiB);
        await assert.rejects(ask(await answering(most * MiB + 1), request()), { code: "bad-answer" });
      });
  });

  describe("takes a success for what it is, if told that the status counts,", () => {
    const statusCounts = true;

    for (const [what, url] of [
      ["breaks off", () => raw("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc")],
      [
        "comes in pieces that are none",
        () => raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nnonsense\r\n"),
      ],
    ] as const)
      it(`when its body ${what}`, async () => {
        const { status, text } = await ask(await url(), { statusCounts });
        assert.ok(status === 200 || status === 202);
        assert.ok("abc".startsWith(text), text);
        await assert.rejects(ask(await url()), (reason) => reason instanceof FreightError);
      });

    it("when its body never ends", async () => {
      const url = await raw("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc", () => {});
      const { status, text } = await ask(url, { statusCounts, timeoutMs: 50 });
      assert.deepEqual([status, text], [200, "abc"]);
    });

    it("when its body is too large", async () => {
      const url = await serve((_, response) => response.end("x".repeat(2 * 1024 * 1024 + 1)));
      const { status, text } = await ask(url, { statusCounts });
      assert.equal(status, 200);
      assert.ok(text.length <= 2 * 1024 * 1024);
    });

    it("but not a refusal that breaks off, which may say more than its status", async () => {
      const url = await raw("HTTP/1.1 400 Bad Request\r\ncontent-length: 9\r\n\r\nabc");
      await assert.rejects(ask(url, { statusCounts }), { code: "network", mayHaveActed: true });
    });

    it("but not one that was cancelled meanwhile", async () => {
      const controller = new AbortController();
      const url = await raw("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc", () => controller.abort());
      await assert.rejects(ask(url, { statusCounts, signal: controller.signal }), { name: "AbortError" });
    });
  });

  describe("is cancelled", () => {
    it("before it begins: nothing is sent", async () => {
      const url = await serve(() => assert.fail("nobody should have asked"));
      await assert.rejects(ask(url, { signal: AbortSignal.abort() }), { name: "AbortError" });
    });

    it("while it waits for the answer: the connection is closed, and no listener is left", async () => {
      const controller = new AbortController();
      const closed = new Promise((resolve) => {
        const server = createTcpServer((socket) => {
          socket.on("close", resolve).once("data", () => controller.abort());
        });
        void listen(server).then((url) => {
          asked = ask(url, { signal: controller.signal });
          asked.catch(() => {});
        });
      });
      let asked: Promise<unknown> = Promise.resolve();
      await closed;
      await assert.rejects(asked, { name: "AbortError" });
      assert.equal(getEventListeners(controller.signal, "abort").length, 0);
    });

    it("in the middle of a body: the connection is closed, and the body is let go", async () => {
      const controller = new AbortController();
      const url = await serve((request) => request.once("data", () => controller.abort()));
      let reading = false;
      const endless = body(100_000_000, async function* () {
        reading = true;
        try {
          for (;;) yield Buffer.alloc(100_000);
        } finally {
          reading = false;
        }
      });
      const asked = ask(url, { method: "PUT", body: endless, signal: controller.signal });
      await assert.rejects(asked, { name: "AbortError" });
      while (reading || sockets.size > 0) await new Promise(setImmediate);
    });

    it("with whatever reason: it is a cancellation", async () => {
      const controller = new AbortController();
      const url = await serve(() => controller.abort(new Error("closing")));
      await assert.rejects(ask(url, { signal: controller.signal }), { name: "AbortError" });
    });
  });

  it("leaves no listener on a signal that outlives the request", async () => {
    const controller = new AbortController();
    const url = await serve((request, response) => request.resume().on("end", () => response.end()));
    const stream = body(3, async function* () {
      yield Buffer.from("abc");
    });
    await ask(url, { method: "PUT", body: stream, signal: controller.signal });
    await assert.rejects(ask(await closedPort(), { signal: controller.signal }));
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  });

  it("keeps a connection for the next request, and one request at a time on it", async () => {
    line.dispose();
    line = new HttpLine({ connections: 1 });
    const ports: (number | undefined)[] = [];
    const url = await serve((request, response) => {
      ports.push(request.socket.remotePort);
      response.end();
    });
    await Promise.all([ask(url), ask(url), ask(url)]);
    assert.equal(new Set(ports).size, 1);
  });

  it("closes what it has opened when it is disposed", async () => {
    const url = await serve((_, response) => response.end());
    await ask(url);
    assert.equal(sockets.size, 1);
    line.dispose();
    while (sockets.size > 0) await new Promise(setImmediate);
  });

  it("leaves the built-in fetch of others alone", async () => {
    const key = Symbol.for("undici.globalDispatcher.1");
    const url = await serve((request, response) => request.resume().on("end", () => response.end("fine")));
    const before = Reflect.get(globalThis, key);
    await ask(url);
    assert.equal(Reflect.get(globalThis, key), before);
    const got = await fetch(url, { method: "POST", body: "abc", headers: { "content-length": "3" } });
    assert.equal(await got.text(), "fine");
  });

  async function closedPort(): Promise<string> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return `http://127.0.0.1:${port}/`;
  }
});

describe("An answer", () => {
  const schema = z.object({ data: z.object({ id: z.string() }) });

  it("is handed on once it was checked", () => {
    const checked = parseAnswer(schema, answer(200, { data: { id: "a", more: 1 } }), "mailbox");
    assert.deepEqual(checked, { data: { id: "a" } });
  });

  for (const text of ["", "{", "null", "[]", "{}", '{"data":{"id":7}}', "<html></html>"])
    it(`is refused when it says ${JSON.stringify(text)}`, () =>
      assert.throws(() => parseAnswer(schema, { ...answer(200, text), requestId: "r-1" }, "mailbox"), {
        code: "bad-answer",
        requestId: "r-1",
        mayHaveActed: true,
        message: /is not what the service documents/,
      }));

  it("is undefined when it is not JSON", () => {
    assert.equal(parseJson("<html>"), undefined);
    assert.deepEqual(parseJson("[1]"), [1]);
  });

  it("may have any number of commas in its texts, but not of values", () => {
    const commas = ",".repeat(200_000);
    const texts = [commas, `\\${commas}`, `"${commas}"`, `\\"${commas}`];
    assert.deepEqual(parseJson(JSON.stringify(texts)), texts);
    assert.deepEqual(parseJson(JSON.stringify({ [commas]: 1 })), { [commas]: 1 });
    assert.equal(parseJson(`[0${",0".repeat(100_001)}]`), undefined);
    assert.equal(parseJson(`["\\""${",0".repeat(100_001)}]`), undefined);
  });

  for (const [status, code] of [
    [200, undefined],
    [308, undefined],
    [400, undefined],
    [401, undefined],
    [404, undefined],
    [409, undefined],
    [499, undefined],
    [408, "service-fault"],
    [429, "rate-limited"],
    [500, "service-fault"],
    [503, "service-fault"],
    [599, "service-fault"],
  ] as const)
    it(`with status ${status} is ${code ?? "nothing to repeat"}`, () =>
      assert.equal(transientError(answer(status), "Nylas")?.code, code));

  it("that asks for patience says for how long, whether in seconds or as a date", () => {
    const date = new Date(receivedAt + 30_000).toUTCString();
    for (const [header, waitMs] of [
      ["30", 30_000],
      [date, 30_000],
    ] as const)
      assert.equal(transientError(answer(429, "", { "retry-after": header }), "Nylas")?.retryAfterMs, waitMs);
  });

  it("may have been acted on when it is a 5xx, and was not when it is a 429", () => {
    assert.equal(transientError(answer(504), "Nylas")?.mayHaveActed, true);
    assert.equal(transientError(answer(429), "Nylas")?.mayHaveActed, false);
  });
});
