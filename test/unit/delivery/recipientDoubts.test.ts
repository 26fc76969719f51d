import assert from "node:assert/strict";
import { questionReasons } from "../../../src/delivery/rules/questionReasons.ts";
import { type RecipientQuestions, recipientDoubts } from "../../../src/delivery/rules/recipientDoubts.ts";
import { emptyForm as form } from "../../support/records.ts";

const circle = {
  from: "kim@company.example",
  ours: { addresses: ["kim@company.example"], domains: [] },
  known: [{ name: null, email: "Old@company.example" }],
};
const people = [
  "old@company.example",
  "new@company.example",
  "eve@elsewhere.example",
  "kim@company.example",
].map((email) => ({ name: null, email }));
const nothing: RecipientQuestions = {
  outside: false,
  firstTime: false,
  manyRecipients: 0,
  isAsked: () => false,
};

describe("What is asked about recipients", () => {
  const ask = (change: Partial<RecipientQuestions>, whom = people) =>
    recipientDoubts(whom, circle, { ...nothing, ...change });
  const told = (doubts: ReturnType<typeof ask>) =>
    doubts?.people.map(({ email, why }) => `${email}: ${why.join(", ")}`);

  it("is nothing unless somebody wants it", () => assert.equal(ask({}), undefined));

  it("is who is outside", () =>
    assert.deepEqual(told(ask({ outside: true })), ["eve@elsewhere.example: outside"]));

  it("is who was never written to, but for oneself", () =>
    assert.deepEqual(told(ask({ firstTime: true })), [
      "new@company.example: not written to before from here",
      "eve@elsewhere.example: not written to before from here",
    ]));

  it("is each one once, with everything that there is to say", () => {
    const doubts = ask({ outside: true, firstTime: true, isAsked: (email) => email.startsWith("eve") });
    assert.equal(
      told(doubts)?.at(-1),
      "eve@elsewhere.example: outside, not written to before from here, your organization asks you to confirm",
    );
  });

  it("is that they are many, from the number on that was set", () => {
    assert.equal(ask({ manyRecipients: 5 }), undefined);
    assert.deepEqual(ask({ manyRecipients: 4 }), { people: [], many: 4 });
  });

  it("stands in one list with the other reasons", () => {
    const doubts = ask({ outside: true });
    const reasons = questionReasons({ form: { ...form, subject: "" }, attachments: [] }, undefined, doubts);
    assert.deepEqual(
      reasons.map(({ type }) => type),
      ["noSubject", "recipients"],
    );
  });
});
