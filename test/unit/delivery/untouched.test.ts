import assert from "node:assert/strict";
import { fingerprint, isUntouched } from "../../../src/delivery/compose/untouched.ts";
import { attachment, delivery, emptyForm } from "../../support/records.ts";

describe("what of an unsent mail somebody would miss", () => {
  const form = { ...emptyForm, body: "Hello,\n\n-- \nKim" };
  const blank = { ...delivery({ form }), attachments: [], blank: fingerprint(form) };

  it("is nothing in a mail that reads as the settings began it", () => {
    assert.equal(isUntouched(blank), true);
  });

  it("is nothing once what was typed is taken out again", () => {
    assert.equal(isUntouched({ ...blank, form: { ...form, revision: 7 } }), true);
  });

  for (const field of ["to", "cc", "bcc", "replyTo", "headers", "subject", "body"] as const)
    it(`is a letter that was typed into ${field}`, () => {
      assert.equal(isUntouched({ ...blank, form: { ...form, revision: 1, [field]: "x" } }), false);
    });

  it("is a text that was taken out", () => {
    assert.equal(isUntouched({ ...blank, form: { ...form, revision: 1, body: "" } }), false);
  });

  it("is a file", () => {
    assert.equal(isUntouched({ ...blank, attachments: [attachment()] }), false);
  });

  it("is whatever a document or an assistant has filled in, or a record of before holds", () => {
    assert.equal(isUntouched({ ...blank, blank: null }), false);
  });
});
