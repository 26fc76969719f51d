import assert from "node:assert/strict";
import { mock } from "node:test";
import { BACK } from "../../../../../src/ui/accounts/pages/pageInput.ts";
import { account } from "../../../../support/records.ts";
import { me, type Scene, setUpWizard, token } from "../../../../support/wizardScene.ts";

const GLOBAL = "https://graph.microsoft.com";
const id = "5d2c1f60-7e43-4b18-9a0d-3f6b8c2e7a91";
const other = "0d0c1f60-7e43-4b18-9a0d-3f6b8c2e7a91";
const start = ["Microsoft 365", "Global", "My mailbox", "Sign in with Microsoft"] as const;
const company = "Company or School Account";
const personal = "Personal Account";
const [enterId, signIn, again] = ["Enter Client ID…", "Sign In", "Sign In Again"] as const;
const known = { "graph.clientId": id, "graph.tenant": "contoso.com" };

/** With which client and directory VS Code was asked to sign in, try by try. */
function tries(asked: readonly unknown[]): string[] {
  return (asked as { scopes?: readonly string[]; silent?: boolean }[])
    .filter(({ scopes, silent }) => scopes !== undefined && silent !== true)
    .map(({ scopes = [] }) =>
      scopes
        .filter((scope) => scope.startsWith("VSCODE_"))
        .map((scope) => scope.replace(/^VSCODE_\w+?:/, ""))
        .join(" "),
    );
}

describe("Signing in with Microsoft for the first time", () => {
  afterEach(() => mock.restoreAll());
  const works = { people: ["ada", "ada"], http: me } satisfies Scene;

  it("asks for account, client and directory in place, and keeps them as settings", async () => {
    const { wizard, settings, asked, input, saved } = setUpWizard(
      works,
      ...start,
      company,
      enterId,
      "freight-mail",
      id,
      "contoso",
      "contoso.com",
      signIn,
    );
    assert.equal((await wizard.run())?.email, "ada@example.com");
    assert.deepEqual(settings, known);
    assert.deepEqual(tries(asked), [`${id} contoso.com`]);
    assert.equal(input.refusals.length, 2);
    assert.equal(saved.length, 1);
    input.checkDone();
  });

  it("asks a personal account neither for a directory nor for an administrator", async () => {
    const { wizard, settings, asked, input } = setUpWizard(works, ...start, personal, enterId, id);
    assert.equal((await wizard.run())?.email, "ada@example.com");
    assert.deepEqual(settings, { "graph.clientId": id, "graph.tenant": "consumers" });
    assert.deepEqual(tries(asked), [`${id} consumers`]);
    input.checkDone();
  });

  it("offers what an administrator needs, and stays where it is", async () => {
    const { wizard, dialogs, input } = setUpWizard(
      {},
      ...start,
      company,
      "Copy Registration Command",
      "Copy Steps",
      enterId,
      id,
      "contoso.com",
      "Copy Administrator's Consent Link",
    );
    await wizard.run();
    const copied = dialogs.shown.filter(({ how }) => how === "copy").map(({ text }) => text);
    assert.match(copied[0] ?? "", /^id=\$\(az ad app create .*AzureADMyOrg/);
    assert.match(copied[1] ?? "", /Mobile and desktop applications/);
    assert.match(copied[2] ?? "", new RegExp(`/contoso\\.com/v2\\.0/adminconsent\\?client_id=${id}&`));
    assert.equal(input.pages.at(-1), "← Ready to sign in?");
  });

  it("keeps every answer when the person leaves, and asks only for the rest the next time", async () => {
    const first = setUpWizard({}, ...start, company, enterId, id);
    assert.equal(await first.wizard.run(), undefined);
    assert.deepEqual(first.settings, { "graph.clientId": id, "graph.tenant": "organizations" });
    const second = setUpWizard({ ...works, settings: first.settings }, ...start, company);
    assert.equal((await second.wizard.run())?.email, "ada@example.com");
  });

  it("goes back page by page, past those that a personal account does not see", async () => {
    const there = setUpWizard({}, ...start, company, enterId, id, BACK, enterId, BACK, BACK, BACK);
    await there.wizard.run();
    assert.deepEqual(
      there.input.pages.slice(4).map((page) => page.slice(2, 22)),
      [
        "Which kind of Micros",
        "Your organization's ",
        "Application (client)",
        "Your organization's ",
        "Your organization's ",
        "Application (client)",
        "Your organization's ",
        "Which kind of Micros",
        "How do you want to s",
      ],
    );
    const mine = setUpWizard({ people: [] }, ...start, personal, enterId, id, BACK, BACK);
    await mine.wizard.run();
    assert.deepEqual(
      mine.input.pages.slice(-3).map((page) => page.slice(2, 22)),
      ["The sign-in with Mic", "Your organization's ", "Which kind of Micros"],
    );
  });

  it("goes on with an answer that VS Code cannot save", async () => {
    const scene = { ...works, settingsAreBroken: true };
    const { wizard, reported, asked } = setUpWizard(scene, ...start, personal, enterId, id);
    assert.equal((await wizard.run())?.email, "ada@example.com");
    assert.deepEqual(tries(asked), [`${id} consumers`]);
    assert.match(reported[0]?.message ?? "", /could not save “graph\.tenant” in your settings/);
  });

  it("changes no directory in the settings that somebody has named, for a personal account", async () => {
    const { wizard, settings, asked } = setUpWizard({ ...works, settings: known }, ...start, personal);
    await wizard.run();
    assert.deepEqual([settings, tries(asked)], [known, [`${id} consumers`]]);
  });

  it("signs nobody in to a shared mailbox as a personal account", async () => {
    const settings = { "graph.clientId": id, "graph.tenant": "consumers" };
    const shared = [...start.slice(0, 2), "A shared mailbox…", "team@example.com", start[3]];
    const { wizard, asked } = setUpWizard({ settings }, ...shared);
    await wizard.run();
    assert.deepEqual(tries(asked), [`${id} organizations`]);
  });

  it("takes only what the policy allows, where it is typed, and saves nothing else", async () => {
    const policy = {
      clientIds: [id, "22222222-2222-3333-4444-555555555555"],
      tenants: ["contoso.com", "b.example"],
    };
    const { wizard, input, settings } = setUpWizard(
      { ...works, policy },
      ...start,
      enterId,
      other,
      id,
      "c.example",
      "contoso.com",
      signIn,
    );
    assert.equal((await wizard.run())?.email, "ada@example.com");
    assert.deepEqual(input.refusals, [
      "Your organization does not allow this app registration here.",
      "Your organization does not allow this directory here.",
    ]);
    assert.deepEqual(settings, known);
    // Neither does it offer a kind of account that would be refused.
    assert.ok(!input.pages.some((page) => page.includes("Which kind")));
  });
});

describe("A sign-in with Microsoft that is refused", () => {
  afterEach(() => mock.restoreAll());
  const refused = (code: number) => new Error(`AADSTS${code}: Microsoft says why. Trace ID: 1`);
  const then = (first: Error): Scene => ({ settings: known, people: [first, "ada", "ada"], http: me });

  it("is explained in the wizard, and goes on there", async () => {
    const { wizard, input, dialogs, reported } = setUpWizard(
      then(refused(90094)),
      ...start,
      company,
      "Copy Administrator's Consent Link",
      again,
    );
    assert.equal((await wizard.run())?.email, "ada@example.com");
    const sentence = "← An administrator has to approve Freight Mail for your organization (AADSTS90094).";
    assert.equal(input.pages.filter((page) => page === sentence).length, 2);
    assert.match(dialogs.shown[0]?.text ?? "", /adminconsent/);
    assert.deepEqual(reported, []);
  });

  it("takes another client ID, or another directory, and tries with that", async () => {
    const client = setUpWizard(
      then(refused(700016)),
      ...start,
      company,
      "Enter Another Client ID…",
      BACK,
      "Enter Another Client ID…",
      other,
    );
    assert.equal((await client.wizard.run())?.email, "ada@example.com");
    assert.deepEqual(tries(client.asked), [`${id} contoso.com`, `${other} contoso.com`]);
    assert.equal(client.settings["graph.clientId"], other);
    const place = setUpWizard(
      then(refused(50020)),
      ...start,
      company,
      "Change Account Type…",
      company,
      "b.example",
    );
    await place.wizard.run();
    assert.deepEqual(tries(place.asked), [`${id} contoso.com`, `${id} b.example`]);
    const own = setUpWizard(then(refused(50020)), ...start, company, "Change Account Type…", personal);
    await own.wizard.run();
    assert.deepEqual(tries(own.asked), [`${id} contoso.com`, `${id} consumers`]);
  });

  it("is explained by the code that only the browser shows", async () => {
    const { wizard, input, dialogs } = setUpWizard(
      then(new Error("User did not consent to login.")),
      ...start,
      company,
      "Enter an Error Code…",
      "50011",
      "AADSTS50011: The redirect URI 'http://localhost' specified",
      "Copy http://localhost",
      again,
    );
    assert.equal((await wizard.run())?.email, "ada@example.com");
    assert.deepEqual(input.refusals, ["A code looks like AADSTS50011."]);
    assert.equal(dialogs.shown[0]?.text, "http://localhost");
  });

  it("passes on nothing secret with its details", async () => {
    const words = `AADSTS53003: blocked. https://x.example/cb?code=SECRET Bearer SECRET for ada@example.com`;
    const { wizard, dialogs } = setUpWizard(then(new Error(words)), ...start, company, "Copy Details");
    await wizard.run();
    assert.match(dialogs.shown[0]?.text ?? "", /^AADSTS53003: blocked\./);
    assert.doesNotMatch(dialogs.shown[0]?.text ?? "", /SECRET|ada@/);
  });

  it("shows no link, icon or command that a message brings along", async () => {
    const words = "AADSTS50011: The redirect URI '$(x)[a](command:b)' specified";
    const { wizard, input } = setUpWizard(then(new Error(words)), ...start, company);
    await wizard.run();
    assert.equal(input.rows[0]?.label, "Copy \\$(x)[a] (command:b)");
  });

  it("is explained in the same way when an account is signed in again, and keeps its permissions", async () => {
    const scopes = [`VSCODE_CLIENT_ID:${id}`, "VSCODE_TENANT:contoso.com", `${GLOBAL}/Mail.Send`];
    const mine = account({
      service: "graph",
      apiUri: GLOBAL,
      grantId: "me",
      signIn: { provider: "microsoft", scopes, accountId: "ada" },
    });
    const scene = { people: [refused(700016), "ada"] };
    const { wizard, saved, input } = setUpWizard(scene, "Enter Another Client ID…", other);
    assert.equal(await wizard.renew(mine), true);
    assert.equal(input.pages[0], "Microsoft does not know this client ID in this directory (AADSTS700016).");
    assert.deepEqual(saved[0]?.[0].signIn?.scopes, [`VSCODE_CLIENT_ID:${other}`, ...scopes.slice(1)]);
    const left = setUpWizard({ people: [refused(700016)] });
    assert.equal(await left.wizard.renew(mine), false);
    assert.deepEqual(left.saved, []);
  });

  describe("when more is to be allowed", () => {
    const scopes = [`VSCODE_CLIENT_ID:${id}`, "VSCODE_TENANT:contoso.com", `${GLOBAL}/Mail.Send`];
    const narrow = account({
      service: "graph",
      apiUri: GLOBAL,
      grantId: "me",
      sendOnly: true,
      signIn: { provider: "microsoft", scopes, accountId: "ada" },
    });
    const all = [...scopes, `${GLOBAL}/Mail.ReadWrite`, `${GLOBAL}/User.Read`];

    it("asks the same account for what is missing, and keeps it", async () => {
      const { wizard, saved, asked } = setUpWizard({ people: ["ada"] });
      assert.deepEqual((await wizard.allowMore(narrow))?.signIn?.scopes, all);
      assert.deepEqual(saved[0]?.[0].signIn?.scopes, all);
      assert.deepEqual(asked[0], {
        provider: "microsoft",
        scopes: all,
        createIfNone: true,
        clearSessionPreference: true,
        account: { id: "ada", label: "ada@example.com" },
      });
    });

    it("asks for a place for files alone where those are to go as links", async () => {
      const { wizard, saved, asked } = setUpWizard({ people: ["ada"] });
      const wider = [...scopes, `${GLOBAL}/Files.ReadWrite`];
      assert.deepEqual((await wizard.allowLinks(narrow))?.signIn?.scopes, wider);
      assert.deepEqual(saved[0]?.[0].signIn?.scopes, wider);
      assert.equal(asked.length, 1);
    });

    it("offers the administrator's consent link where a person may not, and leaves the account as it is", async () => {
      const { wizard, saved, dialogs, input } = setUpWizard(
        { people: [refused(90094)] },
        "Copy Administrator's Consent Link",
      );
      assert.equal(await wizard.allowMore(narrow), undefined);
      assert.match(input.pages[0] ?? "", /An administrator has to approve/);
      assert.match(decodeURIComponent(dialogs.shown[0]?.text ?? ""), /scope=\S+Mail\.ReadWrite /);
      assert.deepEqual(saved, []);
    });

    it("refuses another account", async () => {
      const { wizard, saved } = setUpWizard({ people: ["bob"] });
      await assert.rejects(wizard.allowMore(narrow), /That was a different account/);
      assert.deepEqual(saved, []);
    });

    it("takes another token in the place of one that was pasted", async () => {
      const { signIn: _, ...pasted } = narrow;
      const { wizard, saved } = setUpWizard({}, token());
      assert.equal((await wizard.allowMore(pasted))?.id, pasted.id);
      assert.equal(saved.length, 1);
    });
  });
});
