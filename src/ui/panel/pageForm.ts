/** Which form a panel's page has, as far as the host knows: a text travels to a page only when it has another one. */
import type { Form } from "../../shared/contract.ts";
import { overtakes } from "../../shared/formTexts.ts";

export class PageForm {
  /** What the page will have when everything that is on its way has arrived; undefined for a page that has just loaded. */
  #known: Form | undefined;
  #isSure = true;

  /** A page has loaded, and has none. */
  forget(): void {
    this.#known = undefined;
  }

  /** The page has told its form. */
  told(form: Form): void {
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
