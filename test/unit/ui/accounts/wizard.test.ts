import assert from "node:assert/strict";
import { mock } from "node:test";
import { FreightError } from "../../../../src/base/errors.ts";
import { BACK, firstSentence, isJudged } from "../../../../src/ui/accounts/pages/pageInput.ts";
import { account } from "../../../support/records.ts";
import { answer } from "../../../support/scriptedHttp.ts";
import { grant, me, setUpWizard, token } from "../../../support/wizardScene.ts";

const US = "https://api.us.nylas.com";
const GLOBAL = "https://graph.microsoft.com";
const list = (...data: unknown[]) => answer(200, { data });
const mailbox = (...args: Parameters<typeof grant>) => answer(200, { data: grant(...args) });
const refused = answer(401, { error: { type: "unauthorized", message: "no" } });
const notThere = answer(404, { error: { type: "not_found_error", message: "no" } });

describe("Adding an account", () => {
  afterEach(() => mock.restoreAll());

  it("begins with the service; leaving there, or anywhere, adds nothing", async () => {
    const byKey = ["Nylas", "API key", "k-1", "United States"];
    for (const entries of [[], byKey.slice(0, 1), byKey.slice(0, 2), byKey.slice(0, 3)]) {
      const { wizard, saved, input } = setUpWizard({}, ...entries);
      assert.equal(await wizard.run(), undefined);
      assert.deepEqual([saved, input.pages.length], [[], entries.length + 1]);
    }
  });

  it("goes back to the service from the first page of each", async () => {
    const { wizard, input } = setUpWizard({}, "Nylas", BACK, "Microsoft 365", BACK, BACK);
    assert.equal(await wizard.run(), undefined);
    const service = "Which mail service do you use?";
    const [kind, cloud] = [
      "← How do you want to sign in to Nylas?",
      "← Which Microsoft cloud is the mailbox in?",
    ];
    assert.deepEqual(input.pages, [service, kind, service, cloud, service]);
  });

  it("finds the practice mailbox at once, without a key", async () => {
    const { wizard, saved } = setUpWizard({});
    const added = await wizard.addPractice();
    assert.deepEqual([added.email, added.service, added.apiUri], ["you@practice.example", "practice", ""]);
    assert.deepEqual(saved, [[added, undefined]]);
  });

  it("says at the choice, and at the latest then, what the organization does not allow", async () => {
    const { wizard, input } = setUpWizard({ policy: { services: ["graph"] } }, "Nylas");
    await assert.rejects(
      wizard.run(),
      (reason) => reason instanceof FreightError && reason.is("policy-refused"),
    );
    const row = input.rows.find(({ label }) => label === "Nylas");
    assert.deepEqual([row?.description, row?.icon], ["Managed by your organization", "lock"]);
    assert.notEqual(input.rows.find(({ label }) => label === "Microsoft 365")?.icon, "lock");
  });
});

describe("Adding an account of Nylas", () => {
  afterEach(() => mock.restoreAll());
  const start = ["Nylas", "API key", "k-1"] as const;

  it("asks for key, region and mailbox, and keeps what was checked", async () => {
    const grants = [grant("g-1", "ada@example.com"), grant("g-2", null, { provider: "zoom" })];
    const http = [list(...grants), mailbox("g-1", "ada@example.com")];
    const { wizard, input, saved, ...seen } = setUpWizard(
      { http },
      ...start,
      "United States",
      "ada@example.com",
    );
    const expected = account({ id: "new", email: "ada@example.com", apiUri: US, grantId: "g-1" });
    assert.deepEqual(await wizard.run(), expected);
    assert.deepEqual(saved, [[expected, "k-1"]]);
    assert.deepEqual(
      input.pages.map((page) => page.split(" ", 3).join(" ")),
      [
        "Which mail service",
        "← How do",
        "← An API",
        "← Which region",
        "Loading your mailboxes",
        "← Send from",
        "Checking the mailbox…",
      ],
    );
    assert.match(input.rows[1]?.detail ?? "", /^\$\(warning\) not a mailbox/);
    assert.equal(seen.http.seen[1]?.headers["authorization"], "Bearer k-1");
  });

  it("takes an access token for the mailbox that it is of, without a list", async () => {
    const http = [mailbox("g-1", "ada@example.com")];
    const { wizard, saved } = setUpWizard({ http }, "Nylas", "Access token", "t-1", "Europe");
    const added = await wizard.run();
    assert.deepEqual([added?.grantId, added?.apiUri], ["me", "https://api.eu.nylas.com"]);
    assert.equal(saved[0]?.[1], "t-1");
  });

  it("takes a grant that is not in the list", async () => {
    const http = [list(), mailbox("g-9", "far@example.com")];
    const own = [BACK, "Enter a grant ID…", "", "g-9"] as const;
    const { wizard, input, saved } = setUpWizard(
      { http: [list(), ...http] },
      ...start,
      "United States",
      ...own.slice(0, 1),
      "United States",
      ...own.slice(1),
    );
    assert.equal((await wizard.run())?.grantId, "g-9");
    assert.deepEqual([input.refusals, saved.length], [["Enter a grant ID."], 1]);
  });

  it("takes no key that was not copied whole, and hides it", async () => {
    const { wizard, input } = setUpWizard({}, "Nylas", "API key", "", "two words", "schlüssel");
    await wizard.run();
    assert.deepEqual(new Set(input.refusals).size, 2);
    assert.deepEqual([input.refusals[0], input.question?.password], ["Enter the key.", true]);
  });

  it("sends the key to an address of one's own only over TLS, or to this machine", async () => {
    const entries = [
      "Custom URL…",
      "nylas.example",
      "http://nylas.example",
      "https://nylas.example/v3?x",
      undefined,
    ];
    const settings = { "nylas.apiUri": "https://mine.example" };
    const { wizard, input, http } = setUpWizard({ settings, http: [list()] }, ...start, ...entries);
    await wizard.run();
    assert.equal(input.refusals.length, 2);
    assert.match(input.refusals[1] ?? "", /^The key would travel unprotected/);
    assert.equal(input.question?.value, "https://mine.example");
    assert.match(http.seen[0]?.url ?? "", /^https:\/\/nylas\.example\/v3\/grants\?/);
    const local = setUpWizard({ http: [list()] }, ...start, "Custom URL…", "http://127.0.0.1:1/");
    await local.wizard.run();
    assert.match(local.http.seen[0]?.url ?? "", /^http:\/\/127\.0\.0\.1:1\/v3/);
  });

  it("asks again what could not be reached, with every answer kept, or goes back", async () => {
    const lost = new FreightError("offline", "The machine is offline.");
    const grants = list(grant("g-1", "ada@example.com"));
    const http = [lost, lost, grants, lost, mailbox("g-1", "ada@example.com")];
    const use = ["United States", "Retry", "Retry", "ada@example.com", "Retry"] as const;
    const { wizard, input, saved, reported } = setUpWizard({ http }, ...start, ...use);
    assert.equal((await wizard.run())?.grantId, "g-1");
    assert.equal(saved[0]?.[1], "k-1");
    assert.deepEqual(input.saidAgain, Array(3).fill("← The machine is offline."));
    assert.deepEqual(reported, []);
    const back = setUpWizard({ http: [lost] }, ...start, "United States", BACK);
    assert.equal(await back.wizard.run(), undefined);
    assert.match(back.input.pages.at(-1) ?? "", /^← Which region/);
    const left = setUpWizard({ http: [lost] }, ...start, "United States");
    assert.equal(await left.wizard.run(), undefined);
  });

  it("goes back from an own address to the regions, and from there to the key", async () => {
    const { wizard, input } = setUpWizard({}, ...start, "Custom URL…", BACK, BACK);
    await wizard.run();
    assert.deepEqual(
      input.pages.map((page) => page.split(" ", 3).join(" ")),
      [
        "Which mail service",
        "← How do",
        "← An API",
        "← Which region",
        "← Address of",
        "← Which region",
        "← An API",
      ],
    );
  });

  it("asks a refused key again, and goes on where it was refused", async () => {
    const good = [list(grant("g-1", "ada@example.com")), mailbox("g-1", "ada@example.com")];
    const http = [refused, refused, ...good];
    const { wizard, saved, reported, noted, input } = setUpWizard(
      { http },
      ...start,
      "United States",
      "k-2",
      "ada@example.com",
    );
    assert.equal((await wizard.run())?.apiUri, US);
    assert.equal(saved[0]?.[1], "k-2");
    // In the box itself, and nowhere else.
    assert.deepEqual(input.saidAgain, [
      "← Nylas rejected this key. Check that it was copied whole and belongs to the region “United States”.",
    ]);
    assert.deepEqual([reported.length, noted.length], [0, 1]);
    input.checkDone();
  });

  it("offers the region that a key is of, and takes it only when the person wants that", async () => {
    const good = [list(grant("g-1", "ada@example.com")), mailbox("g-1", "ada@example.com")];
    const wrong = [refused, answer(200, { data: [] })];
    const scene = { http: [...wrong, ...good] };
    const use = ["United States", "Use Europe", "ada@example.com"] as const;
    const { wizard, dialogs, input } = setUpWizard(scene, ...start, ...use);
    assert.equal((await wizard.run())?.apiUri, "https://api.eu.nylas.com");
    assert.deepEqual(input.saidAgain, ["← This key belongs to Nylas's region “Europe”."]);
    assert.deepEqual(dialogs.shown, []);
    const left = setUpWizard({ http: wrong }, ...start, "United States");
    assert.equal(await left.wizard.run(), undefined);
    assert.deepEqual([left.saved, left.reported], [[], []]);
    const back = setUpWizard({ http: wrong }, ...start, "United States", BACK, BACK, "k-2");
    await back.wizard.run();
    assert.match(back.input.pages.at(-1) ?? "", /^← Which region/);
  });

  it("asks for another mailbox where one cannot send; a token has no other", async () => {
    const grants = list(grant("g-1", "a@x.example"), grant("g-2", "b@x.example"));
    const http = [grants, notThere, notThere, grants, mailbox("g-2", "b@x.example")];
    const { wizard, reported, input } = setUpWizard(
      { http },
      ...start,
      "United States",
      "a@x.example",
      "b@x.example",
    );
    assert.equal((await wizard.run())?.grantId, "g-2");
    assert.match(input.saidAgain.join("\n"), /^← Nylas has no mailbox [^\n]*$/);
    assert.deepEqual(reported, []);
    const one = setUpWizard({ http: [notThere, notThere] }, "Nylas", "Access token", "t-1", "United States");
    await assert.rejects(one.wizard.run(), /Nylas has no mailbox/);
  });

  it("warns where a key would lie on another machine, and only there", async () => {
    for (const [remoteName, note] of [
      ["ssh-remote", /connected to a remote machine \(ssh-remote\)/],
      [undefined, /secret storage only\.$/],
    ] as const) {
      const { wizard, input } = setUpWizard(
        remoteName === undefined ? {} : { remoteName },
        "Nylas",
        "API key",
      );
      await wizard.run();
      // The last choice, and it says what it reaches.
      const last = input.rows.at(-1);
      assert.equal(last?.label, "API key");
      assert.match(last?.detail ?? "", /^It reaches every mailbox of the Nylas application/);
      assert.match(input.question?.prompt ?? "", note);
    }
  });

  it("lets no key go to an address that the organization does not allow", async () => {
    const { wizard, http } = setUpWizard(
      { policy: { addresses: ["https://api.eu.nylas.com"] } },
      ...start,
      "United States",
    );
    await assert.rejects(wizard.run(), /cannot be used here/);
    assert.deepEqual(http.seen, []);
    const key = setUpWizard({ policy: { apiKeys: false } }, "Nylas", "API key");
    await assert.rejects(key.wizard.run(), /API keys cannot be used here/);
    // Nor a new one, of an account that was added before.
    const renewed = setUpWizard({ policy: { addresses: ["https://api.eu.nylas.com"] } }, "t-2");
    await assert.rejects(renewed.wizard.renew(account({ grantId: "me" })), /cannot be used here/);
    assert.deepEqual(renewed.http.seen, []);
    assert.deepEqual(renewed.saved, []);
  });

  it("takes a new key for an account, or leaves the old one", async () => {
    const mine = account({ grantId: "g-1" });
    const { wizard, saved, http } = setUpWizard({ http: [mailbox("g-1", "ada@example.com")] }, "k-2");
    assert.equal(await wizard.renew(mine), true);
    assert.deepEqual(saved, [[mine, "k-2"]]);
    assert.match(http.seen[0]?.url ?? "", /\/v3\/grants\/g-1$/);
    const left = setUpWizard({});
    assert.equal(await left.wizard.renew(mine), false);
    assert.deepEqual(left.saved, []);
    const lost = setUpWizard({ http: [new FreightError("offline", "The machine is offline.")] }, "k-2");
    assert.equal(await lost.wizard.renew(mine), false);
    assert.deepEqual(lost.input.saidAgain, ["The machine is offline."]);
    assert.equal(lost.input.question?.value, "k-2", "what was typed stays");
  });

  it("takes no key that does not reach the account's mailbox, or reaches another one there", async () => {
    const mine = account({ grantId: "g-1" });
    const unknown = setUpWizard({ http: [notThere, notThere] }, "k-2");
    await assert.rejects(unknown.wizard.renew(mine), /Nylas has no mailbox “g-1” for this key/);
    assert.deepEqual(unknown.saved, []);
    for (const [answers, reason] of [
      [[mailbox("g-1", "bob@example.com")], /This key is for bob@example\.com, not for ada@example\.com/],
      [[refused], /Nylas does not accept this account's key/],
    ] as const) {
      const other = setUpWizard({ http: answers }, "k-2");
      assert.equal(await other.wizard.renew(mine), false);
      assert.match(other.input.saidAgain.join("\n"), reason);
      assert.deepEqual([other.saved, other.noted.length], [[], 1]);
    }
    const second = setUpWizard({ http: [refused, mailbox("g-1", "ada@example.com")] }, "k-2", "k-3");
    assert.equal(await second.wizard.renew(mine), true);
    assert.deepEqual(second.saved, [[mine, "k-3"]]);
  });

  it("takes a new access token of the same mailbox only, and one that can be used", async () => {
    const mine = account({ grantId: "me" });
    const renewed = setUpWizard({ http: [mailbox("g-1", "Ada@Example.com")] }, "t-2");
    assert.equal(await renewed.wizard.renew(mine), true);
    assert.deepEqual(renewed.saved, [[mine, "t-2"]]);
    const unknown = setUpWizard({ http: [notThere, notThere] }, "t-2");
    await assert.rejects(unknown.wizard.renew(mine), /Nylas has no mailbox/);
    const other = setUpWizard({ http: [mailbox("g-2", "bob@example.com")] }, "t-2");
    assert.equal(await other.wizard.renew(mine), false);
    assert.match(
      other.input.saidAgain.join(),
      /This token is for bob@example\.com, not for ada@example\.com/,
    );
    assert.deepEqual([unknown.saved, other.saved], [[], []]);
  });
});

describe("Adding an account of Microsoft 365", () => {
  afterEach(() => mock.restoreAll());
  const start = ["Microsoft 365", "Global"] as const;
  const client = { "graph.clientId": "app-1", "graph.tenant": "tenant-1" };
  const how = "Sign in with Microsoft";
  const company = "Company or School Account";
  const signIn = [how, company] as const;

  it("signs in through VS Code, and never keeps a token of its own", async () => {
    const scene = { settings: client, people: ["ada", "ada", "ada", "ada"], http: me };
    const { wizard, saved, asked } = setUpWizard(scene, ...start, "My mailbox", ...signIn);
    const added = await wizard.run();
    assert.deepEqual([added?.email, added?.grantId, added?.apiUri], ["ada@example.com", "me", GLOBAL]);
    assert.deepEqual([added?.signIn?.accountId, saved[0]?.[1]], ["ada", undefined]);
    // The least that it takes: more is asked for when it is needed.
    const scopes = ["Mail.Send", "User.Read"].map((scope) => `${GLOBAL}/${scope}`);
    const all = ["VSCODE_CLIENT_ID:app-1", "VSCODE_TENANT:tenant-1", ...scopes, "offline_access"];
    // Without the last of these there could never be a second account.
    const wanted = { provider: "microsoft", scopes: all, createIfNone: true, clearSessionPreference: true };
    assert.deepEqual(asked[0], wanted);
    // What asks afterwards opens no browser.
    assert.equal(JSON.stringify(asked[1]).includes('"silent":true'), true);
  });

  it("asks for a shared mailbox with the scopes that it takes, in the cloud that it is in", async () => {
    const scene = { settings: client };
    const place = ["Microsoft 365", "US Government L4", "A shared mailbox…", "team", "team@example.com", how];
    const { wizard, asked, input } = setUpWizard(scene, ...place);
    await wizard.run();
    assert.deepEqual(input.refusals, ["Enter an address, such as team@example.com."]);
    const [{ provider, scopes }] = asked as [{ provider: string; scopes: string[] }];
    assert.equal(provider, "microsoft-sovereign-cloud");
    for (const scope of ["Mail.Send", "Mail.Send.Shared"])
      assert.ok(scopes.includes(`https://graph.microsoft.us/${scope}`), scope);
    assert.ok(!scopes.some((scope) => scope.includes("ReadWrite")));
  });

  it("uses the one app registration that a policy allows, whatever is set", async () => {
    const policy = { clientIds: ["app-2"], tenants: ["tenant-2"] };
    const { wizard, asked } = setUpWizard({ settings: client, policy }, ...start, "My mailbox", how);
    await wizard.run();
    const [{ scopes }] = asked as [{ scopes: string[] }];
    assert.deepEqual(scopes.slice(0, 2), ["VSCODE_CLIENT_ID:app-2", "VSCODE_TENANT:tenant-2"]);
  });

  it("says why nobody signed in, and goes back from there to the other kinds of sign-in", async () => {
    const http = me;
    const { wizard, reported, input } = setUpWizard(
      { settings: client, http },
      ...start,
      "My mailbox",
      ...signIn,
      BACK,
      BACK,
      "Access token",
      token(),
    );
    assert.equal((await wizard.run())?.email, "ada@example.com");
    assert.ok(input.pages.includes("← The sign-in with Microsoft was not finished: nobody signed in."));
    assert.deepEqual(reported, []);
    input.checkDone();
  });

  it("takes a token while it is valid, and knows until when", async () => {
    const good = token();
    const bad = ["", "two words", token({}, -1)];
    const { wizard, saved, input } = setUpWizard(
      { http: me },
      ...start,
      "My mailbox",
      "Access token",
      ...bad,
      good,
    );
    const added = await wizard.run();
    assert.equal(saved[0]?.[1], good);
    const left = (added?.credentialExpiresAt ?? 0) - Date.now();
    assert.ok(left > 58 * 60_000 && left <= 60 * 60_000, `${left}`);
    assert.deepEqual([input.refusals[0], input.refusals.length], ["Enter the token.", 3]);
    assert.match(input.refusals[2] ?? "", /^This token expired on /);
  });

  it("asks again for a sign-in that allows too little", async () => {
    const scene = { http: [me[0], ...me] };
    const small = token({ scp: "User.Read" });
    const { wizard, reported, input } = setUpWizard(
      scene,
      ...start,
      "My mailbox",
      "Access token",
      small,
      "Access token",
      token(),
    );
    assert.equal((await wizard.run())?.email, "ada@example.com");
    assert.match(input.saidAgain.join("\n"), /^← .*does not allow Mail\.Send[^\n]*$/);
    assert.deepEqual(reported, []);
  });

  it("is asked of Microsoft again when it could not be reached", async () => {
    const http = [new FreightError("network", "The connection was lost."), ...me];
    const use = ["My mailbox", "Access token", token(), "Retry"] as const;
    const { wizard, input } = setUpWizard({ http }, ...start, ...use);
    assert.equal((await wizard.run())?.email, "ada@example.com");
    assert.deepEqual(input.saidAgain, ["← The connection was lost."]);
  });

  it("goes back page by page, and from the token to the kind of sign-in", async () => {
    const { wizard, input } = setUpWizard(
      {},
      ...start,
      "My mailbox",
      "Access token",
      BACK,
      BACK,
      BACK,
      BACK,
      BACK,
    );
    await wizard.run();
    assert.deepEqual(
      input.pages.map((page) => page.split(" ", 4).join(" ")),
      [
        "Which mail service do",
        "← Which Microsoft cloud",
        "← Send from whose",
        "← How do you",
        "← An access token",
        "← How do you",
        "← Send from whose",
        "← Which Microsoft cloud",
        "Which mail service do",
      ],
    );
  });

  it("lets no sign-in go to an address that the organization does not allow", async () => {
    const { wizard, asked, input } = setUpWizard(
      { policy: { addresses: [GLOBAL] } },
      "Microsoft 365",
      "Custom URL…",
      "https://g.example",
    );
    await assert.rejects(wizard.run(), /cannot be used here/);
    assert.deepEqual([asked, input.pages.length], [[], 3]);
  });

  describe("once it is there", () => {
    const signIns = { provider: "microsoft", scopes: ["a"], accountId: "ada" };
    const own = account({ service: "graph", apiUri: GLOBAL, grantId: "me", signIn: signIns });

    it("signs in again as the same person, and as nobody else", async () => {
      const same = setUpWizard({ people: ["ada"] });
      assert.equal(await same.wizard.renew(own), true);
      const [{ forceNewSession, clearSessionPreference, account: whom }] = same.asked as [
        Record<string, unknown>,
      ];
      assert.deepEqual([forceNewSession, clearSessionPreference], [true, true]);
      assert.deepEqual(whom, { id: "ada", label: "ada@example.com" });
      const other = setUpWizard({ people: ["eve"] });
      await assert.rejects(other.wizard.renew(own), /different account than ada@example\.com/);
      assert.deepEqual(other.saved, []);
      // Into a shared mailbox several people may have a way.
      const shared = setUpWizard({ people: ["eve"] });
      assert.equal(await shared.wizard.renew({ ...own, grantId: "team@example.com" }), true);
      assert.equal(shared.saved[0]?.[0].signIn?.accountId, "eve");
    });

    it("takes a new token of the same person only", async () => {
      const { signIn: _, ...byToken } = own;
      const scene = { kept: token() };
      const { wizard, input, saved } = setUpWizard(scene, token({ oid: "eve" }), token({ iat: 1 }));
      assert.equal(await wizard.renew(byToken), true);
      assert.deepEqual([input.refusals, saved.length], [["This token is not for ada@example.com."], 1]);
      const shared = setUpWizard(scene, token({ oid: "eve" }));
      assert.equal(await shared.wizard.renew({ ...byToken, grantId: "team@example.com" }), true);
    });

    it("is asked to allow the calendar when an event is wanted, once", async () => {
      const event = { id: "e-1", subject: "Review $(x)", startsAt: Date.UTC(2026, 3, 23, 9) };
      const scene = { people: ["ada"], events: [event, { ...event, id: "e-2", subject: "" }] };
      const { wizard, saved, asked, input } = setUpWizard(scene, "(no subject)");
      assert.equal((await wizard.chooseEvent(own))?.id, "e-2");
      assert.equal(input.rows[0]?.label, "Review \\$(x)");
      const wider = saved[0]?.[0];
      assert.deepEqual(wider?.signIn?.scopes, ["a", `${GLOBAL}/Calendars.ReadWrite`]);
      assert.deepEqual(asked.at(-1), ["serviceFor", 2]);
      const again = setUpWizard({ events: [event] });
      assert.equal(await again.wizard.chooseEvent(wider ?? own), undefined);
      assert.deepEqual(again.saved, []);
      await assert.rejects(
        setUpWizard({}).wizard.chooseEvent(wider ?? own),
        /has no events in the coming weeks/,
      );
    });
  });
});

describe("A text in the wizard", () => {
  it("is judged at once when it was pasted, and key by key once it was refused", () => {
    for (const [before, text, wasRefused, judged] of [
      ["", "k", false, false],
      ["nyk", "nyk_", false, false],
      ["nyk_", "nyk", false, false],
      ["", "two words", false, true],
      ["nyk_", "nyk_v0_x", false, true],
      ["two ", "two w", true, true],
      ["", "  ", false, false],
      ["k", "", true, false],
    ] as const)
      assert.equal(isJudged(before, text, wasRefused), judged, `${before}, ${text}`);
  });
});

describe("What is said in two lines", () => {
  for (const [text, first, rest] of [
    ["The key is wrong. Was 1.5 copied? Try again.", "The key is wrong.", "Was 1.5 copied? Try again."],
    ["The key of api.test is wrong.", "The key of api.test is wrong.", ""],
    ["キーが違います。もう一度お試しください。", "キーが違います。", "もう一度お試しください。"],
  ] as const)
    it(`begins with the first sentence: ${text}`, () =>
      assert.deepEqual(firstSentence(text), { first, rest }));
});
