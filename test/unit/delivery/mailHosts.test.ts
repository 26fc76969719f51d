import assert from "node:assert/strict";
import { MailHosts } from "../../../src/delivery/compose/mailHosts.ts";
import { MemoryLog } from "../../support/memory.ts";
import { attachment, delivery, emptyForm } from "../../support/records.ts";

const MB = 1024 * 1024;
const hour = 3_600_000;

const mail = (to: string, megabytes = 40, change = {}) =>
  delivery({
    form: { ...emptyForm, to },
    attachments: [attachment({ size: megabytes * MB })],
    ...change,
  });

function setUp(servers: Readonly<Record<string, readonly string[]>>) {
  const asked: string[] = [];
  const learned: string[] = [];
  const scene = { isOn: true, now: 0 };
  const hosts = new MailHosts({
    isOn: () => scene.isOn,
    serversOf: async (domain) => {
      asked.push(domain);
      const found = servers[domain];
      if (found === undefined) throw new Error("ENOTFOUND");
      return found;
    },
    now: () => scene.now,
    log: new MemoryLog(),
  });
  hosts.onDidLearn((domain) => learned.push(domain));
  const of = async (...args: Parameters<typeof mail>) => {
    hosts.of(mail(...args));
    await new Promise((resolve) => setImmediate(resolve));
    return hosts.of(mail(...args));
  };
  return { asked, learned, scene, of };
}

describe("Which provider has a company's mail", () => {
  it("is asked of DNS, once a day for each domain", async () => {
    const { asked, learned, scene, of } = setUp({
      "contoso.com": ["contoso-com.mail.protection.outlook.com"],
      "fabrikam.com": ["smtp.google.com", "contoso-com.mail.protection.outlook.com"],
    });
    const limits = [
      { domain: "contoso.com", bytes: 36 * MB, isGuess: true },
      { domain: "fabrikam.com", bytes: 50 * MB },
    ];
    const to = "Ann <ann@Contoso.com>, bob@contoso.com, eve@fabrikam.com";
    assert.deepEqual(await of(to), limits);
    assert.deepEqual(
      [asked, learned],
      [
        ["contoso.com", "fabrikam.com"],
        ["contoso.com", "fabrikam.com"],
      ],
    );
    scene.now += 23 * hour;
    assert.deepEqual(await of(to), limits);
    assert.equal(asked.length, 2);
    scene.now += 2 * hour;
    assert.deepEqual(await of(to), limits);
    assert.equal(asked.length, 4);
  });

  it("is asked by nobody who has not turned it on, and told to nobody who has turned it off", async () => {
    const { asked, scene, of } = setUp({ "contoso.com": ["smtp.google.com"] });
    scene.isOn = false;
    assert.deepEqual(await of("ann@contoso.com"), []);
    assert.deepEqual(asked, []);
    scene.isOn = true;
    assert.equal((await of("ann@contoso.com")).length, 1);
    scene.isOn = false;
    assert.deepEqual(await of("ann@contoso.com"), []);
  });

  for (const [what, to, megabytes, change] of [
    ["a mail that everybody takes", "ann@contoso.com", 9, {}],
    ["a mail that has left", "ann@contoso.com", 40, { phase: "sent" }],
    [
      "files that go as links",
      "ann@contoso.com",
      40,
      { attachments: [attachment({ size: 40 * MB, asLink: true })] },
    ],
    ["providers that are known", "ann@gmail.com, bob@outlook.com, eve@web.de", 40, {}],
    [
      "what is in no DNS",
      "a@server, b@nas.local, c@mail.internal, d@x.example, e@[192.0.2.1], f@192.0.2.1",
      40,
      {},
    ],
    ["what is no domain", "a@, b, c@x..com, d@-x.com, e@x.com/evil, f@x_.c", 40, {}],
  ] as const)
    it(`is not asked for ${what}`, async () => {
      const { asked, of } = setUp({});
      assert.deepEqual(await of(to, megabytes, change), []);
      assert.deepEqual(asked, []);
    });

  it("stays unknown without a word where DNS does not answer, or with a provider that nobody knows", async () => {
    const { asked, learned, scene, of } = setUp({ "filtered.com": ["mx.filter.example"], "none.com": [] });
    const to = "a@filtered.com, b@none.com, c@gone.com";
    assert.deepEqual(await of(to), []);
    assert.deepEqual(await of(to), []);
    assert.equal(asked.length, 3);
    scene.now += 11 * 60_000;
    await of(to);
    assert.deepEqual(asked.slice(3), ["gone.com"]);
    assert.deepEqual(learned, []);
  });

  it("is asked for some domains of a mail, not for hundreds", async () => {
    const { asked, of } = setUp({});
    await of(Array.from({ length: 300 }, (_, at) => `a@company${at}.com`).join(", "));
    assert.equal(asked.length, 20);
  });
});
