/** Somebody at a window who sees what the panel shows, and can do what it offers and nothing else. */
import type { AttachmentRecord, DeliveryRecord, Purpose } from "../../src/delivery/record/delivery.ts";
import { panelSnapshot } from "../../src/delivery/words/describe.ts";
import type { Form } from "../../src/shared/contract/form.ts";
import { offers } from "../../src/shared/contract/offers.ts";
import type { PanelSnapshot, Remedy } from "../../src/shared/contract/snapshot.ts";
import type { FormProblem } from "../../src/shared/message.ts";
import { accountIds, type Window } from "./window.ts";

/** What the panel of a mail shows in a window; undefined where there is no such mail. */
export function shown(window: Window, id: string): PanelSnapshot | undefined {
  const delivery = window.isDead ? undefined : window.store.find(id);
  if (delivery === undefined) return undefined;
  const accounts = accountIds.map((account) => ({ id: account, label: account }));
  return panelSnapshot(delivery, { accounts, notice: null, now: window.now() });
}

export type FileAction = PanelSnapshot["attachments"][number]["actions"][number];

/** Clicks what a file of the panel offers. @returns undefined where it does not offer that */
export function click(
  window: Window,
  id: string,
  attachmentId: string,
  action: Exclude<FileAction, "rename">,
): Promise<void> | undefined {
  const snapshot = shown(window, id);
  if (snapshot === undefined || !offers(snapshot, { type: "attachment", attachmentId, action }))
    return undefined;
  const { runner } = window;
  return window.act(async () => {
    switch (action) {
      case "tryNow":
        return runner.tryNow(attachmentId);
      case "pause":
        return runner.pause(id, attachmentId);
      case "resume":
      case "retry":
        return runner.resume(id, attachmentId);
      case "keepVersion":
        return runner.keepVersion(id, attachmentId);
      case "asLink":
      case "asAttachment":
        return runner.chooseWay(id, attachmentId, action === "asLink");
      case "extendLink":
        return runner.extendLink(id, attachmentId, 90);
      case "stopSharing":
        return runner.stopSharing(id, attachmentId);
      case "deleteLinked":
        return runner.deleteLinked(id, attachmentId);
      case "cancel":
        return runner.cancel(id, attachmentId);
      case "remove":
        return runner.detach(id, attachmentId);
    }
  });
}

/** Takes the way out that an error of the mail or of a file shows. @returns undefined where it shows another, or none */
export function takeRemedy(
  window: Window,
  id: string,
  remedy: Remedy,
  attachmentId: string | null = null,
): Promise<void> | undefined {
  const snapshot = shown(window, id);
  if (snapshot === undefined || !offers(snapshot, { type: "remedy", remedy, attachmentId })) return undefined;
  const { runner } = window;
  return window.act(async () => {
    if (remedy === "sendAgain" || remedy === "saveAgain") return runner.sendAgain(id);
    if (remedy === "uploadNewVersion" && attachmentId !== null)
      return runner.uploadNewVersion(id, attachmentId);
    if (remedy === "sendAsItIs" && attachmentId !== null) return runner.sendAsItIs(id, attachmentId);
    if (remedy === "retry" && attachmentId !== null) return runner.resume(id, attachmentId);
  });
}

/** Presses Send, or chooses another way for the mail. @returns undefined where it is not offered */
export function leave(
  window: Window,
  id: string,
  form: Form,
  purpose: Purpose = { type: "send" },
): Promise<FormProblem | undefined> | undefined {
  const snapshot = shown(window, id);
  if (snapshot === undefined) return undefined;
  const isOffered = purpose.type === "send" ? snapshot.send.enabled : snapshot.ways.others;
  return isOffered ? window.act(() => window.runner.send(id, form, purpose)) : undefined;
}

/** The next step towards a mail that is out, of those that are offered. */
export type Step =
  | { readonly type: "act"; readonly act: Promise<unknown> }
  /** It goes on without a person; `until`: at a time, by the window's clock. */
  | { readonly type: "wait"; readonly until?: number }
  | { readonly type: "send" }
  /** The person is to look whether it went out. */
  | { readonly type: "look" }
  | { readonly type: "done" }
  /** Nothing that is offered leads on. */
  | { readonly type: "stuck" };

/** What somebody does next who wants a mail out. */
export function nextStep(window: Window, id: string): Step {
  const snapshot = shown(window, id);
  const delivery = window.store.find(id);
  if (snapshot === undefined || delivery === undefined) return { type: "stuck" };
  switch (snapshot.phase) {
    case "sent":
    case "saved":
      return { type: "done" };
    case "sending":
      return { type: "wait" };
    case "scheduled":
      return { type: "wait", ...(delivery.schedule === null ? {} : { until: delivery.schedule.sendAt }) };
    case "unconfirmed":
      // What the disk has against it is said first, and passes.
      return { type: delivery.trouble === undefined ? "look" : "wait" };
  }
  const stopped = delivery.attachments.find(({ status }) => !movesOn(status));
  if (stopped !== undefined) {
    const act = goOn(window, delivery, stopped);
    return act === undefined ? { type: "stuck" } : { type: "act", act };
  }
  if (snapshot.phase === "waiting") return { type: "wait" };
  return snapshot.send.enabled ? { type: "send" } : { type: "stuck" };
}

function movesOn(status: AttachmentRecord["status"]): boolean {
  return !["paused", "failed", "cancelled"].includes(status);
}

function goOn(
  window: Window,
  { id }: DeliveryRecord,
  { id: attachmentId, error }: AttachmentRecord,
): Promise<void> | undefined {
  const remedy = error?.remedy === "uploadNewVersion" ? error.remedy : "retry";
  const isRefused = error?.code === "link-refused" && shown(window, id)?.links?.editable === true;
  if (isRefused) return window.act(() => window.runner.chooseLinks(id, { audience: "recipients", days: 7 }));
  return (
    takeRemedy(window, id, remedy, attachmentId) ??
    click(window, id, attachmentId, "retry") ??
    click(window, id, attachmentId, "resume")
  );
}
