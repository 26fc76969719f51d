import assert from "node:assert/strict";
import fc from "fast-check";
import { FreightError } from "../../src/base/errors.ts";
import { type Http, HttpLine } from "../../src/net/http.ts";
import { Slots } from "../../src/net/slots.ts";
import { GraphService } from "../../src/services/graph/graph.ts";
import { NylasSessions } from "../../src/services/nylas/nylasSessions.ts";
import { assertUploadUrl, uploadHeaders, uploadLine } from "../../src/services/uploadUrl.ts";
import { FILE, KEY } from "./calls.ts";
import { HostileServer, reply } from "./hostileServer.ts";

const PUBLIC = ["https://api.us.nylas.com", "https://graph.microsoft.com"];
const GATEWAY = "https://gateway.example.com";
const HERE = "http://127.0.0.1:8080";

/** Hosts, however they are spelled; the schemes in front keep them apart from addresses that something here uses. */
const over = (scheme: string, ...hosts: readonly string[]) =>
  hosts.map((host) => `${scheme}://${host}/upload?upload_id=U`);

const METADATA = [
  ...[
    "169.254.169.254",
    "169.254.170.2",
    "2852039166",
    "0xA9FEA9FE",
    "0251.0376.0251.0376",
    "0xa9.254.43518",
  ],
  ...[
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[fe80::1]",
    "[fd00:ec2::254]",
    "[64:ff9b::a9fe:a9fe]",
  ],
  ...["[2002:a9fe:a9fe::1]", "100.100.100.200", "168.63.129.16", "metadata.google.internal", "METADATA"],
  ...["metadata.google.internal.", "instance-data", "255.255.255.255", "224.0.0.1", "１６９.254.169.254"],
  // IPv4 in other clothes, and the metadata services of other clouds.
  ...["[::169.254.169.254]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[::ffff:0:a9fe:a9fe]"],
  ...["[64:ff9b:1::a9fe:a9fe]", "[64:ff9b:1:ffff::7f00:1]", "[2001:0:a9fe:a9fe::1]", "[2001:0:7f00:1::]"],
  ...["[fd20:ce::254]", "[fd00:ec2::23]", "[fd00:c1::a9fe:a9fe]", "[fd00:42::42]", "[100::1]"],
  ...["metadata.azure.internal", "metadata.internal", "a.metadata.azure.internal.", "metadata.goog"],
  ...["metadata.google.internal..", "169.254.169.254..", "metadata。google。internal", "192.0.0.170"],
  ...["instance-data.compute.internal", "rancher-metadata", "[febf::1]", "[fd00:ec2:0:0:1::]", "[ff02::1]"],
  ...["metadata.tencentyun.com", "api.metadata.cloud.ibm.com", "metadata.packet.net"],
];
const LOCAL = [
  ...[
    "localhost",
    "LOCALHOST.",
    "a.localhost",
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "017700000001",
  ],
  ...["localhost..", "127.0.0.1..", "a.localhost..", "loc%61lhost", "ⓛocalhost", "localhost.localdomain"],
  ...["ip6-localhost", "localhost6", "host.docker.internal", "gateway.docker.internal", "127.255.255.254"],
  ...["0.0.0.0", "0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"],
];
const PRIVATE = [
  ...[
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "0x0a000001",
    "[fd12:3456::1]",
  ],
  ...["[::ffff:10.0.0.1]", "nas", "nas.local", "storage.internal", "printer.home.arpa"],
  ...["storage.default.svc", "storage.default.svc.cluster.local", "nas.localdomain", "nas.private"],
];
const FINE = [
  "metadata.example.com",
  "storage.example.com",
  "8.8.8.8",
  "[2606:4700::1111]",
  "172.32.0.1",
  "192.169.0.1",
  "11.0.0.1",
];

const isRefused = (url: string, api: string): boolean => {
  try {
    assertUploadUrl(url, api);
    return false;
  } catch (reason) {
    assert.ok(reason instanceof FreightError && reason.code === "bad-answer" && reason.remedy !== undefined);
    assert.ok(!reason.message.includes("upload_id"));
    assert.match(reason.message, /Nothing was sent there\.$/);
    return true;
  }
};

describe("The address that a service names for a file", () => {
  for (const [what, urls, apis, refused] of [
    ["a cloud's metadata", over("https", ...METADATA), [...PUBLIC, GATEWAY, HERE], true],
    ["this machine", over("https", ...LOCAL), [...PUBLIC, GATEWAY], true],
    ["this machine, from this machine", over("https", ...LOCAL), [HERE], false],
    ["a private network, from a public service", over("https", ...PRIVATE), PUBLIC, true],
    ["a private network, from a company's gateway", over("https", ...PRIVATE), [GATEWAY, HERE], false],
    ["the internet", over("https", ...FINE), [...PUBLIC, GATEWAY, HERE], false],
    ["the internet without protection", over("http", ...FINE, ...PRIVATE), [...PUBLIC, GATEWAY, HERE], true],
    ["this machine without protection", over("http", ...LOCAL), [...PUBLIC, GATEWAY], true],
    ["a metadata service without protection", over("http", ...METADATA), [...PUBLIC, GATEWAY, HERE], true],
    ...["file", "ftp", "ws", "wss", "gopher", "data", "blob", "javascript", "vscode", "unix"].map(
      (scheme) => [`a scheme “${scheme}”`, over(scheme, ...FINE), [...PUBLIC, GATEWAY, HERE], true] as const,
    ),
    ["a user", over("https", "user:pass@a.example", "user@a.example", ":@a.example:1"), PUBLIC, undefined],
    [
      "nothing",
      ["", "https://", "//a.example", "https://[::1", "https://a.example b/", "h\0ttps://a"],
      PUBLIC,
      true,
    ],
  ] as const)
    it(`on ${what} is ${refused === false ? "taken" : "refused"}`, () => {
      for (const url of urls)
        for (const api of apis) {
          // ":@" is no user to URL.
          if (refused === undefined && url.includes("://:@")) continue;
          assert.equal(isRefused(url, api), refused ?? true, `${url} from ${api}`);
        }
    });

  it("is held to the same where its name leads, also through a network that knows IPv6 only", () => {
    const leads = (address: string, api: string) => {
      let check: ((address: string) => void) | undefined;
      const http: Http = {
        send: (request) => {
          check = request.checkAddress;
          return Promise.reject(new Error("Nothing is sent here."));
        },
      };
      uploadLine(http, api)
        .send({
          method: "PUT",
          url: "https://storage.example.com/",
          timeoutMs: 1,
          signal: AbortSignal.abort(),
        })
        .catch(() => {});
      try {
        check?.(address);
        return "taken";
      } catch (reason) {
        assert.ok(reason instanceof FreightError && reason.code === "bad-answer");
        return "refused";
      }
    };
    let tried = 0;
    for (const [address, fromPublic, fromGateway] of [
      ["8.8.8.8", "taken", "taken"],
      ["64:ff9b::808:808", "taken", "taken"],
      ["64:ff9b::808:0", "taken", "taken"],
      ["::ffff:8.8.8.8", "taken", "taken"],
      ["64:ff9b::a9fe:a9fe", "refused", "refused"],
      ["64:ff9b:1::7f00:1", "refused", "refused"],
      ["64:ff9b::a00:1", "refused", "taken"],
      ["10.0.0.1", "refused", "taken"],
      ["fd12:3456::1", "refused", "taken"],
      ["fe80::1%eth0", "refused", "refused"],
      ["169.254.169.254", "refused", "refused"],
      ["127.0.0.1", "refused", "refused"],
    ] as const) {
      assert.equal(leads(address, "https://api.us.nylas.com"), fromPublic, address);
      assert.equal(leads(address, GATEWAY), fromGateway, address);
      tried += 2;
    }
    console.log(`      ${tried} places that a name leads to`);
  });

  it("reaches no link-local address in any spelling of it", () => {
    let tried = 0;
    const part = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(part, part, fc.integer({ min: 0, max: 5 }), (c, d, spelling) => {
        const number = ((169 << 24) | (254 << 16) | (c << 8) | d) >>> 0;
        const hex = number.toString(16);
        const host = [
          `169.254.${c}.${d}`,
          String(number),
          `0x${hex}`,
          `0${number.toString(8)}`,
          `[::ffff:${hex.slice(0, 4)}:${hex.slice(4)}]`,
          `0251.0xfe.${(c << 8) | d}`,
        ][spelling];
        for (const api of [...PUBLIC, GATEWAY, HERE]) assert.ok(isRefused(`https://${host}/`, api), host);
        tried++;
      }),
      { numRuns: 3_000 },
    );
    console.log(`      ${tried} addresses`);
  });

  describe("in a real answer", () => {
    let line: HttpLine;
    let server: HostileServer;
    let other: HostileServer;
    let answer: unknown;
    const { signal } = new AbortController();

    beforeEach(async () => {
      line = new HttpLine();
      other = await HostileServer.start((socket) => socket.end(reply(200, {})));
      server = await HostileServer.start((socket, { method }) =>
        socket.write(method === "GET" ? reply(200, { value: [] }) : reply(201, answer)),
      );
    });
    afterEach(async () => {
      line.dispose();
      await server.close();
      await other.close();
    });

    const expires = new Date(Date.now() + 3_600_000).toISOString();
    const open = (url: string, headers: unknown = {}): Promise<unknown>[] => {
      const draft = { kind: "message", id: "d", internetMessageId: null } as const;
      answer = {
        data: { attachment_id: "a", method: "PUT", url, headers, expires_at: expires },
        uploadUrl: url,
        expirationDateTime: expires,
      };
      const endpoint = { baseUrl: server.origin, mailbox: "me", token: async () => KEY, turns: new Slots() };
      return [
        new NylasSessions({ apiUri: server.origin, credential: KEY }, "g", line).createSession(
          FILE,
          null,
          signal,
        ),
        new GraphService(endpoint, line).createSession(FILE, draft, signal),
      ];
    };

    for (const url of [
      ...over("https", "169.254.169.254", "[::ffff:169.254.169.254]", "user:pass@a.example"),
      ...over("http", "169.254.169.254", "2852039166", "10.0.0.1", "storage.example"),
      ...over("ftp", "storage.example"),
      "file:///etc/passwd",
    ])
      it(`is refused by both services: ${url.replace("://", " ")}`, async () => {
        for (const session of open(url)) await assert.rejects(session, { code: "bad-answer" });
      });

    for (const headers of [
      { Authorization: "Bearer x" },
      { Host: "elsewhere.example" },
      { Cookie: "a=b" },
      { "X-Forwarded-Host": "elsewhere.example" },
      { "X-HTTP-Method-Override": "DELETE" },
      { X_HTTP_METHOD_OVERRIDE: "DELETE" },
      { Proxy_Authorization: "Basic x" },
      { "Metadata-Flavor": "Google" },
      { Metadata: "true" },
      { "X-aws-ec2-metadata-token-ttl-seconds": "60" },
      { "x-http-method": "DELETE" },
      { "X-Method-Override": "DELETE" },
      { "Content-Encoding": "gzip" },
      { "X-Original-URL": "/elsewhere" },
      { "X-Rewrite-URL": "/elsewhere" },
      { "Proxy-Authorization": "Basic x" },
      { "X-Original-Method": "DELETE" },
      { "X-HTTP-Host-Override": "elsewhere.example" },
      { "X-Original-Host": "elsewhere.example" },
      { "X-Forwarded": "for=elsewhere.example" },
      { Via: "1.1 elsewhere" },
      { Cookie2: "a=b" },
      { "HTTP2-Settings": "AAMAAABk" },
      { Range: "bytes=0-1" },
      { Destination: "/elsewhere" },
      { "x-goog-copy-source": "elsewhere/a" },
      { "X-Amz-Copy-Source-Range": "bytes=0-1" },
      { "x\r\nHost": "elsewhere.example" },
      { x: "a\r\nAuthorization: b" },
      { x: "ü\u0000" },
      { "": "a" },
      Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`x-${i}`, "a"])),
    ])
      it(`may not ask for ${JSON.stringify(headers).slice(0, 50)}`, async () => {
        const [nylas] = open(`${other.origin}/u`, headers);
        await assert.rejects(nylas ?? Promise.resolve(), { code: "bad-answer" });
      });

    it("gets the bytes with what it asked for, without a key and without what is ours to say", async () => {
      const wanted = {
        "Content-Type": "a/b",
        "X-Goog-A": "1",
        "Content-Length": "7",
        "Transfer-Encoding": "chunked",
      };
      const [nylas] = open(`${other.origin}/u?upload_id=U`, wanted);
      const session = (await nylas) as Awaited<ReturnType<NylasSessions["createSession"]>>;
      const service = new NylasSessions({ apiUri: server.origin, credential: KEY }, "g", line);
      const http: Http = line;
      const protocol = service.protocol({ file: FILE, target: session.target, draft: null }, http);
      await protocol.locate(signal, 0);
      const { head = "" } = other.heard[0] ?? {};
      assert.match(head, /^content-type: a\/b$/im);
      assert.match(head, /^x-goog-a: 1$/im);
      assert.match(head, /^content-length: 0$/im);
      assert.doesNotMatch(head, /authorization|transfer-encoding|CANARY/i);
    });
  });

  it("may ask for headers of any name and value: those that pass can be sent", () => {
    let tried = 0;
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.constantFrom("__proto__", "constructor"),
    );
    fc.assert(
      fc.property(fc.dictionary(text, text), (wanted) => {
        tried++;
        try {
          const headers = uploadHeaders(wanted);
          for (const [name, value] of Object.entries(headers)) new Headers([[name, value]]);
        } catch (reason) {
          assert.ok(reason instanceof FreightError, String(reason));
        }
      }),
      { numRuns: 3_000 },
    );
    console.log(`      ${tried} sets of headers`);
  });
});
