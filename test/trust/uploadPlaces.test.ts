import assert from "node:assert/strict";
import dns from "node:dns";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { createSecureContext } from "node:tls";
import { FreightError } from "../../src/base/errors.ts";
import { DIRECT, type Network } from "../../src/net/connect/dialler.ts";
import { HttpLine } from "../../src/net/http.ts";
import { Slots } from "../../src/net/slots.ts";
import { GraphService } from "../../src/services/graph/graph.ts";
import type { MailService } from "../../src/services/mailService.ts";
import { NylasSessions } from "../../src/services/nylas/nylasSessions.ts";
import { uploadLine } from "../../src/services/uploadUrl.ts";
import { Authority } from "../support/certificates.ts";
import { LocalProxy } from "../support/proxyServer.ts";
import { answer } from "../support/scriptedHttp.ts";

const PUBLIC = ["https://api.us.nylas.com", "https://graph.microsoft.com"];
const GATEWAY = "https://gateway.example.com";
const HERE = "http://127.0.0.1:8080";
const url = "https://storage.example.com/upload?upload_id=SECRET";
const { signal } = new AbortController();

describe("The address that the name of a storage leads to", () => {
  for (const [what, addresses, apis, isTaken] of [
    [
      "a cloud's metadata",
      [
        "169.254.169.254",
        "fe80::1",
        "fe80::a9fe:a9fe%eth0",
        "::ffff:169.254.169.254",
        "fd00:ec2::254",
      ].concat([
        ...["fd20:ce::254", "168.63.129.16", "100.100.100.200", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe"],
        ...["::169.254.169.254", "2002:a9fe:a9fe::1", "2001:0:a9fe:a9fe::1"],
      ]),
      [...PUBLIC, GATEWAY, HERE],
      false,
    ],
    [
      "this machine",
      ["127.0.0.1", "127.8.8.8", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", "64:ff9b::7f00:1"],
      [...PUBLIC, GATEWAY],
      false,
    ],
    ["this machine, from this machine", ["127.0.0.1", "::1", "::ffff:127.0.0.1"], [HERE], true],
    [
      "a private network, from a public service",
      ["10.0.0.1", "192.168.1.1", "172.16.3.4", "fd12::1", "64:ff9b::a00:1"],
      PUBLIC,
      false,
    ],
    [
      "a private network, from a company's gateway",
      ["10.0.0.1", "192.168.1.1", "fd12::1", "64:ff9b::a00:1"],
      [GATEWAY, HERE],
      true,
    ],
    // 64:ff9b::808:808 is 8.8.8.8 in a network that has IPv6 only; 198.18.0.0/15 is what some tunnels give for each name.
    [
      "the internet",
      ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "64:ff9b::808:0", "198.18.0.7"],
      [...PUBLIC, GATEWAY, HERE],
      true,
    ],
  ] as const)
    it(`is ${isTaken ? "taken" : "refused"} on ${what}`, async () => {
      for (const address of addresses)
        for (const api of apis) {
          const said = await outcome(address, api);
          assert.equal(said === "taken", isTaken, `${address} from ${api}: ${said}`);
        }
    });

  /** What becomes of a file when the name that `api` gave leads to an address. */
  async function outcome(address: string, api: string): Promise<string> {
    const http = uploadLine(
      {
        send: async (request) => {
          request.checkAddress?.(address);
          return answer(200);
        },
      },
      api,
    );
    return http.send({ method: "PUT", url, timeoutMs: 1, signal }).then(
      () => "taken",
      (reason: unknown) => {
        assert.ok(reason instanceof FreightError && reason.is("bad-answer"));
        assert.ok(!reason.message.includes("SECRET"));
        return reason.message;
      },
    );
  }
});

describe("A storage whose name leads to this machine", () => {
  const NAME = "storage.example.com";
  const heard: string[] = [];
  const { lookup } = dns;
  let server: Server;
  let port: number;
  let proxy: LocalProxy;
  let trusted: Promise<ReturnType<typeof createSecureContext>>;
  let line: HttpLine;

  before(async () => {
    const authority = new Authority();
    trusted = Promise.resolve(createSecureContext({ ca: authority.cert }));
    server = createServer(authority.issue(NAME), (request, response) => {
      heard.push(`${request.method} ${request.url}`);
      request
        .resume()
        .on("end", () => response.writeHead(200, { "content-type": "application/json" }).end("{}"));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
    proxy = await LocalProxy.start({ routes: { [`${NAME}:${port}`]: port } });
    // What a resolver answers that somebody else has a hand in; all other names go the usual way.
    dns.lookup = new Proxy(lookup, {
      apply: (target, self, [host, ...rest]: Parameters<typeof lookup>) =>
        Reflect.apply(target, self, [host === NAME ? "127.0.0.1" : host, ...rest]),
    });
  });
  beforeEach(() => {
    heard.length = 0;
  });
  afterEach(() => line.dispose());
  after(async () => {
    dns.lookup = lookup;
    await proxy.close();
    await new Promise((resolve) => server.close(resolve));
  });

  const open = (proxyUrl?: string) => {
    const network: Network = {
      ...DIRECT,
      settings: { ...DIRECT.settings, enabled: proxyUrl !== undefined, proxy: proxyUrl ?? "" },
      trusted: () => trusted,
    };
    line = new HttpLine({ network: () => network });
  };
  const services = (api: string): readonly MailService[] => [
    new NylasSessions({ apiUri: api, credential: "k" }, "g", line),
    new GraphService({ baseUrl: api, mailbox: "me", token: async () => "t", turns: new Slots() }, line),
  ];
  /** Puts a file's bytes there, and ends the upload. */
  const tried = async (service: MailService) => {
    const file = { name: "a.bin", contentType: "a/b", size: 9 };
    const draft = { kind: "message", id: "d", internetMessageId: null } as const;
    const target = { url: `https://${NAME}:${port}/upload?upload_id=U`, headers: {} };
    const chunks = Readable.from([Buffer.alloc(9)]);
    const outcomes = await Promise.allSettled([
      service.protocol({ file, target, draft }, line).put({ offset: 0, length: 9, total: 9, chunks }, signal),
      service.cancel({ size: 9, target, attachmentId: null, draft }, signal),
    ]);
    return outcomes.map((outcome) =>
      outcome.status === "fulfilled" ? "fine" : String(outcome.reason.message),
    );
  };

  for (const api of [...PUBLIC, GATEWAY])
    it(`hears nothing when ${new URL(api).hostname} has named it`, async () => {
      open();
      for (const service of services(api))
        for (const said of await tried(service))
          assert.match(said, /: .+ → 127\.0\.0\.1\. It is on this machine\. Nothing was sent there\.$/);
      assert.deepEqual(heard, []);
    });

  it("is taken from a service that is on this machine itself", async () => {
    open();
    const [nylas] = services(HERE);
    assert.ok(nylas);
    assert.deepEqual(await tried(nylas), ["fine", "fine"]);
    assert.equal(heard.length, 2);
  });

  it("is the proxy's to find behind one", async () => {
    open(proxy.url());
    const [nylas] = services(PUBLIC[0] ?? "");
    assert.ok(nylas);
    assert.deepEqual(await tried(nylas), ["fine", "fine"]);
    assert.equal(proxy.tunnels.length > 0, true);
  });
});
