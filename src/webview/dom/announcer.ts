/** Tells screen readers what changed between two snapshots, and nothing else. Only failures interrupt what they say. */
import type { AttachmentView, PanelSnapshot, ProblemView } from "../../shared/contract/snapshot.ts";
import { labelled, percent } from "../../shared/format.ts";
import { sentences, t } from "../../shared/l10n.ts";
import { EXPIRY_WARNING_MS } from "../../shared/sessionExpiry.ts";
import { element } from "./dom.ts";

/** States that the percentages and the headline already cover. */
const SILENT: ReadonlySet<AttachmentView["status"]> = new Set([
  "queued",
  "creating",
  "uploading",
  "completing",
  "sending",
  "sent",
  "saved",
  "scheduled",
]);
const FAILED: ReadonlySet<AttachmentView["status"]> = new Set(["failed", "expired"]);

export class Announcer {
  readonly element: HTMLElement;
  readonly #polite = element("div", { role: "status", "aria-live": "polite" });
  readonly #assertive = element("div", { role: "alert", "aria-live": "assertive" });
  readonly #warned = new Set<string>();
  /** What is to be said in this turn: a region written to twice in one turn is read only once. */
  readonly #saying = new Map<HTMLElement, readonly string[]>();
  #last: PanelSnapshot | undefined;

  constructor() {
    this.element = element("div", { class: "visually-hidden" }, this.#polite, this.#assertive);
  }

  hear(snapshot: PanelSnapshot): void {
    const last = this.#last;
    this.#last = snapshot;
    // Somebody reading the whole page should not find a failure that is over.
    if (!hasFailed(snapshot)) this.#assertive.textContent = "";
    this.#say(this.#assertive, last === undefined ? [] : failures(last, snapshot));
    this.#say(this.#polite, [
      ...(last === undefined ? [] : news(last, snapshot)),
      ...this.#expiries(snapshot),
    ]);
  }

  say(sentence: string): void {
    this.#say(this.#polite, [sentence]);
  }

  #expiries({ now, attachments }: PanelSnapshot): string[] {
    const near = attachments.filter(
      ({ id, expiresAt }) =>
        expiresAt !== null &&
        expiresAt - now > 0 &&
        expiresAt - now <= EXPIRY_WARNING_MS &&
        !this.#warned.has(id),
    );
    for (const { id } of near) this.#warned.add(id);
    return near.map(({ name }) => t("{0} expires in less than 10 minutes.", name));
  }

  #say(region: HTMLElement, said: readonly string[]): void {
    if (said.length === 0) return;
    const before = this.#saying.get(region);
    this.#saying.set(region, [...(before ?? []), ...said]);
    if (before !== undefined) return;
    queueMicrotask(() => {
      const text = sentences(...(this.#saying.get(region) ?? []));
      this.#saying.delete(region);
      // A screen reader repeats the same words only if the text differs.
      region.textContent = region.textContent === text ? `${text}\u00a0` : text;
    });
  }
}

function hasFailed({ problem, attachments }: PanelSnapshot): boolean {
  return problem !== null || attachments.some((view) => view.problem !== null || FAILED.has(view.status));
}

function failures(last: PanelSnapshot, next: PanelSnapshot): string[] {
  const said = next.attachments
    .filter((view) => {
      const before = find(last, view.id);
      return (
        (FAILED.has(view.status) && before?.status !== view.status) || isNew(before?.problem, view.problem)
      );
    })
    .map(({ name, statusText, problem }) => labelled(name, problem?.message ?? statusText));
  if (isNew(last.problem, next.problem)) said.push(next.problem.message);
  return said;
}

function news(last: PanelSnapshot, next: PanelSnapshot): string[] {
  const said = next.attachments
    .filter(({ id, status }) => {
      const before = find(last, id)?.status;
      const resumed = before === "paused" && status === "uploading";
      return before !== status && !FAILED.has(status) && (resumed || !SILENT.has(status));
    })
    .map(({ name, statusText }) => t("{0}: {1}.", name, statusText));
  const quarter = quartersOf(next);
  if (quarter > quartersOf(last)) said.push(t("{0}% uploaded.", quarter * 25));
  if (next.phase !== last.phase) said.push(next.headline);
  if (next.send.undoable && !last.send.undoable) said.push(t("Press Escape to undo."));
  return said;
}

/** Counts all attachments together, so that ten files make one announcement. */
function quartersOf({ attachments }: PanelSnapshot): number {
  const alive = attachments.filter(({ status }) => status !== "cancelled");
  const accepted = alive.reduce((sum, { acceptedBytes }) => sum + acceptedBytes, 0);
  const size = alive.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return Math.floor(percent(accepted, size) / 25);
}

function find(snapshot: PanelSnapshot, id: string): AttachmentView | undefined {
  return snapshot.attachments.find((view) => view.id === id);
}

function isNew(before: ProblemView | null | undefined, now: ProblemView | null): now is ProblemView {
  return now !== null && before?.message !== now.message;
}
