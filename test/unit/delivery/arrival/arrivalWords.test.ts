import assert from "node:assert/strict";
import { newArrival, type ReturnNote } from "../../../../src/delivery/arrival/arrival.ts";
import { RefusalReason } from "../../../../src/delivery/arrival/refusal.ts";
import {
  arrivalSentence,
  arrivalSummary,
  refusedBy,
  returnProblem,
} from "../../../../src/delivery/words/arrivalWords.ts";
import { attachment, delivery, emptyForm, now } from "../../../support/records.ts";

const note = (email: string, change: Partial<ReturnNote> = {}): ReturnNote => ({
  email,
  action: "failed",
  reason: "tooLarge",
  words: "552 too large",
  at: now,
  ...change,
});
const sent = (returns: readonly ReturnNote[], change = {}, name = "trace.log") =>
  delivery({
    phase: "sent",
    finishedAt: now,
    attachments: [attachment({ name })],
    message: {
      ...emptyForm,
      to: [{ name: null, email: "ann@x.example" }],
      cc: [],
      bcc: [],
      replyTo: [],
      headers: [],
    },
    arrival: { ...newArrival(now, {}), returns: [...returns], ...change },
  });

describe("What is said of a mail that was sent", () => {
  for (const [returns, change, sentence, summary] of [
    [[], {}, "", "sent"],
    [
      [],
      { lookedAt: now },
      /^Nothing has come back \(checked .* at \d\d:\d\d\)\.$/,
      "sent, nothing came back",
    ],
    [[], { barred: true }, / may not read its inbox/, "sent"],
    [[note("ann@x.example")], { lookedAt: now }, "", "came back: too large (ann@x.example)"],
    [
      [note("ann@x.example", { action: "relayed" })],
      { lookedAt: now },
      /^Passed on for ann@x\.example to a server that gives no receipt\./,
      "sent, passed on without a receipt",
    ],
    [[note("ann@x.example", { action: "delivered" })], {}, "Delivered to ann@x.example.", "delivered"],
    [[note("ann@x.example", { action: "delayed" })], {}, /^Delayed for ann@x\.example/, "sent, delayed"],
  ] as const)
    it(`is “${summary}” with ${returns.map(({ action }) => action).join() || JSON.stringify(change)}`, () => {
      const mail = sent(returns, change);
      const said = arrivalSentence(mail, now);
      if (typeof sentence === "string") assert.equal(said, sentence);
      else assert.match(said, sentence);
      assert.equal(arrivalSummary(mail) ?? "sent", summary);
      assert.equal(returnProblem(mail) === null, !summary.startsWith("came back"));
    });

  for (const reason of RefusalReason.options)
    it(`is why and what to do when it is ${reason}`, () => {
      const problem = returnProblem(sent([note("ann@x.example", { reason })]));
      assert.match(
        problem?.message ?? "",
        /^Not delivered to ann@x\.example: [a-z ]+\.( The server said: “552 too large”)?$/,
      );
      assert.ok(problem?.remedy);
      assert.match(problem.remedy.label, /…$|Commands$/);
    });

  it("names everybody, and why each did not get it", () => {
    const notes = [note("ann@x.example"), note("bob@y.example", { reason: "noAddress" })];
    const problem = returnProblem(sent([...notes, note("c@z.example", { action: "delivered" })]));
    assert.deepEqual(problem, {
      message: "Not delivered: ann@x.example (too large) and bob@y.example (no such address).",
      remedy: { remedy: "compressAndSend", label: "Compress and Send to ann@x.example…" },
      also: { remedy: "correctAddress", label: "Correct the Address…" },
      requestId: null,
    });
    assert.deepEqual(refusedBy(sent(notes), "correctAddress"), ["bob@y.example"]);
    const many = [1, 2, 3, 4].map((at) => note(`p${at}@x.example`));
    const words = returnProblem(sent(many));
    assert.match(
      words?.message ?? "",
      /^Not delivered to p1@x\.example, p2@x\.example and 2 more recipients: /,
    );
    assert.equal(words?.remedy?.label, "Compress and Send to 4 Recipients…");
  });

  it("offers no zip of what a zip does not make smaller", () => {
    for (const name of ["film.mp4", "build.tar.gz", "deck.PPTX"])
      assert.equal(
        returnProblem(sent([note("ann@x.example")], {}, name))?.remedy?.label,
        "Send Again to ann@x.example…",
      );
  });

  it("offers a link where the account can, beside a zip or in its place", () => {
    const ways = (name: string, hasLinks: boolean, reason: RefusalReason = "tooLarge") => {
      const { remedy, also } =
        returnProblem({ ...sent([note("ann@x.example", { reason })], {}, name), hasLinks }) ?? {};
      return [remedy?.label, also?.label];
    };
    const compress = "Compress and Send to ann@x.example…";
    const link = "Send a Link to ann@x.example…";
    assert.deepEqual(ways("trace.log", true), [compress, link]);
    assert.deepEqual(ways("film.mp4", true), [link, undefined]);
    assert.deepEqual(ways("film.mp4", true, "ownLimit"), ["Copy PowerShell Commands", link]);
    assert.deepEqual(ways("film.mp4", true, "mailboxFull"), ["Send Again to ann@x.example…", undefined]);
    assert.deepEqual(ways("trace.log", false), [compress, undefined]);
  });

  it("offers no mail to somebody whom the mail does not name", () => {
    const problem = returnProblem(sent([{ ...note(""), email: null, words: "" }]));
    assert.deepEqual(
      [problem?.message, problem?.remedy],
      ["Not delivered to a recipient: the mail is too large for the mailbox.", null],
    );
  });

  it("shows addresses as what they are", () => {
    const { message = "" } = returnProblem(sent([note("a\u202en@x.example", { words: "" })])) ?? {};
    assert.ok(!message.includes("\u202e"));
  });
});
