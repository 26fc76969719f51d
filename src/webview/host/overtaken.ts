/**
 * What was typed here but not saved, because another window has edited the mail meanwhile. The form shows what would be
 * sent; this keeps the other text available until the page is closed.
 */
import type { FormTexts } from "../../shared/contract/form.ts";
import { labelled } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import { element, icon, setHidden, setText } from "../dom/dom.ts";

export class Overtaken {
  readonly #text = element("textarea", {
    readonly: "",
    rows: "6",
    "aria-label": t("What you typed in this tab"),
  });
  readonly element = element(
    "section",
    { class: "notice", role: "alert", hidden: "" },
    icon("warning"),
    element(
      "details",
      {},
      element(
        "summary",
        {},
        t(
          "The mail was changed in another window and is shown as it is there. Show what you typed in this tab",
        ),
      ),
      this.#text,
    ),
  );

  show({ to, cc, bcc, subject, body }: FormTexts): void {
    const fields = [
      [t("To"), to],
      [t("Cc"), cc],
      [t("Bcc"), bcc],
      [t("Subject"), subject],
    ] as const;
    const lines = fields.flatMap(([name, text]) => (text === "" ? [] : [labelled(name, text)]));
    setText(this.#text, [...lines, "", body].join("\n"));
    setHidden(this.element, false);
  }
}
