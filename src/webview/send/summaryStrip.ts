/**
 * What will be sent, in a line above Send; what to do about a mail that is too large; and SHA-256 hashes that can be
 * passed on to the recipients. What the line says: `shared/summary/sendSummary.ts`.
 */
import type { FormTexts } from "../../shared/contract/form.ts";
import type { ToPanel } from "../../shared/contract/messages.ts";
import type { PanelSnapshot } from "../../shared/contract/snapshot.ts";
import { t } from "../../shared/l10n.ts";
import { describeSend } from "../../shared/summary/sendSummary.ts";
import { button, element, icon, setAttribute, setHidden, setIcon, setText } from "../dom/dom.ts";
import type { Page } from "../dom/page.ts";

type FileHash = Extract<ToPanel, { type: "hashes" }>["files"][number];

export class SummaryStrip {
  readonly element: HTMLElement;
  readonly #page: Page;
  readonly #who = element("span", { class: "strip-who" });
  readonly #what = element("span", { class: "strip-what" });
  readonly #tooLargeText = element("span");
  readonly #tooLarge = warningLine(this.#tooLargeText);
  readonly #inLinks: HTMLButtonElement;
  readonly #inMails: HTMLButtonElement;
  readonly #inParts: HTMLButtonElement;
  readonly #inPartsText = element(
    "span",
    {},
    t("Recipients put the file together with one command, which is in each mail."),
  );
  readonly #adminCommands: HTMLButtonElement;
  readonly #ways: HTMLElement;
  readonly #shrinkText = element("div", { hidden: "" });
  readonly #shrink: HTMLButtonElement;
  readonly #linksText = element("span");
  readonly #noLinkText = element("span");
  readonly #noLink = warningLine(this.#noLinkText);
  readonly #changeLinks: HTMLButtonElement;
  readonly #links: HTMLElement;
  readonly #toggle: HTMLButtonElement;
  readonly #line: HTMLElement;
  readonly #sign = icon("right");
  readonly #hashes = element("div", { class: "hashes", id: "hashes", hidden: "" });
  readonly #list = element("ul");
  #snapshot: PanelSnapshot | undefined;

  /** @param sendInMails sends the files in several mails; `inParts`: what fits in none is cut */
  constructor(page: Page, sendInMails: (inParts: boolean) => void) {
    this.#page = page;
    this.#toggle = button("", "quiet", () => this.#show(this.#hashes.hidden !== false));
    this.#toggle.append(this.#sign, "SHA-256");
    setAttribute(this.#toggle, "aria-expanded", "false");
    setAttribute(this.#toggle, "aria-controls", "hashes");
    const who = element("div", { class: "strip-words" }, this.#who, this.#what);
    this.#line = element("div", { class: "strip-line" }, who, this.#toggle);
    this.#changeLinks = button(t("Change…"), "quiet", () => page.post({ type: "chooseLinks" }));
    const words = element("div", { class: "strip-words" }, this.#linksText);
    this.#links = element("div", { class: "strip-line", hidden: "" }, words, this.#changeLinks);
    this.#inLinks = button("", "secondary", () => {
      for (const attachmentId of this.#linkable())
        page.post({ type: "attachment", attachmentId, action: "asLink" });
    });
    this.#inMails = button("", "secondary", () => sendInMails(false));
    this.#inParts = button("", "secondary", () => sendInMails(true));
    this.#adminCommands = button(t("Copy PowerShell Commands"), "secondary", () =>
      page.post({ type: "copyAdminCommands" }),
    );
    this.#shrink = button(t("Compress"), "secondary", () => page.post({ type: "shrink" }));
    this.#ways = element(
      "div",
      { class: "strip-line strip-ways", hidden: "" },
      this.#shrink,
      this.#inLinks,
      this.#inMails,
      this.#inParts,
      this.#adminCommands,
      this.#inPartsText,
    );
    this.#hashes.append(
      this.#list,
      button(t("Copy"), "secondary", () => page.post({ type: "copyHashes" })),
    );
    this.element = element(
      "div",
      { class: "strip", role: "group", "aria-label": t("What will be sent") },
      this.#tooLarge,
      this.#shrinkText,
      this.#ways,
      this.#line,
      this.#noLink,
      this.#links,
      this.#hashes,
    );
  }

  /** @param form the form as currently typed */
  render(snapshot: PanelSnapshot, form: FormTexts): void {
    this.#snapshot = snapshot;
    const isForEvent = snapshot.event !== null;
    const isShown = snapshot.editable || snapshot.phase === "waiting";
    // An event's files are not mailed to anybody.
    setHidden(this.element, !isShown || (isForEvent && snapshot.links === null));
    setHidden(this.#line, isForEvent);
    const shrinks = snapshot.shrink !== undefined && snapshot.editable;
    for (const part of [this.#shrink, this.#shrinkText]) setHidden(part, !shrinks);
    setText(this.#shrinkText, snapshot.shrink?.words ?? "");
    this.#warn(this.#noLink, this.#noLinkText, snapshot.links?.problem ?? "");
    setHidden(this.#links, snapshot.links === null);
    setText(this.#linksText, snapshot.links?.words ?? "");
    setHidden(this.#changeLinks, snapshot.links?.editable !== true);
    setAttribute(this.#changeLinks, "aria-label", t("Change who can open the links"));
    setHidden(this.#toggle, snapshot.attachments.length === 0);
    if (snapshot.attachments.length === 0 && !this.#hashes.hidden) this.#show(false);
    this.typed(form);
  }

  /** Something was typed since the last snapshot. */
  typed(form: FormTexts): void {
    if (this.#snapshot === undefined) return;
    const { who, what, tooLarge, mails, mailsOfParts, canBeRaised } = describeSend(form, this.#snapshot);
    const { editable } = this.#snapshot;
    const isForEvent = this.#snapshot.event !== null;
    const linkable = tooLarge === null ? 0 : this.#linkable().length;
    setHidden(this.#inLinks, linkable === 0);
    setText(this.#inLinks, linkable === 1 ? t("Send as Link") : t("Send {0} Files as Links", linkable));
    setHidden(this.#inMails, mails === undefined);
    setText(this.#inMails, t("Send as {0} Mails", mails ?? 0));
    // Offered only when nothing more convenient for the recipients is.
    const isCut = mailsOfParts !== undefined && linkable === 0 && this.#snapshot.shrink === undefined;
    for (const part of [this.#inParts, this.#inPartsText]) setHidden(part, !isCut);
    setText(this.#inParts, t("Split into {0} Mails", mailsOfParts ?? 0));
    setHidden(this.#adminCommands, !canBeRaised);
    const ways = [this.#shrink, this.#inLinks, this.#inMails, this.#inParts, this.#adminCommands];
    setHidden(this.#ways, !editable || ways.every(({ hidden }) => hidden !== false));
    this.#warn(this.#tooLarge, this.#tooLargeText, isForEvent ? "" : (tooLarge ?? ""));
    setText(this.#who, who);
    setText(this.#what, what);
  }

  /** Shows a problem and announces it once: few screen readers read text that appears with its element. */
  #warn(line: HTMLElement, text: HTMLElement, words: string): void {
    if (words !== "" && words !== text.textContent) this.#page.say(words);
    setHidden(line, words === "");
    setText(text, words);
  }

  /** IDs of attached files that could be sent as links. */
  #linkable(): string[] {
    const { attachments = [] } = this.#snapshot ?? {};
    return attachments.flatMap(({ id, actions }) => (actions.includes("asLink") ? [id] : []));
  }

  renderHashes(files: readonly FileHash[]): void {
    this.#list.replaceChildren(
      ...files.map(({ name, sha256, note }) =>
        element(
          "li",
          {},
          element("span", { class: "hash-name" }, name),
          sha256 === null ? element("span", {}, note) : element("code", {}, ...inHalves(sha256)),
          ...(sha256 === null || note === "" ? [] : [element("span", {}, note)]),
        ),
      ),
    );
  }

  #show(shown: boolean): void {
    setHidden(this.#hashes, !shown);
    setAttribute(this.#toggle, "aria-expanded", String(shown));
    setIcon(this.#sign, shown ? "chevron" : "right");
    this.#page.post({ type: "showHashes", shown });
  }
}

/** Lets a long line break in the middle: two halves rather than 63 digits and one. */
function inHalves(sha256: string): readonly (string | HTMLElement)[] {
  return [sha256.slice(0, 32), element("wbr"), sha256.slice(32)];
}

function warningLine(text: HTMLElement): HTMLElement {
  return element("div", { class: "too-large", hidden: "" }, icon("warning"), text);
}
