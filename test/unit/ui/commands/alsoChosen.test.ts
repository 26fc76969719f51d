import assert from "node:assert/strict";
import { alsoChosen } from "../../../../src/ui/commands/alsoChosen.ts";
import { attachment, delivery, now, session } from "../../../support/records.ts";

describe("Files that are selected in Sessions", () => {
  const file = (id: string, status: "uploading" | "paused" | "ready" | "failed") =>
    attachment({ id, status, session: session() });
  const mails = [
    delivery({
      id: "one",
      attachments: [file("a", "uploading"), file("b", "ready"), file("c", "uploading")],
    }),
    delivery({ id: "two", attachments: [file("d", "paused"), file("e", "failed")] }),
    delivery({ id: "sent", phase: "sent", attachments: [file("f", "ready")] }),
  ];
  const rows = mails.flatMap(({ id: deliveryId, attachments }) =>
    attachments.map(({ id: attachmentId }) => ({ deliveryId, attachmentId, isMail: false })),
  );
  const also = (name: Parameters<typeof alsoChosen>[0], clicked = "a") =>
    alsoChosen(
      name,
      rows.find(({ attachmentId }) => attachmentId === clicked),
      [...rows, { deliveryId: "one", attachmentId: null, isMail: true }, "nonsense", undefined],
      (id) => mails.find((mail) => mail.id === id),
      now,
    ).map(({ attachmentId }) => attachmentId);

  it("have done to them what each of them offers", () => {
    assert.deepEqual(also("pause"), ["c"]);
    assert.deepEqual(also("resume", "d"), []);
    assert.deepEqual(also("retry", "a"), ["e"]);
    assert.deepEqual(also("cancel"), ["c", "d"]);
    assert.deepEqual(also("removeFile", "b"), ["a", "c", "d", "e"]);
  });

  it("have their version chosen together, those that were changed", () => {
    const error = {
      code: "file-changed",
      message: "It changed.",
      remedy: "uploadNewVersion",
      requestId: null,
    } as const;
    const changed = (id: string) => attachment({ id, status: "failed", error });
    const mail = delivery({ id: "mail", attachments: [changed("x"), file("y", "failed"), changed("z")] });
    const rows = mail.attachments.map(({ id }) => ({ deliveryId: "mail", attachmentId: id, isMail: false }));
    for (const name of ["uploadNewVersion", "sendAsItIs"] as const)
      assert.deepEqual(
        alsoChosen(name, rows[0], rows, () => mail, now).map(({ attachmentId }) => attachmentId),
        ["z"],
      );
  });

  it("are copied, shown and shared one at a time", () => {
    for (const name of ["copyAttachmentId", "copyLink", "revealFile", "stopSharing", "deleteLinked"] as const)
      assert.deepEqual(also(name), []);
  });

  it("are those that are there still", () => {
    assert.deepEqual(
      alsoChosen("pause", null, rows, () => undefined, now),
      [],
    );
  });
});
