import assert from "node:assert/strict";
import * as z from "zod";
import { manifestInEnglish } from "../../../scripts/l10n.ts";
import { type AccountFacts, assertAccount } from "../../../src/policy/accountRules.ts";
import { assertSize, linkObjection, recipientObjection, verdictOn } from "../../../src/policy/mailRules.ts";
import { bounded, isManaged, MANAGED_SETTINGS, policyWords } from "../../../src/policy/managedSettings.ts";
import { Policy } from "../../../src/policy/policySchema.ts";

const nylas: AccountFacts = {
  service: "nylas",
  serviceName: "Nylas",
  apiUri: "https://api.us.nylas.com",
  hasApiKey: true,
};
const graph: AccountFacts = {
  service: "graph",
  serviceName: "Microsoft 365",
  apiUri: "https://graph.microsoft.com",
  signIn: { clientId: "App", tenant: "company.example" },
};
const practice: AccountFacts = { service: "practice", serviceName: "Practice mailbox" };
const ruled = (policy: Policy) => ({ type: "ruled", policy, path: "policy.json" }) as const;

describe("A policy on accounts", () => {
  const refuses = (policy: Policy, facts: AccountFacts, message: RegExp) =>
    assert.throws(() => assertAccount(Policy.parse(policy), facts), { code: "policy-refused", message });
  const allows = (policy: Policy, ...all: AccountFacts[]) => {
    for (const facts of all) assertAccount(Policy.parse(policy), facts);
  };

  it("without rules allows everything", () => allows({}, nylas, graph, practice));

  it("allows the services that it names", () => {
    allows({ services: ["graph"] }, graph);
    refuses({ services: ["graph"] }, nylas, /^Nylas cannot be used here\. Managed by your organization\.$/);
    refuses({ services: ["graph"] }, practice, /^Practice mailbox cannot/);
    refuses({ services: [] }, graph, /cannot be used/);
  });

  it("allows the addresses that it names, by their origin, and the practice mailbox has none", () => {
    const policy = { addresses: ["https://graph.microsoft.com/v1.0"] };
    allows(policy, graph, practice);
    refuses(policy, nylas, /^The address https:\/\/api\.us\.nylas\.com cannot be used here/);
    for (const apiUri of [
      "https://graph.microsoft.com.evil.example",
      "https://graph.microsoft.com:444",
      "http://graph.microsoft.com",
      "https://graph.microsoft.com@evil.example",
    ])
      refuses(policy, { ...graph, apiUri }, /cannot be used/);
  });

  it("refuses API keys, and no other ones", () => {
    refuses({ apiKeys: false }, nylas, /^API keys cannot be used here/);
    allows({ apiKeys: false }, { ...nylas, hasApiKey: false }, graph);
  });

  it("allows the app registrations and directories that it names, and no sign-in that tells none", () => {
    allows({ clientIds: ["app"], tenants: ["COMPANY.example"] }, graph, nylas);
    refuses({ clientIds: ["other"] }, graph, /^The app registration App cannot/);
    refuses({ tenants: ["other.example"] }, graph, /^The directory company\.example cannot/);
    const unknown = { ...graph, signIn: { clientId: null, tenant: null } };
    refuses({ clientIds: ["app"] }, unknown, /of this sign-in/);
    refuses({ tenants: ["a.example"] }, unknown, /of this sign-in/);
  });

  it("refuses the practice mailbox", () => refuses({ practiceMailbox: false }, practice, /cannot be used/));
});

describe("A policy on recipients", () => {
  for (const [email, recipients, verdict] of [
    ["a@company.example", { allowed: ["company.example"] }, "allowed"],
    ["a@mail.Company.Example.", { allowed: ["COMPANY.example"] }, "allowed"],
    ["a@notcompany.example", { allowed: ["company.example"] }, "refused"],
    ["a@company.example.evil.example", { allowed: ["company.example"] }, "refused"],
    ["a@b@company.example", { refused: ["company.example"] }, "refused"],
    ["a@other.example", { allowed: [] }, "refused"],
    ["a@other.example", { asked: ["*"] }, "asked"],
    ["a@company.example", { allowed: ["company.example"], asked: ["*"] }, "allowed"],
    ["a@partner.example", { allowed: ["company.example"], asked: ["partner.example"] }, "asked"],
    ["a@x.partner.example", { asked: ["partner.example"], refused: ["x.partner.example"] }, "refused"],
    ["a@company.example", { allowed: ["company.example"], refused: ["company.example"] }, "refused"],
    ["a@other.example", { refused: ["company.example"] }, "allowed"],
    ["a@hr.company.example", { allowed: ["company.example"], asked: ["hr.company.example"] }, "asked"],
    ["a@company.example", { allowed: ["company.example"], asked: ["hr.company.example"] }, "allowed"],
    ["a@company.example", { allowed: ["company.example"], asked: ["company.example", "*"] }, "asked"],
    ["a@company.example", { asked: ["company.example"], refused: ["company.example"] }, "refused"],
    ["a@other.example", { asked: ["company.example"] }, "allowed"],
    ["a@xn--mnchen-3ya.example", { refused: ["XN--mnchen-3ya.example"] }, "refused"],
    ["noat", { allowed: ["company.example"] }, "refused"],
    ["a@", { allowed: ["company.example"] }, "refused"],
    ["a@other.example", undefined, "allowed"],
  ] as const)
    it(`says “${verdict}” of ${email} by ${JSON.stringify(recipients)}`, () => {
      const policy = Policy.parse({ recipients });
      assert.equal(verdictOn(email, policy.recipients), verdict);
      assert.equal(recipientObjection([email], policy) !== undefined, verdict === "refused");
    });

  it("names the first and how many more", () => {
    const policy = Policy.parse({ recipients: { allowed: ["company.example"] } });
    assert.equal(
      recipientObjection(["a@x.example", "b@company.example", "c@y.example"], policy),
      "Mail to a@x.example and 1 other is not allowed.",
    );
  });
});

describe("A policy on links", () => {
  for (const [audience, days, policy, words] of [
    ["anyone", null, {}, undefined],
    ["anyone", 1, { recipients: { asked: ["*"] } }, undefined],
    ["anyone", 1, { recipients: { allowed: ["company.example"] } }, /anyone can open are not allowed/],
    ["anyone", 1, { recipients: { refused: ["gmail.com"] } }, /anyone can open are not allowed/],
    ["anyone", 1, { recipients: { allowed: [] }, linkAudience: "anyone" }, undefined],
    ["anyone", 1, { linkAudience: "organization" }, /anyone can open are not allowed/],
    ["organization", 1, { linkAudience: "organization" }, undefined],
    ["organization", 1, { recipients: { allowed: ["company.example"] } }, undefined],
    ["organization", 1, { linkAudience: "recipients" }, /^Only the recipients/],
    ["recipients", null, { linkAudience: "recipients" }, undefined],
    ["recipients", 30, { mostLinkDays: 30 }, undefined],
    ["recipients", 31, { mostLinkDays: 30 }, /at most 30 days/],
    ["recipients", null, { mostLinkDays: 1 }, /at most 1 day\./],
  ] as const)
    it(`${words === undefined ? "allows" : "refuses"} ${audience}, ${days} days, by ${JSON.stringify(policy)}`, () => {
      const objection = linkObjection({ audience, days }, Policy.parse(policy));
      if (words === undefined) assert.equal(objection, undefined);
      else assert.match(objection ?? "", words);
    });
});

describe("A policy on sizes and settings", () => {
  it("refuses what is larger, and nothing that is as large", () => {
    assertSize(1024 * 1024, { largestMailMB: 1 });
    assert.throws(() => assertSize(1024 * 1024 + 1, { largestMailMB: 1 }), {
      code: "policy-refused",
      message: "This mail is 1 MB; the limit is 1 MB. Managed by your organization.",
    });
  });

  it("bounds what a person has set, and leaves what is within", () => {
    const policy = ruled({
      leastUndoSeconds: 10,
      mostHistoryDays: 7,
      terminalLinks: false,
      lookUpMailServers: false,
      ownDomains: ["company.example"],
      questions: { outside: true, manyRecipients: 20 },
    });
    assert.deepEqual(
      [bounded("undoSendSeconds", 5, policy), bounded("undoSendSeconds", 20, policy)],
      [10, 20],
    );
    assert.deepEqual([bounded("history.days", 60, policy), bounded("history.days", 3, policy)], [7, 3]);
    assert.equal(bounded("terminalLinks", true, policy), false);
    assert.equal(bounded("lookUpMailServers", true, policy), false);
    assert.deepEqual(bounded("ownDomains", ["evil.example"], policy), ["company.example"]);
    assert.deepEqual(
      [bounded("ask.outside", false, policy), bounded("ask.firstTime", false, policy)],
      [true, false],
    );
    assert.deepEqual(
      [0, 10, 50].map((own) => bounded("ask.manyRecipients", own, policy)),
      [20, 10, 20],
    );
    const links = ruled({ linkAudience: "organization", mostLinkDays: 30 });
    assert.deepEqual(
      (["recipients", "organization", "anyone"] as const).map((own) => bounded("links.audience", own, links)),
      ["recipients", "organization", "organization"],
    );
    assert.equal(bounded("links.audience", "anyone", ruled({ recipients: { allowed: [] } })), "organization");
    assert.deepEqual(
      [0, 7, 90].map((own) => bounded("links.days", own, links)),
      [30, 7, 30],
    );
    assert.deepEqual([bounded("links.days", 0, ruled({})), bounded("links.days", 7, ruled({}))], [0, 7]);
    assert.equal(bounded("undoSendSeconds", 5, { type: "none" }), 5);
    assert.equal(bounded("ask.manyRecipients", 7, ruled({})), 7);
  });

  it("is told where a setting is used, as long as it makes something else of it", () => {
    const policy = ruled({ leastUndoSeconds: 10, ownDomains: ["company.example"] });
    assert.deepEqual(
      [5, 10, 20].map((own) => isManaged("undoSendSeconds", own, policy)),
      [true, false, false],
    );
    assert.deepEqual(
      [isManaged("ownDomains", ["company.example"], policy), isManaged("ownDomains", [], ruled({}))],
      [false, false],
    );
    assert.equal(isManaged("ownDomains", ["evil.example"], policy), true);
    assert.equal(isManaged("undoSendSeconds", 5, { type: "none" }), false);
  });

  it("is named in the description of each setting that it can bound, and of no other", () => {
    const Manifest = z.object({
      contributes: z.object({
        configuration: z.array(
          z.object({ properties: z.record(z.string(), z.object({ markdownDescription: z.string() })) }),
        ),
      }),
    });
    const named = Manifest.parse(JSON.parse(manifestInEnglish()))
      .contributes.configuration.flatMap(({ properties }) => Object.entries(properties))
      .filter(([, { markdownDescription }]) =>
        markdownDescription.includes("Your organization can manage this setting"),
      );
    assert.deepEqual(
      named.map(([name]) => name).sort(),
      MANAGED_SETTINGS.map((name) => `freightMail.${name}`).sort(),
    );
  });

  it("is told in words", () => {
    assert.equal(policyWords({ type: "none" }), undefined);
    assert.equal(policyWords(ruled({})), "Managed by your organization");
    assert.equal(
      policyWords(
        ruled({ services: ["graph"], recipients: { allowed: ["company.example"] }, assistants: false }),
      ),
      "Managed by your organization: services: graph · recipients in company.example · no AI assistants.",
    );
  });
});
