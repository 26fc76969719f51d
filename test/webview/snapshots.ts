import { emptyForm } from "../../src/shared/contract/form.ts";
import type { ToPanel } from "../../src/shared/contract/messages.ts";
import type { AttachmentView, PanelSnapshot } from "../../src/shared/contract/snapshot.ts";

/** The host's clock in these tests; the page's own is set to something else on purpose. */
export const hostNow = Date.parse("2026-11-20T10:00:00Z");

export { emptyForm };

type StepState = AttachmentView["steps"][number]["state"];

export function steps(...states: readonly [StepState, StepState, StepState, StepState]) {
  return ["Create", "Upload", "Complete", "Send"].map((label, index) => ({
    label,
    state: states[index] ?? ("todo" as const),
  }));
}

/** A file of 100 bytes, so that bytes are percent; 43 of them have arrived. */
export function attachment(changes: Partial<AttachmentView> = {}): AttachmentView {
  return {
    id: "a1",
    name: "big-file.bin",
    detail: "150 MB · Archive",
    place: "/data/big-file.bin",
    status: "uploading",
    statusText: "uploading 43%",
    steps: steps("done", "doing", "todo", "todo"),
    sizeBytes: 100,
    acceptedBytes: 43,
    handedBytes: 51,
    pace: "12.3 MB/s · 9 s left",
    expiresAt: hostNow + 42 * 60_000 + 10_000,
    asLink: false,
    problem: null,
    actions: ["pause", "cancel", "rename"],
    ...changes,
  };
}

export function snapshot(changes: Partial<PanelSnapshot> = {}): PanelSnapshot {
  return {
    now: hostNow,
    accounts: [
      { id: "practice", label: "Practice Mailbox <me@practice.example>" },
      { id: "work", label: "Work <ada@contoso.example>" },
    ],
    accountId: "practice",
    ours: { addresses: ["me@practice.example"], domains: [] },
    known: [],
    provenance: null,
    unseen: false,
    sendLimit: null,
    xHeadersOnly: true,
    form: { ...emptyForm, subject: "big-file.bin" },
    savedRevision: (changes.form ?? emptyForm).revision,
    phase: "composing",
    event: null,
    stuck: false,
    headline: "The upload goes on while you write.",
    problem: null,
    editable: true,
    send: {
      label: "Send When Ready",
      enabled: true,
      withdrawable: false,
      withdrawLabel: "Keep Editing",
      undoable: false,
    },
    ways: { others: true, cancelScheduled: false, sendAgainTo: false },
    practice: null,
    lacking: null,
    links: null,
    notice: null,
    attachments: [attachment()],
    otherMethod: null,
    method: { label: "Upload session", reason: "Microsoft mailbox" },
    ...changes,
  };
}

export function message(view: PanelSnapshot): ToPanel {
  return { type: "snapshot", snapshot: view };
}
