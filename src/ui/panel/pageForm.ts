/** The form that a panel's page has, as far as the host knows: it is sent only what it does not have. */

import { changed, type Form, overtakes } from "../../shared/contract/form.ts";
import type { FromPanel } from "../../shared/contract/messages.ts";

export type WholeIntent = Exclude<FromPanel, { readonly type: "typed" }>;

export class PageForm {
  /** The form of the page once everything under way has arrived; undefined for a newly loaded page. */
  #known: Form | undefined;
  #isSure = true;
  /** The form that the page sent last, on which its next change is based. */
  #told: Form | undefined;

  /** Call when a page has loaded, which has no form yet. */
  forget(): void {
    this.#known = undefined;
    this.#told = undefined;
  }

  /** Completes a change to the whole form; undefined if the form that it changes is unknown. */
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

  /** Takes the form that the page has sent. */
  told(form: Form): void {
    this.#told = form;
    // If not, two forms have crossed: the page takes ours, if that arrives.
    this.#isSure = this.#known === undefined || !overtakes(this.#known, form);
    if (this.#isSure) this.#known = form;
  }

  /** Records that a form is about to be sent. @returns null if the page has it, or a later edit of it */
  toPost(form: Form): Form | null {
    const isNews = this.#known === undefined || overtakes(form, this.#known);
    if (!isNews && this.#isSure) return null;
    if (isNews) this.#known = form;
    this.#isSure = true;
    return form;
  }
}
