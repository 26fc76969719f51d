import assert from "node:assert/strict";
import { fingerprint, isUntouched } from "../../../src/delivery/compose/untouched.ts";
import { attachment, delivery, emptyForm } from "../../support/records.ts";

describe("what of an unsent mail somebody would miss", () => {
  const form = { ...emptyForm, body: "Hello,\n\n-- \nKim" };
  const blank = { ...delivery({ form }), attachments: [], blank: fingerprint(form, []) };
  const files = [attachment({ id: "a", name: "a.zip" }), attachment({ id: "b", name: "b.zip" })];
  const ofFiles = { ...blank, attachments: files, blank: fingerprint(form, files) };

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

  it("is not the files that the mail began with, however far they are", () => {
    assert.equal(isUntouched(ofFiles), true);
    const further = files.map((file) => ({ ...file, status: "ready" as const, accepted: file.size }));
    assert.equal(isUntouched({ ...ofFiles, attachments: further }), true);
  });

  for (const [what, attachments] of [
    ["that was added", [...files, attachment({ id: "c", name: "c.zip" })]],
    ["that was taken out", files.slice(1)],
    ["that has another name", [attachment({ id: "a", name: "new.zip" }), ...files.slice(1)]],
  ] as const)
    it(`is a file ${what}`, () => assert.equal(isUntouched({ ...ofFiles, attachments }), false));

  it("is a file in a mail that began without", () => {
    assert.equal(isUntouched({ ...blank, attachments: [attachment()] }), false);
  });

  it("is not an image that came with the text of the settings", () => {
    const inline = { contentId: "img1", name: "logo.png", size: null };
    assert.equal(isUntouched({ ...blank, attachments: [attachment({ inline })] }), true);
  });

  it("is whatever a document or an assistant has filled in, or a record of before holds", () => {
    assert.equal(isUntouched({ ...blank, blank: null }), false);
  });
});
