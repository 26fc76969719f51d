/**
 * The list of attachments, the line above it (how many, how large, how they travel), and the clock that their
 * countdowns share.
 */
import type { AttachmentView, PanelSnapshot } from "../../shared/contract/snapshot.ts";
import { formatBytes } from "../../shared/format.ts";
import { plural, t } from "../../shared/l10n.ts";
import { button, element, icon, setHidden, setText } from "../dom/dom.ts";
import type { Page } from "../dom/page.ts";
import { AttachmentRow } from "./attachmentRow.ts";

export class Attachments {
  readonly element: HTMLElement;
  readonly #page: Page;
  readonly #rows = new Map<string, AttachmentRow>();
  readonly #list = element("ul", { class: "attachments" });
  readonly #summary = element("span", { class: "summary" });
  readonly #method = element("span", { class: "method" });
  readonly #otherMethod: HTMLButtonElement;
  readonly #addFiles: HTMLButtonElement;
  #wouldBeInMail = false;
  #hostAheadMs = 0;
  #clock: ReturnType<typeof setInterval> | undefined;

  constructor(page: Page) {
    this.#page = page;
    this.#otherMethod = button("", "quiet", () =>
      page.post({ type: "chooseMethod", inMail: this.#wouldBeInMail }),
    );
    this.#addFiles = button("", "secondary", () => page.post({ type: "addFiles" }));
    this.#addFiles.append(icon("add"), t("Add Files…"));
    this.element = element(
      "section",
      { "aria-labelledby": "attachments-title" },
      element(
        "div",
        { class: "section-head" },
        element("h2", { id: "attachments-title" }, t("Attachments")),
        this.#summary,
        this.#method,
        this.#otherMethod,
        this.#addFiles,
      ),
      this.#list,
    );
  }

  render({ now, attachments, editable, method, otherMethod }: PanelSnapshot): void {
    setText(this.#summary, summarize(attachments));
    setHidden(this.#method, method === null);
    setText(this.#method, method === null ? "" : `${method.label} · ${method.reason}`);
    // When the focused button disappears, the focus stays nearby.
    const goes = this.#otherMethod === document.activeElement && otherMethod === null;
    setHidden(this.#otherMethod, otherMethod === null);
    setText(this.#otherMethod, otherMethod?.label ?? "");
    this.#wouldBeInMail = otherMethod?.inMail ?? false;
    setHidden(this.#list, attachments.length === 0);
    setHidden(this.#addFiles, !editable);
    if (goes) this.#addFiles.focus();
    this.#dropRowsOutside(new Set(attachments.map(({ id }) => id)));
    attachments.forEach((view, index) => {
      const row = this.#rowOf(view.id);
      row.render(view);
      // Move only a row that is out of place: moving a node takes the focus from it.
      if (this.#list.children.item(index) !== row.element)
        this.#list.insertBefore(row.element, this.#list.children.item(index));
    });
    this.#hostAheadMs = now - Date.now();
    this.#tick();
  }

  focus(): void {
    this.#addFiles.focus();
  }

  /** Saves a name that is still being typed. */
  saveNames(): void {
    for (const row of this.#rows.values()) row.saveName();
  }

  #rowOf(id: string): AttachmentRow {
    const known = this.#rows.get(id);
    if (known !== undefined) return known;
    const row = new AttachmentRow(id, this.#page);
    this.#rows.set(id, row);
    return row;
  }

  #dropRowsOutside(ids: ReadonlySet<string>): void {
    const order = [...this.#rows.entries()];
    for (const [index, [id, row]] of order.entries()) {
      if (ids.has(id)) continue;
      const hadFocus = row.element.contains(document.activeElement);
      row.element.remove();
      this.#rows.delete(id);
      if (!hadFocus) continue;
      const neighbours = [...order.slice(index + 1), ...order.slice(0, index).reverse()];
      const next = neighbours.find(([neighbour]) => ids.has(neighbour));
      if (next?.[1].focus() !== true) this.#addFiles.focus();
    }
  }

  #tick(): void {
    const hostNow = Date.now() + this.#hostAheadMs;
    const counting = [...this.#rows.values()].map((row) => row.tick(hostNow)).includes(true);
    if (counting) this.#clock ??= setInterval(() => this.#tick(), 1000);
    else {
      clearInterval(this.#clock);
      this.#clock = undefined;
    }
  }
}

function summarize(attachments: readonly AttachmentView[]): string {
  if (attachments.length === 0) return t("No files yet");
  if (attachments.length === 1) return "";
  // Cancelled files are not sent.
  const along = attachments.filter(({ status }) => status !== "cancelled");
  const totalBytes = along.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return `${plural(along.length, "{0} file", "{0} files")} · ${formatBytes(totalBytes)}`;
}
