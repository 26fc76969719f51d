/**
 * The mail being written: its fields, how much each holds, and how many people are suggested. The person owns its
 * texts: snapshots only decide if they can be edited. What a mail lacks to be sent: `shared/message.ts`.
 */
import type { FormTexts } from "../../shared/contract/form.ts";
import type { Person, ToPanel } from "../../shared/contract/messages.ts";
import type { PanelSnapshot } from "../../shared/contract/snapshot.ts";
import { t } from "../../shared/l10n.ts";
import { HEADER_EXAMPLE } from "../../shared/mailHeaders.ts";
import { readForm } from "../../shared/message.ts";
import { circleOf } from "../../shared/outsiders.ts";
import { matchPeople } from "../../shared/peopleSearch.ts";
import { addressKey } from "../../shared/recipients.ts";
import { button, element, setHidden } from "../dom/dom.ts";
import type { Page } from "../dom/page.ts";
import { AccountField } from "./accountField.ts";
import { BodyTools } from "./bodyTools.ts";
import { BodyView } from "./bodyView.ts";
import { MoreFields } from "./moreFields.ts";
import { RecipientField } from "./recipientField.ts";
import { TextField } from "./textField.ts";

export interface FormIntents {
  /** Something was typed; the caller decides when to tell the host. */
  edited(): void;
  /** A recipient field got the focus. */
  peopleWanted(): void;
}

const MAX_SUGGESTIONS = 8;
/** A mail that has left is shown as its recipients read it. */
const LETTERS: ReadonlySet<PanelSnapshot["phase"]> = new Set(["sent", "scheduled"]);

type FieldName = Extract<ToPanel, { type: "focus" }>["field"];

export class ComposeForm {
  readonly element: HTMLFormElement;
  readonly #account: AccountField;
  readonly #tools: BodyTools;
  readonly #bodyView = new BodyView();
  readonly #recipients: Readonly<Record<"to" | "cc" | "bcc", RecipientField>>;
  readonly #replyTo: RecipientField;
  readonly #fields: Readonly<Record<FieldName, TextField>>;
  #people: readonly Person[] = [];
  readonly #moreRecipients: HTMLButtonElement;
  readonly #more: MoreFields;
  #xHeadersOnly = true;

  /** @param sendBar shown below everything, but next after the text in Tab order */
  constructor(page: Page, intents: FormIntents, sendBar: HTMLElement) {
    const edited = () => intents.edited();
    this.#account = new AccountField(page);
    const recipients = {
      edited,
      say: (sentence: string) => page.say(sentence),
      holder: (email: string) => this.#holder(email),
      suggest: (typed: string) => this.#suggest(typed),
    };
    this.#recipients = {
      to: new RecipientField("to", t("To"), recipients),
      cc: new RecipientField("cc", t("Cc"), recipients),
      bcc: new RecipientField("bcc", t("Bcc"), recipients),
    };
    // A recipient may also be the one who gets the replies.
    const holder = (email: string) => (this.#replyTo.has(email) ? this.#replyTo.label : undefined);
    this.#replyTo = new RecipientField("replyTo", t("Reply-To"), { ...recipients, holder });
    for (const { row } of this.#lists) row.addEventListener("focusin", () => intents.peopleWanted());
    this.#fields = {
      ...this.#recipients,
      replyTo: this.#replyTo,
      subject: new TextField(
        element("label", {}, t("Subject")),
        element("input", { id: "subject", type: "text", maxlength: "10000", autocomplete: "off" }),
        edited,
      ),
      body: new TextField(
        element("label", { class: "visually-hidden" }, t("Message")),
        element("textarea", { id: "body", rows: "10", maxlength: "10000000" }),
        edited,
      ),
      headers: new TextField(
        element("label", {}, t("Headers")),
        element("textarea", {
          ...{ id: "headers", class: "monospace", rows: "2", maxlength: "20000", spellcheck: "false" },
          placeholder: HEADER_EXAMPLE,
        }),
        edited,
      ),
    };
    this.#tools = new BodyTools(
      { formatChosen: edited, showPreview: (shown) => page.post({ type: "showPreview", shown }) },
      this.#fields.body.row,
    );
    this.#moreRecipients = button(t("Cc/Bcc"), "quiet", () => {
      this.#unfold();
      this.#fields.cc.control.focus();
    });
    this.#moreRecipients.setAttribute("aria-label", t("Add Cc/Bcc"));
    this.#fields.to.addAccessory(this.#moreRecipients);

    const { to, cc, bcc, replyTo, headers, subject, body } = this.#fields;
    this.#more = new MoreFields([replyTo, headers]);
    body.addBelow(this.#bodyView.element);
    setHidden(cc.row, true);
    setHidden(bcc.row, true);
    this.element = element(
      "form",
      { class: "form", "aria-label": t("Mail"), novalidate: "" },
      ...[this.#account.row, to.row, cc.row, bcc.row, subject.row, body.row, sendBar],
      ...[this.#tools.element, this.#more.element],
    );
    this.element.addEventListener("submit", (event) => event.preventDefault());
  }

  get form(): FormTexts {
    const { to, cc, bcc, replyTo, headers, subject, body } = this.#fields;
    const people = { to: to.text, cc: cc.text, bcc: bcc.text, replyTo: replyTo.text };
    const texts = { headers: headers.text, subject: subject.text, body: body.text };
    return { ...people, ...texts, format: this.#tools.format };
  }

  /** Replaces the texts: when the page begins, and when another window has changed them. */
  fill(form: FormTexts): void {
    for (const name of FIELD_NAMES) this.#fields[name].text = form[name];
    this.#tools.format = form.format;
    for (const field of this.#lists) field.check();
    if (form.replyTo !== "" || form.headers !== "") this.#more.setOpen(true);
    if (form.cc !== "" || form.bcc !== "") this.#unfold();
  }

  render(snapshot: PanelSnapshot): void {
    this.element.classList.toggle("is-event", snapshot.event !== null);
    const { row, text } = this.#fields.body;
    const isLetter = LETTERS.has(snapshot.phase);
    row.classList.toggle("is-letter", isLetter);
    // Not while it has the focus, which hiding would drop.
    setHidden(row, isLetter && text === "" && !row.contains(document.activeElement));
    this.#account.render(snapshot);
    const circle = circleOf(snapshot);
    this.#xHeadersOnly = snapshot.xHeadersOnly;
    for (const field of this.#lists) field.setCircle(circle);
    for (const name of FIELD_NAMES) this.#fields[name].setReadOnly(!snapshot.editable);
    const { replyTo, headers } = this.#fields;
    setHidden(this.#more.element, !snapshot.editable && replyTo.text === "" && headers.text === "");
    this.#tools.setReadOnly(!snapshot.editable);
    const { cc, bcc } = this.#fields;
    setHidden(this.#moreRecipients, !snapshot.editable || !(cc.row.hidden && bcc.row.hidden));
  }

  /**
   * Shows every bad address and focuses the first problem.
   * @param addressed whether the mail needs a recipient
   * @returns true when the mail can leave
   */
  checkForLeaving(addressed: boolean): boolean {
    for (const field of this.#lists) field.commit();
    const read = readForm(this.form, { xHeadersOnly: this.#xHeadersOnly, addressed });
    if (!("problem" in read)) return true;
    for (const field of this.#lists) field.check();
    const { field, message } = read.problem;
    const bad = this.#reach(field);
    if (!bad.hasProblem) bad.showProblem(message);
    bad.control.focus();
    return false;
  }

  focus(field: FieldName, message: string | null): void {
    const target = this.#reach(field);
    if (message !== null) target.showProblem(message);
    target.control.focus();
  }

  /** Shows the preview that the host made of the text, and its problems. */
  renderBody(body: Extract<ToPanel, { type: "body" }>): void {
    this.#tools.setPreviewShown(body.previewShown);
    this.#bodyView.render(body);
  }

  setPeople(people: readonly Person[]): void {
    this.#people = people;
    for (const field of this.#lists) field.peopleChanged();
  }

  get #lists(): readonly RecipientField[] {
    return [...Object.values(this.#recipients), this.#replyTo];
  }

  #holder(email: string): string | undefined {
    return Object.values(this.#recipients).find((field) => field.has(email))?.label;
  }

  #suggest(typed: string): Person[] {
    const others = this.#people.filter(
      ({ email }) => this.#holder(email) === undefined && addressKey(email) !== addressKey(typed.trim()),
    );
    return matchPeople(others, typed, MAX_SUGGESTIONS);
  }

  #reach(field: FieldName): TextField {
    if (field === "cc" || field === "bcc") this.#unfold();
    if (field === "body") this.#tools.write();
    if (field === "replyTo" || field === "headers") this.#more.setOpen(true);
    return this.#fields[field];
  }

  #unfold(): void {
    setHidden(this.#fields.cc.row, false);
    setHidden(this.#fields.bcc.row, false);
    setHidden(this.#moreRecipients, true);
  }
}

const FIELD_NAMES = [
  "to",
  "cc",
  "bcc",
  "replyTo",
  "headers",
  "subject",
  "body",
] as const satisfies readonly FieldName[];
