import assert from "node:assert/strict";
import { readComposeLink } from "../../../src/delivery/compose/composeLink.ts";

const nothing = { files: [], to: undefined, cc: undefined, bcc: undefined, subject: undefined };

describe("A link that fills in a mail", () => {
  for (const [query, filled] of [
    ["", {}],
    ["to=ada@x.example", { to: "ada@x.example" }],
    [
      "to=ada@x.example&to=bob@x.example&CC=c@x.example",
      { to: "ada@x.example, bob@x.example", cc: "c@x.example" },
    ],
    ["subject=R&D, 100% done&body=a=b&c", { subject: "R&D, 100% done", body: "a=b&c", format: "text" }],
    ["body=one\r\ntwo\n\tthree", { body: "one\ntwo\n   three".replace("   ", "\t"), format: "text" }],
    ["to=+1@x.example", { to: "+1@x.example" }],
    ["subject=", {}],
    ["to=  &body=  ", {}],
  ] as const)
    it(`fills in what it names: ${query}`, () =>
      assert.deepEqual(readComposeLink("/compose", query), { ...nothing, ...filled }));

  for (const [what, query, filled] of [
    [
      "attaches no file",
      "files=/etc/passwd&attach=/etc/passwd&attachment=x&to=a@x.example",
      { to: "a@x.example" },
    ],
    ["chooses no account", "account=boss@x.example&to=a@x.example", { to: "a@x.example" }],
    ["sends nothing", "send=true&action=send&to=a@x.example", { to: "a@x.example" }],
    [
      "names no image: what looks like one is text",
      "body=![x](secret.png)&format=markdown",
      { body: "![x](secret.png)&format=markdown", format: "text" },
    ],
    [
      "hides nothing in a subject",
      "subject=Hello\u202e\u200b\r\nBcc: evil@x.example",
      { subject: "Hello Bcc: evil@x.example" },
    ],
    ["hides nobody", "to=a\u200bda@x.example\r\n,\u202eb@x.example", { to: "ada@x.example ,b@x.example" }],
    ["hides nothing in the text", "body=a\u202eb\u200b\nc\u0000", { body: "ab\nc", format: "text" }],
  ] as const)
    it(what, () => assert.deepEqual(readComposeLink("/compose", query), { ...nothing, ...filled }));

  for (const [path, query] of [
    ["/send", "to=a@x.example"],
    ["/compose/send", ""],
    ["/", "to=a@x.example"],
    ["", ""],
    ["/compose", `body=${"x".repeat(70_000)}`],
  ] as const)
    it(`is refused as ${path || "nothing"} of ${query.length} characters`, () =>
      assert.throws(() => readComposeLink(path, query), /does not know what this link is for/));
});
