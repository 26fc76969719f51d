import assert from "node:assert/strict";
import { advance } from "../../../src/delivery/record/advance.ts";
import type { CleanupTask, DeliveryRecord } from "../../../src/delivery/record/delivery.ts";
import type { Draft } from "../../../src/services/drafts.ts";
import type { FileLink } from "../../../src/services/fileLinks.ts";
import { attachment, delivery, now, savedError, session } from "../../support/records.ts";

const draft: Draft = { kind: "message", id: "draft-1", internetMessageId: null };
const link: FileLink = {
  url: "https://files.example/1",
  audience: "recipients",
  people: ["ann@x.example"],
  until: null,
};
const saved = (id: string) => ({ accountId: "account", id, internetMessageId: null, links: [] });
const ready = attachment({ status: "ready", session: session() });
const onLink = { ...ready, asLink: true, link };
const tasks = ({ remoteCleanup }: DeliveryRecord) => remoteCleanup.map(({ id, over }) => ({ id, ...over }));
/** One file of a mail that has left with a link to it, beside another one. */
const out = (change: Partial<DeliveryRecord> = {}) =>
  delivery({ phase: "sent", attachments: [attachment({ id: "other" }), onLink], ...change });
const file = ({ attachments }: DeliveryRecord) => attachments.find(({ id }) => id === "file-1");

describe("What a service has of a mail", () => {
  it("may be a draft as soon as one is asked for", () => {
    assert.equal(advance(delivery(), { type: "draftAsked" }).draftAsked, true);
    assert.deepEqual(advance(delivery(), { type: "draftOpened", draft }).draft, draft);
  });

  for (const [phase, after] of [
    ["sending", "waiting"],
    ["composing", "composing"],
    ["failed", "failed"],
  ] as const)
    it(`is nothing once the draft is gone: ${phase}, then ${after}`, () => {
      const attachments = [ready, { ...onLink, id: "linked" }];
      const mail = delivery({ phase, draft, draftAsked: true, propertiesWritten: ["x-a"], attachments });
      const gone = advance(mail, { type: "draftDropped" });
      const { draftAsked, propertiesWritten } = gone;
      assert.deepEqual([gone.phase, gone.draft, draftAsked, propertiesWritten], [after, null, false, []]);
      assert.deepEqual(
        gone.attachments.map(({ status, session: kept }) => [status, kept === null]),
        [
          ["queued", true],
          ["ready", false],
        ],
      );
    });

  describe("is told of an upload that is given up", () => {
    const giveUp = (mail: DeliveryRecord) =>
      advance(mail, { type: "uploadAbandoned", attachmentId: "file-1", at: now });

    it("with all that is needed to delete it", () => {
      const other = attachment({ id: "other", status: "ready", session: session() });
      const after = giveUp(delivery({ draft, attachments: [other, ready] }));
      const { expiresAt } = session();
      const upload = { type: "upload", size: 1000, asLink: false, attachmentId: "remote-1", expiresAt };
      assert.deepEqual(tasks(after), [{ id: "file-1", ...upload, holder: draft }]);
      assert.deepEqual([file(after)?.session, file(after)?.abandoned], [null, 1]);
      assert.deepEqual(after.attachments[0], other);
    });

    it("although its session was only asked for, or has no name yet", () => {
      const after = giveUp(delivery({ attachments: [attachment({ status: "creating", abandoned: 1 })] }));
      const [task] = tasks(after);
      assert.deepEqual(task, {
        id: "file-1.1",
        type: "upload",
        size: 1000,
        asLink: false,
        holder: null,
        attachmentId: null,
        expiresAt: null,
      });
      assert.equal(file(after)?.abandoned, 2);
    });

    it("which is in no draft where it goes as a link", () => {
      const [task] = tasks(giveUp(delivery({ draft, attachments: [onLink] })));
      assert.deepEqual(
        [task?.type === "upload" && task.holder, task?.type === "upload" && task.asLink],
        [null, true],
      );
    });

    it("and of none that went out with another mail", () => {
      const after = giveUp(delivery({ attachments: [{ ...ready, reused: true }] }));
      assert.deepEqual([tasks(after), file(after)?.session], [[], null]);
    });

    for (const [what, attachments] of [
      ["has no session", [attachment()]],
      ["is not there", [{ ...ready, id: "another" }]],
    ] as const)
      it(`and of none that ${what}`, () => {
        const mail = delivery({ attachments });
        assert.equal(giveUp(mail), mail);
      });
  });

  describe("is told of a draft that is given up", () => {
    const giveUp = (mail: DeliveryRecord) => advance(mail, { type: "draftAbandoned", at: now });

    for (const [what, change, id, over] of [
      ["by its id", { draft, draftAsked: true }, "draft.draft-1", draft],
      ["although nobody knows whether it is there", { draftAsked: true }, `draft.${now}`, null],
      [
        "besides the one that a person has saved",
        { draft, savedDraft: saved("draft-2") },
        "draft.draft-1",
        draft,
      ],
    ] as const)
      it(what, () => {
        const after = giveUp(delivery(change));
        assert.deepEqual(tasks(after), [{ id, type: "draft", draft: over }]);
        assert.deepEqual([after.draft, after.draftAsked], [null, false]);
      });

    it("unless a person has saved it", () => {
      const after = giveUp(delivery({ draft, savedDraft: saved("draft-1") }));
      assert.deepEqual([tasks(after), after.draft], [[], null]);
    });

    it("unless none was asked for", () => {
      const mail = delivery();
      assert.equal(giveUp(mail), mail);
    });
  });

  it("goes from the drafts once the mail has left from elsewhere", () => {
    const sent = { type: "sent", messageId: "m", requestId: null, at: now } as const;
    const left = (change: Partial<DeliveryRecord>) =>
      advance(delivery({ phase: "sending", ...change }), sent);
    assert.deepEqual(tasks(left({ savedDraft: saved("draft-2"), draft })), [
      { id: "draft.draft-2", type: "draft", draft: { ...draft, id: "draft-2" } },
    ]);
    assert.deepEqual(tasks(left({ savedDraft: saved("draft-1"), draft })), []);
    assert.deepEqual(tasks(left({ draft })), []);
    assert.equal(left({ savedDraft: saved("draft-2") }).savedDraft, null);
  });

  describe("as the link of a mail that has left", () => {
    const later = { ...link, until: now + 1 };
    const extend = (mail: DeliveryRecord, attachmentId = "file-1") =>
      advance(mail, { type: "linkExtended", attachmentId, link: later });
    const end = (mail: DeliveryRecord, what: "stays" | "deleted" = "stays") =>
      advance(mail, { type: "linkEnding", attachmentId: "file-1", file: what, at: now });
    const over = (id: string, what: "stays" | "deleted"): CleanupTask["over"] & { id: string } => {
      return { id, type: "link", attachment: "file-1", fileId: "remote-1", size: 1000, file: what };
    };

    it("can be open for longer", () => {
      const after = extend(
        out({ attachments: [attachment({ id: "other" }), { ...onLink, error: savedError }] }),
      );
      assert.deepEqual([file(after)?.link, file(after)?.error], [later, null]);
      assert.equal(after.attachments[0]?.link, null);
    });

    it("cannot where there is none", () => {
      for (const mail of [out({ phase: "composing" }), out({ attachments: [ready] })])
        assert.equal(extend(mail), mail);
      const mail = out();
      assert.equal(extend(mail, "other"), mail);
    });

    it("ends, and then the file can be deleted as well, each once", () => {
      const ending = end(
        out({ attachments: [attachment({ id: "other" }), { ...onLink, error: savedError }] }),
      );
      assert.deepEqual([tasks(ending), file(ending)?.error], [[over("stays.file-1", "stays")], null]);
      assert.equal(end(ending), ending);
      assert.deepEqual(tasks(end(ending, "deleted")), [
        over("stays.file-1", "stays"),
        over("deleted.file-1", "deleted"),
      ]);
    });

    it("does not end where there is none, and the file can be deleted all the same", () => {
      const closed = out({ attachments: [{ ...onLink, link: null, unshared: "stopped" }] });
      assert.equal(end(closed), closed);
      assert.deepEqual(tasks(end(closed, "deleted")), [over("deleted.file-1", "deleted")]);
      for (const mail of [
        out({ attachments: [{ ...onLink, session: null }] }),
        out({ attachments: [] }),
        out({ phase: "composing" }),
      ])
        assert.equal(end(mail), mail);
    });

    it("has ended once its service says so, or says that it will not", () => {
      const ending = end(end(out()), "deleted");
      const ended = advance(ending, { type: "cleanupDone", id: "stays.file-1" });
      assert.deepEqual(tasks(ended), [over("deleted.file-1", "deleted")]);
      assert.deepEqual([file(ended)?.link, file(ended)?.unshared], [null, "stopped"]);
      const refused = advance(ending, { type: "cleanupDone", id: "stays.file-1", refusal: savedError });
      assert.deepEqual([file(refused)?.link, file(refused)?.error], [link, savedError]);
      assert.equal(refused.attachments[0]?.error, null);
    });
  });

  it("is said of an upload without another word about the mail", () => {
    const given = advance(delivery({ attachments: [ready] }), {
      type: "uploadAbandoned",
      attachmentId: "file-1",
      at: now,
    });
    const said = advance(given, { type: "cleanupDone", id: "file-1" });
    assert.deepEqual(said, { ...given, remoteCleanup: [] });
  });
});
