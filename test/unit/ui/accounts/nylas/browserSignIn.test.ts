import assert from "node:assert/strict";
import { mock } from "node:test";
import { FreightError } from "../../../../../src/base/errors.ts";
import { BACK } from "../../../../../src/ui/accounts/pages/pageInput.ts";
import { account } from "../../../../support/records.ts";
import { answer } from "../../../../support/scriptedHttp.ts";
import { WAIT } from "../../../../support/scriptedInput.ts";
import { grant, type Scene, setUpWizard } from "../../../../support/wizardScene.ts";

const US = "https://api.us.nylas.com";
const known = { "nylas.clientId": "client-1", "nylas.region": "us" };
const start = ["Nylas", "Sign in"] as const;
const token = answer(200, { access_token: "nyt_1", expires_in: 3600, grant_id: "g-1" });
const mailbox = answer(200, { data: grant("g-1", "ada@example.com") });
const http = [token, mailbox];
const comesBack = (page: URL) => ({ code: "code-1", state: page.searchParams.get("state") ?? "" });
const declined = (page: URL) => ({ error: "access_denied", state: page.searchParams.get("state") ?? "" });

describe("Signing in at Nylas", () => {
  afterEach(() => mock.restoreAll());

  it("asks for region and client ID once, keeps them, and takes what comes back from the browser", async () => {
    const { wizard, saved, settings, listening, forwarded, ...seen } = setUpWizard(
      { comesBack, http },
      ...start,
      "United States",
      "nyk_v0_aaaaaaaa",
      "client-1",
      WAIT,
    );
    const added = await wizard.run();
    assert.deepEqual(
      [added?.email, added?.grantId, added?.renewal, added?.clientId, added?.apiUri],
      ["ada@example.com", "g-1", "signIn", "client-1", US],
    );
    assert.equal(saved[0]?.[1], "nyt_1");
    assert.ok((added?.credentialExpiresAt ?? 0) > 0);
    assert.deepEqual(settings, known);
    assert.deepEqual(seen.input.refusals, ["This is a key, and not a client ID. Keep it to yourself."]);
    assert.match(
      seen.pages[0]?.href ?? "",
      /^https:\/\/api\.us\.nylas\.com\/v3\/connect\/auth\?client_id=client-1&/,
    );
    // For this sign-in only.
    assert.deepEqual([listening, forwarded], [[], [51739]]);
    // With the grant's own id, and the token.
    assert.equal(seen.http.seen[1]?.url, `${US}/v3/grants/g-1`);
    assert.equal(seen.http.seen[1]?.headers["authorization"], "Bearer nyt_1");
  });

  it("asks for nothing that it knows, and goes back past it", async () => {
    const { wizard, input } = setUpWizard(
      { settings: known, comesBack, http },
      ...start,
      BACK,
      "Sign in",
      WAIT,
    );
    assert.equal((await wizard.run())?.email, "ada@example.com");
    const waiting = "← Waiting for you to sign in on the page in your browser…";
    const kind = "← How do you want to sign in to Nylas?";
    assert.deepEqual(input.pages.slice(1, 5), [kind, waiting, kind, waiting]);
  });

  it("takes the address or the code by hand where nothing comes back to this machine", async () => {
    const scenes: Scene[] = [{}, { portIsTaken: true, comesBack }];
    for (const scene of scenes) {
      const { wizard, input } = setUpWizard(
        { ...scene, settings: known, http },
        ...start,
        "Enter the Code…",
        "http://localhost:51739/callback?code=x-123456&state=other",
        BACK,
        "Enter the Code…",
        "x-12345678",
      );
      assert.equal((await wizard.run())?.email, "ada@example.com");
      assert.deepEqual(input.refusals, ["This is neither a code nor the address of this sign-in's page."]);
      assert.equal(input.question?.password, true);
    }
  });

  it("waits on when the answer to another sign-in comes back", async () => {
    const stale = () => ({ code: "code-0", state: "of another" });
    const { wizard, taken, saved } = setUpWizard(
      { settings: known, comesBack: stale },
      ...start,
      "Open the Page Again",
    );
    await wizard.run();
    assert.deepEqual([taken, saved], [[false, false], []]);
  });

  it("says that the person declined, and tries again with another state and verifier", async () => {
    let isFirst = true;
    const { wizard, input, pages } = setUpWizard(
      {
        settings: known,
        http,
        comesBack: (page) => {
          const back = isFirst ? declined(page) : comesBack(page);
          isFirst = false;
          return back;
        },
      },
      ...start,
      WAIT,
      "Sign In Again",
      WAIT,
    );
    assert.equal((await wizard.run())?.email, "ada@example.com");
    assert.ok(input.pages.includes("← You declined, so nobody was signed in."));
    for (const name of ["state", "code_challenge"])
      assert.notEqual(pages[0]?.searchParams.get(name), pages[1]?.searchParams.get(name));
  });

  it("names an administrator's matter, and a code that was used", async () => {
    for (const [scene, page] of [
      [
        {
          comesBack: (at: URL) => ({
            ...declined(at),
            error_description: "AADSTS90094: An administrator of x",
          }),
        },
        "← An administrator has to approve your organization's Nylas application (AADSTS90094).",
      ],
      [
        { comesBack, http: [answer(400, { error: { type: "token.exchange_failed", message: "used" } })] },
        "← Nylas did not accept the sign-in: a code works only once, for a few minutes.",
      ],
    ] as const) {
      const { wizard, input, dialogs } = setUpWizard(
        { settings: known, ...scene },
        ...start,
        WAIT,
        "Copy Details",
      );
      await wizard.run();
      assert.equal(input.pages.at(-1), page);
      assert.doesNotMatch(dialogs.shown[0]?.text ?? "", /code-1/);
    }
  });

  it("takes another client ID where the page does not know this one, and has the callback address to copy", async () => {
    const { wizard, saved, settings, dialogs, pages } = setUpWizard(
      {
        settings: known,
        http,
        comesBack: (page) => (page.href.includes("client-2") ? comesBack(page) : { state: "" }),
      },
      ...start,
      "Copy the Callback Address",
      "Enter Another Client ID…",
      "client-2",
      WAIT,
    );
    await wizard.run();
    assert.equal(dialogs.shown[0]?.text, "http://localhost:51739/callback");
    assert.deepEqual(
      [saved[0]?.[0].clientId, settings["nylas.clientId"], pages.length],
      ["client-2", "client-2", 2],
    );
  });

  it("signs in at the practice mailbox, which then is the one that everybody has", async () => {
    const { wizard, saved, settings, pages } = setUpWizard(
      { comesBack, http },
      ...start,
      "Practice mailbox",
      WAIT,
    );
    const added = await wizard.run();
    assert.deepEqual(
      [added?.id, added?.service, added?.grantId, added?.renewal],
      ["practice", "practice", "g-1", undefined],
    );
    assert.equal(saved[0]?.[1], undefined);
    assert.match(
      pages[0]?.href ?? "",
      /^http:\/\/127\.0\.0\.1:9\/v3\/connect\/auth\?client_id=practice-client&/,
    );
    assert.deepEqual(settings, {});
  });

  it("asks nothing of an address that the organization does not allow", async () => {
    const policy = { addresses: ["https://api.eu.nylas.com"] };
    const { wizard, pages } = setUpWizard({ settings: known, policy }, ...start);
    await assert.rejects(wizard.run(), /cannot be used here/);
    const broker = { "nylas.tokenUrl": "https://tokens.company.example/t", "nylas.region": "eu" };
    const asked = setUpWizard({ settings: broker, policy }, "Nylas", "Sign in through your company");
    await assert.rejects(asked.wizard.run(), /tokens\.company\.example cannot be used here/);
    const practice = setUpWizard({ policy: { practiceMailbox: false } }, ...start, "Practice mailbox");
    await assert.rejects(practice.wizard.run(), /cannot be used here/);
    assert.deepEqual([pages, asked.http.seen, practice.pages], [[], [], []]);
    // Whoever signs in has no API key.
    const free = setUpWizard(
      { settings: known, policy: { apiKeys: false }, comesBack, http },
      ...start,
      WAIT,
    );
    assert.equal((await free.wizard.run())?.email, "ada@example.com");
  });

  it("has a company's broker give the token, where one is set", async () => {
    const settings = { "nylas.tokenUrl": "https://tokens.company.example/t", "nylas.region": "eu" };
    const {
      wizard,
      saved,
      http: line,
    } = setUpWizard({ settings, http }, "Nylas", "Sign in through your company");
    const added = await wizard.run();
    assert.deepEqual(
      [added?.renewal, added?.apiUri, saved[0]?.[1]],
      ["broker", "https://api.eu.nylas.com", "nyt_1"],
    );
    assert.equal(line.seen[0]?.url, "https://tokens.company.example/t");
    const without = setUpWizard({}, "Nylas");
    await without.wizard.run();
    assert.deepEqual(
      without.input.rows.map(({ label }) => label),
      ["Sign in", "Access token", "API key"],
    );
  });

  it("goes back past a company's broker, which asks nobody", async () => {
    const lost = new FreightError("offline", "The machine is offline.");
    const broker = ["Nylas", "Sign in through your company", "Europe"];
    const settings = { "nylas.tokenUrl": "https://tokens.company.example/t" };
    const { wizard, http: line, input } = setUpWizard({ settings, http: [token, lost] }, ...broker, BACK);
    await wizard.run();
    assert.match(input.pages.at(-1) ?? "", /^← Which region/);
    assert.equal(line.seen.length, 2);
  });

  it("signs in again as the same mailbox, and as no other", async () => {
    const mine = account({ id: "a", grantId: "g-1", renewal: "signIn", clientId: "client-1" });
    const same = setUpWizard({ comesBack, http: [token] }, WAIT);
    assert.equal(await same.wizard.renew(mine), true);
    assert.equal(same.pages[0]?.searchParams.get("login_hint"), mine.email);
    assert.equal(same.saved[0]?.[1], "nyt_1");
    const other = setUpWizard({ comesBack, http: [token] }, WAIT);
    await assert.rejects(
      other.wizard.renew({ ...mine, grantId: "g-2" }),
      /That was a different mailbox than/,
    );
    assert.deepEqual(other.saved, []);
  });

  it("shows when a token that was pasted ends", async () => {
    const end = answer(200, { data: { exp: 1_900_000_000 } });
    const { wizard } = setUpWizard({ http: [mailbox, end] }, "Nylas", "Access token", "t-1", "United States");
    assert.equal((await wizard.run())?.credentialExpiresAt, 1_900_000_000_000);
    const mine = account({ grantId: "me", credentialExpiresAt: 1 });
    const unknown = setUpWizard(
      { http: [answer(200, { data: grant("g-1", mine.email) }), answer(404)] },
      "t-2",
    );
    assert.equal(await unknown.wizard.renew(mine), true);
    assert.equal(unknown.saved[0]?.[0].credentialExpiresAt, undefined);
  });
});
