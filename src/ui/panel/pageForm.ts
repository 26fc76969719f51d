/** Which form a panel's page has, as far as the host knows: a text travels to a page only when it has another one. */

import { changed, type Form, overtakes } from "../../shared/contract/form.ts";
import type { FromPanel } from "../../shared/contract/messages.ts";

export type WholeIntent = Exclude<FromPanel, { readonly type: "typed" }>;

export class PageForm {
  /** What the page will have when everything that is on its way has arrived; undefined for a page that has just loaded. */
  #known: Form | undefined;
  #isSure = true;
  /** What the page has told last: its next change goes on from there. */
  #told: Form | undefined;

  /** A page has loaded, and has none. */
  forget(): void {
    this.#known = undefined;
    this.#told = undefined;
  }

  /** What the page has said, with the whole form in it; undefined for a change of a form that it has not told. */
  read(intent: FromPanel): WholeIntent | undefined {
    if (intent.type !== "typed") {
      if ("form" in intent) this.told(intent.form);
      return intent;
    }
    const form = this.#told && changed(this.#told, intent.change);
    if (form === undefined) return undefined;
    this.told(form);
    return { type: "edit", form };
  }

  /** The page has told its form. */
  told(form: Form): void {
    this.#told = form;
    // Else the two have crossed: the page takes the one that was posted, if it arrives.
    this.#isSure = this.#known === undefined || !overtakes(this.#known, form);
    if (this.#isSure) this.#known = form;
  }

  /** Takes note that a form is posted. @returns null where the page has it, or has typed on from it */
  toPost(form: Form): Form | null {
    const isNews = this.#known === undefined || overtakes(form, this.#known);
    if (!isNews && this.#isSure) return null;
    if (isNews) this.#known = form;
    this.#isSure = true;
    return form;
  }
}
