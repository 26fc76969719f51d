/** Our client of OneDrive against the sandbox's: uploading, opening to people, and what goes wrong. */
import assert from "node:assert/strict";
import { FreightError } from "../../src/base/errors.ts";
import { FileSource } from "../../src/files/fileSource.ts";
import { type Http, HttpLine } from "../../src/net/http.ts";
import { Slots } from "../../src/net/slots.ts";
import type { DriveBehaviour } from "../../src/sandbox/drive/driveBehaviour.ts";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { DriveLinks } from "../../src/services/drive/driveLinks.ts";
import { AUDIENCES, type LinkAccess } from "../../src/services/fileLinks.ts";
import { GraphService } from "../../src/services/graph/graph.ts";
import type { UploadTarget } from "../../src/services/mailService.ts";
import { upload } from "../../src/transfer/upload.ts";
import { Folder, sample } from "../support/files.ts";
import { callDrive, driveToken, settle } from "./graphSupport.ts";
import { type Answer, send, sha256 } from "./support.ts";

const RANGE = 10_485_760;
const SIZE = RANGE + 1_000_003;
const DAY_MS = 24 * 3600 * 1000;
const never = new AbortController().signal;
const OWN = "practice@freight-mail.example";

describe("Files as links, in OneDrive", () => {
  let sandbox: Sandbox;
  let folder: Folder;
  let http: HttpLine;
  let links: DriveLinks;
  before(async () => {
    sandbox = await startSandbox();
    folder = await Folder.make();
    http = new HttpLine({ now: Date.now });
  });
  beforeEach(() => {
    links = linksWith(driveToken(sandbox));
  });
  afterEach(() => settle(sandbox));
  after(async () => {
    http.dispose();
    await sandbox.close();
    await folder.remove();
  });

  const linksWith = (token: string, line: Http = http) =>
    new DriveLinks(
      { baseUrl: sandbox.graph.baseUrl, mailbox: "me", token: async () => token, turns: new Slots() },
      line,
    );
  const switchTo = (behaviour: Partial<DriveBehaviour>) => Object.assign(sandbox.graph.drive, behaviour);
  const drive = (method: string, path: string) => callDrive(sandbox, method, path);
  const open = (name: string, size = SIZE) =>
    links.createSession({ name, contentType: "application/octet-stream", size }, null, never);

  /** Moves a file's bytes into a session, as the engine does. @returns what the drive calls the file */
  async function carry(name: string, target: UploadTarget | null, bytes: Buffer, resume = false) {
    const path = await folder.file(name.replace(/\W/g, "_"), bytes);
    const source = await FileSource.open(path, Number.MAX_SAFE_INTEGER);
    let id = "";
    const waits: string[] = [];
    try {
      const file = { name, contentType: "application/octet-stream", size: bytes.length };
      await upload({
        source,
        protocol: links.protocol({ file, target, draft: null }, http),
        resume,
        signal: never,
        onProgress: () => {},
        onWait: ({ message }) => waits.push(message),
        onStored: (stored) => {
          id = stored;
        },
        sleep: async () => {},
        random: () => 0,
        monotonicNow: () => performance.now(),
      });
    } finally {
      await source.close();
    }
    return { id, waits };
  }
  const put = async (name = "build.bin", bytes: Buffer = sample(1000)) => {
    const { target } = await open(name, bytes.length);
    return (await carry(name, target, bytes)).id;
  };
  const failure = async (promise: Promise<unknown>): Promise<FreightError> => {
    const reason: unknown = await promise.then(
      () => undefined,
      (thrown) => thrown,
    );
    assert.ok(reason instanceof FreightError, String(reason));
    return reason;
  };
  const fetchAs = (url: string, visitor: string) =>
    send(`${url}?download=1${visitor === "" ? "" : `&as=${visitor}`}`);
  const statusOf = async (url: string, visitor: string) => (await fetchAs(url, visitor)).status;
  const permissions = async (id: string): Promise<Answer["json"][]> =>
    (await drive("GET", `/items/${id}/permissions`)).json.value.slice(1);
  const access = (more: Partial<LinkAccess> = {}): LinkAccess => ({
    audience: "anyone",
    people: [],
    until: null,
    ...more,
  });
  const uploads = () =>
    sandbox.requests.filter(({ step, service }) => step === "upload" && service === "driveUpload");

  describe("can be sent from an account", () => {
    const folders = async () => (await drive("GET", "/root:/Freight%20Mail:/children")).json.value ?? [];
    const check = (scopes: readonly string[], opaque: boolean) => {
      const token = sandbox.graph.issueToken({ scopes: ["Mail.Send", "User.Read", ...scopes], opaque });
      const endpoint = {
        baseUrl: sandbox.graph.baseUrl,
        mailbox: "me",
        token: async () => token,
        turns: new Slots(),
      };
      return new GraphService(endpoint, http, undefined, new DriveLinks(endpoint, http)).check(never);
    };

    for (const opaque of [false, true])
      for (const [scopes, sendOnly, hasLinks] of [
        [["Mail.ReadWrite", "Files.ReadWrite"], undefined, true],
        [["Files.ReadWrite"], true, true],
        [["Files.Read"], true, undefined],
        [["Mail.ReadWrite"], undefined, undefined],
      ] as const)
        it(`${hasLinks ? "" : "not "}with ${scopes.join(" and ")}${opaque ? ", in a token that cannot be read" : ""}`, async () => {
          const before = await folders();
          const found = await check(scopes, opaque);
          assert.deepEqual([found.sendOnly, found.hasLinks], [sendOnly, hasLinks]);
          assert.deepEqual(await folders(), before, "nothing stays");
        });

    for (const opaque of [false, true])
      it(`not without a OneDrive, and says so${opaque ? ", with a token that cannot be read" : ""}`, async () => {
        switchTo({ absent: "mysite" });
        const { hasLinks, doubt } = await check(["Files.ReadWrite"], opaque);
        assert.equal(hasLinks, undefined);
        assert.match(doubt ?? "", /^This account has no OneDrive/);
      });

    it("or not is not claimed while the service is in trouble", async () => {
      sandbox.faults.arm({ step: "create", fault: "refuse", status: 503 });
      assert.equal((await failure(check(["Files.ReadWrite"], true))).code, "service-fault");
    });
  });

  describe("are uploaded", () => {
    it("in ranges of 10 MiB, without the key of Graph, under their own name", async () => {
      const bytes = sample(SIZE);
      const { target, attachmentId, expiresAt } = await open("report ü #1.pdf");
      assert.equal(attachmentId, null);
      assert.ok(Math.abs((expiresAt ?? 0) - Date.now() - 7 * DAY_MS) < 60_000);
      const before = uploads().length;
      const { id } = await carry("report ü #1.pdf", target, bytes);
      assert.deepEqual(
        uploads()
          .slice(before)
          .map(({ headers }) => [headers["content-range"], headers.authorization]),
        [
          [`bytes 0-${RANGE - 1}/${SIZE}`, undefined],
          [`bytes ${RANGE}-${SIZE - 1}/${SIZE}`, undefined],
        ],
      );
      const { json } = await drive("GET", `/items/${id}`);
      assert.equal(json.name, "report ü #1.pdf");
      assert.equal(json.file.hashes.sha256Hash, sha256(bytes).toUpperCase());
      assert.match(
        decodeURIComponent(json.parentReference.path),
        /Freight Mail\/\d{4}-\d\d-\d\d [0-9a-f]{8}$/,
      );
    });

    for (const [name, there] of [
      ["~$draft.docx", "_$draft.docx"],
      [".lock", "_lock"],
      ["a_vti_b.txt", "a_vti-b.txt"],
      ["100%.txt", "100%.txt"],
      ["a+b&c='d'.txt", "a+b&c='d'.txt"],
    ] as const)
      it(`${name} as ${there}`, async () => {
        const { json } = await drive("GET", `/items/${await put(name)}`);
        assert.equal(json.name, there);
      });

    const faults: readonly (readonly [title: string, ...Fault[]])[] = [
      ["after a range that broke", { step: "upload", fault: "resetMidBody", afterBytes: 5_000_000 }],
      ["after a range whose answer was lost", { step: "upload", fault: "dropReplyAfterCommit" }],
      ["after the last answer was lost", { step: "upload", fault: "dropReplyAfterCommit", skip: 1 }],
      ["after a 429", { step: "upload", fault: "refuse", status: 429, retryAfter: 1 }],
      ["after a 503", { step: "upload", fault: "refuse", status: 503 }],
      ["after a 416", { step: "upload", fault: "refuse", status: 416, skip: 1 }],
      ["where only a part of a range was kept", { step: "upload", fault: "keepFewerBytes", bytes: 327_680 }],
      ["where bytes were forgotten", { step: "upload", fault: "forgetBytes", bytes: 327_680, skip: 1 }],
      ["where an answer was a page of the network", { step: "upload", fault: "htmlBody", status: 200 }],
    ];
    for (const [title, ...rules] of faults)
      it(`once, ${title}`, async () => {
        const bytes = sample(SIZE);
        const { target } = await open("build.bin");
        sandbox.faults.arm(...rules);
        const { id } = await carry("build.bin", target, bytes);
        const { json } = await drive("GET", `/items/${id}`);
        assert.equal(json.file.hashes.sha256Hash, sha256(bytes).toUpperCase());
        assert.equal(json.name, "build.bin");
      });

    it("on from the last range by another process", async () => {
      const bytes = sample(SIZE);
      const { target } = await open("build.bin");
      const headers = { "Content-Range": `bytes 0-${RANGE - 1}/${SIZE}` };
      await send(target?.url ?? "", { method: "PUT", headers, body: bytes.subarray(0, RANGE) });
      const before = uploads().length;
      await carry("build.bin", target, bytes, true);
      assert.deepEqual(
        uploads()
          .slice(before)
          .map(({ headers }) => headers["content-range"]),
        [`bytes ${RANGE}-${SIZE - 1}/${SIZE}`],
      );
    });

    it("and an answer of 200 is as good, with 410 for what is over", async () => {
      switchTo({ done: 200, gone: 410, nextRange: "N-M" });
      sandbox.faults.arm({ step: "upload", fault: "dropReplyAfterCommit", skip: 1 });
      const { target } = await open("build.bin");
      assert.notEqual((await carry("build.bin", target, sample(SIZE))).id, "");
    });

    it("not in a session that has run out: another one is needed", async () => {
      const { target } = await open("build.bin");
      sandbox.clock.advance(8 * DAY_MS);
      assert.equal((await failure(carry("build.bin", target, sample(SIZE), true))).code, "session-lost");
    });
  });

  describe("are taken away", () => {
    const folders = async () => {
      const { json } = await drive("GET", "/root:/Freight%20Mail:/children");
      return json.value.length;
    };

    it("with the folder that they had", async () => {
      const before = await folders();
      const id = await put();
      await links.cancel({ attachmentId: id, target: undefined, size: 1000, draft: null }, never);
      await links.cancel({ attachmentId: id, target: undefined, size: 1000, draft: null }, never);
      assert.equal((await drive("GET", `/items/${id}`)).status, 404);
      assert.equal(await folders(), before);
    });

    it("but not with what somebody has put beside them", async () => {
      const id = await put();
      const { parentReference } = (await drive("GET", `/items/${id}`)).json;
      await callDrive(sandbox, "POST", `/items/${parentReference.id}:/mine.txt:/createUploadSession`, {
        item: {},
      }).then(({ json }) =>
        send(json.uploadUrl, { method: "PUT", headers: { "Content-Range": "bytes 0-0/1" }, body: "x" }),
      );
      await links.cancel({ attachmentId: id, target: undefined, size: 1000, draft: null }, never);
      assert.equal((await drive("GET", `/items/${parentReference.id}/children`)).json.value.length, 1);
    });

    it("in the middle, and when nobody knew that their last byte was there", async () => {
      const before = await folders();
      const half = await open("half.bin");
      const leftover = { attachmentId: null, size: SIZE, draft: null };
      await links.cancel({ ...leftover, target: half.target ?? undefined }, never);
      assert.equal((await send(half.target?.url ?? "")).status, 404);
      const { target } = await open("whole.bin", 1000);
      await carry("whole.bin", target, sample(1000));
      await links.cancel({ ...leftover, size: 1000, target: target ?? undefined }, never);
      assert.equal((await drive("GET", `/root:/${encodeURI(target?.place ?? "")}`)).status, 404);
      assert.equal(await folders(), before);
    });
  });

  describe("are open", () => {
    it("to the recipients by name; a stranger is refused", async () => {
      const id = await put();
      const people = ["Leyla@elsewhere.example", "max@other.example"];
      const { url } = await links.open(id, access({ audience: "recipients", people }), never);
      assert.equal((await fetchAs(url, "leyla@elsewhere.example")).text, sample(1000).toString());
      assert.equal(await statusOf(url, "stranger@elsewhere.example"), 403);
      await links.open(id, access({ audience: "recipients", people: ["max@other.example"] }), never);
      assert.equal(await statusOf(url, "leyla@elsewhere.example"), 403);
      assert.equal(await statusOf(url, "max@other.example"), 200);
    });

    it("to everyone in the organization, then to everyone, then to nobody", async () => {
      const id = await put();
      const inside = await links.open(id, access({ audience: "organization" }), never);
      assert.equal(await statusOf(inside.url, "anna@freight-mail.example"), 200);
      assert.equal(await statusOf(inside.url, "stranger@elsewhere.example"), 403);
      const { url } = await links.open(id, access(), never);
      assert.deepEqual([await statusOf(url, ""), await statusOf(inside.url, "")], [200, 404]);
      await links.close(id, never);
      await links.close(id, never);
      assert.deepEqual([await statusOf(url, ""), (await permissions(id)).length], [404, 0]);
      assert.equal((await drive("GET", `/items/${id}`)).status, 200);
    });

    for (const secondLink of ["same", "another"] as const)
      for (const audience of ["recipients", "organization", "anyone"] as const)
        it(`by one link for ${audience}, whatever became of the answers (${secondLink})`, async () => {
          const id = await put();
          switchTo({ secondLink });
          const wish = access({
            audience,
            people: audience === "recipients" ? ["a@b.example", "c@b.example"] : [],
          });
          sandbox.faults.arm({ step: "share", fault: "dropReplyAfterCommit" });
          assert.equal((await failure(links.open(id, wish, never))).code, "network");
          const first = await links.open(id, wish, never);
          const second = await links.open(id, wish, never);
          assert.equal(first.url, second.url);
          assert.equal((await permissions(id)).length, audience === "recipients" ? 2 : 1);
        });

    it("until a day that can be moved, by the same link", async () => {
      const id = await put();
      const until = sandbox.clock.now() + DAY_MS;
      const { url } = await links.open(id, access({ until }), never);
      assert.equal((await links.open(id, access({ until: until + 7 * DAY_MS }), never)).url, url);
      const [one] = await permissions(id);
      assert.equal(Date.parse(one.expirationDateTime), until + 7 * DAY_MS);
      await links.open(id, access(), never);
      assert.equal((await permissions(id))[0].expirationDateTime, undefined);
    });

    describe("as the organization allows, which is found out before there is a file:", () => {
      const folders = async (): Promise<unknown> =>
        (await drive("GET", "/root:/Freight%20Mail:/children")).json.value ?? [];
      const in9Days = () => sandbox.clock.now() + 9 * DAY_MS;
      const cases: readonly (readonly [
        title: string,
        change: Partial<DriveBehaviour>,
        until: () => number | null,
        refused: readonly string[],
        message: RegExp,
      ])[] = [
        ["everything is allowed", {}, () => null, [], /^$/],
        [
          "sharing is off",
          { sharing: "off" },
          in9Days,
          ["recipients", "organization", "anyone"],
          /does not allow links/,
        ],
        [
          "by name only",
          { sharing: "people", sharingRefusal: "code" },
          in9Days,
          ["organization", "anyone"],
          /Change who/,
        ],
        [
          "inside only",
          { sharing: "organization" },
          in9Days,
          ["anyone"],
          /does not allow links for everyone who has them/,
        ],
        [
          "guests sign in",
          { sharing: "guests" },
          in9Days,
          ["anyone"],
          /does not allow links for everyone who has them/,
        ],
        [
          "there is no drive",
          { absent: "license" },
          in9Days,
          ["recipients", "organization", "anyone"],
          /^This account has no OneDrive/,
        ],
        ["with a password only", { passwords: "required" }, in9Days, ["anyone"], /requires a password/],
        ["for a few days only", { longestDays: 3 }, in9Days, ["anyone, too long"], /Choose fewer days/],
        ["for many days", { longestDays: 30 }, in9Days, [], /^$/],
        [
          "a personal drive has no organization",
          { kind: "personal" },
          in9Days,
          ["organization"],
          /has no organization/,
        ],
      ];
      for (const [title, change, until, refused, message] of cases)
        it(title, async () => {
          switchTo(change);
          const before = await folders();
          const found = await links.refusals(AUDIENCES, until(), OWN, never);
          assert.deepEqual(
            found.map(({ audience, isTooLong }) => `${audience}${isTooLong ? ", too long" : ""}`),
            refused,
          );
          assert.match(found.at(-1)?.message ?? "", message);
          assert.deepEqual(await folders(), before, "nothing stays");
        });

      it("nobody else is tried", async () => {
        switchTo({ sharing: "organization" });
        assert.deepEqual(await links.refusals(["recipients"], null, OWN, never), []);
      });

      it("nothing stays when whoever has asked is gone in the middle", async () => {
        const before = await folders();
        const asking = new AbortController();
        const line: Http = {
          send: (request) => {
            if (request.url.endsWith("/createLink")) asking.abort();
            return http.send(request);
          },
        };
        const trying = linksWith(driveToken(sandbox), line);
        await assert.rejects(trying.refusals(AUDIENCES, null, OWN, asking.signal));
        assert.deepEqual(await folders(), before);
      });

      it("nothing is claimed, and nothing stays, when that cannot be found out", async () => {
        const before = await folders();
        sandbox.faults.arm({ step: "share", fault: "refuse", status: 503, times: 3 });
        await assert.rejects(links.refusals(AUDIENCES, null, OWN, never));
        assert.deepEqual(await folders(), before);
        sandbox.faults.clear();
      });
    });
  });

  describe("say what is wrong and what helps:", () => {
    const cases: readonly (readonly [
      title: string,
      change: Partial<DriveBehaviour>,
      wish: Partial<LinkAccess>,
      code: string,
      message: RegExp,
    ])[] = [
      [
        "sharing is off",
        { sharing: "off" },
        { audience: "organization" },
        "link-refused",
        /does not allow links for everyone in it\. Change who/,
      ],
      [
        "sharing is off, in another form",
        { sharing: "off", sharingRefusal: "code" },
        {},
        "link-refused",
        /does not allow links for everyone who has them/,
      ],
      [
        "no guests",
        { sharing: "organization" },
        { audience: "recipients", people: ["x@y.example"] },
        "link-refused",
        /does not allow links for these recipients/,
      ],
      [
        "one of them is a guest",
        { sharing: "organization" },
        { audience: "recipients", people: ["a@freight-mail.example", "x@y.example"] },
        "link-refused",
        /does not let x@y\.example open the file\. Change who/,
      ],
      [
        "an earlier end is wanted",
        { longestDays: 3 },
        { until: Date.now() + 9 * DAY_MS },
        "link-refused",
        /Choose fewer days/,
      ],
      ["the file is gone", {}, {}, "file-lost", /no longer in your OneDrive\. Upload it again/],
    ];
    for (const [title, change, wish, code, message] of cases)
      it(title, async () => {
        const id = await put();
        switchTo(change);
        if (code === "file-lost") await drive("DELETE", `/items/${id}`);
        const error = await failure(links.open(id, access(wish), never));
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.equal(error.remedy, "retry");
        assert.ok(code === "file-lost" || error.requestId !== undefined);
      });

    it("there is no room for the end of it", async () => {
      const { target } = await open("build.bin", 1000);
      switchTo({ quotaBytes: 10 });
      assert.equal((await failure(carry("build.bin", target, sample(1000)))).code, "no-room");
    });

    it("a file is too large", async () => {
      switchTo({ maxFileBytes: 10 });
      assert.equal((await failure(open("build.bin"))).code, "file-too-large");
    });

    it("the sign-in lacks a permission", async () => {
      links = linksWith(sandbox.graph.issueToken({ scopes: ["User.Read", "Mail.Send"] }));
      const error = await failure(open("build.bin"));
      assert.deepEqual([error.code, error.remedy], ["scope-missing", "checkAccount"]);
      assert.match(error.message, /Files\.ReadWrite/);
    });
  });
});
