/** Adds an account: asks which service, then what that service needs. */
import type { Account } from "../../accounts/accountBook.ts";
import { unknownService } from "../../accounts/accountFacts.ts";
import { FreightError } from "../../base/errors.ts";
import { permit } from "../../policy/accountRules.ts";
import type { CalendarEvent } from "../../services/calendar.ts";
import type { MailService } from "../../services/mailService.ts";
import type { PracticeMailbox } from "../../services/practice.ts";
import { locale, t } from "../../shared/l10n.ts";
import { withoutIcons } from "../notices/plain.ts";
import { GraphPages } from "./graph/graphPages.ts";
import { NylasPages } from "./nylas/nylasPages.ts";
import { marked } from "./pages/markedChoice.ts";
import { BACK } from "./pages/pageInput.ts";
import { PracticePages } from "./pages/practicePages.ts";
import type { PageTools, ServicePages } from "./pages/servicePages.ts";

export interface AccountWizardOptions extends PageTools {
  readonly practice: PracticeMailbox;
  /** See `MailServices`. */
  readonly serviceFor: (account: Account) => Promise<MailService>;
}

export class AccountWizard {
  readonly #services: readonly ServicePages[];
  readonly #practice: PracticePages;
  readonly #options: Pick<AccountWizardOptions, "input" | "serviceFor">;

  constructor(options: AccountWizardOptions) {
    this.#options = options;
    this.#practice = new PracticePages(options, options.practice);
    this.#services = [new GraphPages(options), new NylasPages(options, options.practice), this.#practice];
  }

  /** @returns the new account; undefined when cancelled @throws FreightError when the check fails */
  async run(): Promise<Account | undefined> {
    for (;;) {
      const pages = await this.#askService();
      if (pages !== undefined) permit(plainFacts(pages));
      const account = await pages?.add();
      if (account !== BACK) return account;
    }
  }

  /** Adds the practice mailbox, or returns the existing one. */
  async addPractice(): Promise<Account> {
    permit(plainFacts(this.#practice));
    return this.#practice.add();
  }

  /** Asks for a new key or sign-in for an account. @returns false when the person cancelled */
  async renew(account: Account): Promise<boolean> {
    const pages = this.#pagesOf(account);
    permit({ ...plainFacts(pages), apiUri: account.apiUri });
    return pages.renew(account);
  }

  /** Asks for the permissions that drafts need. @returns undefined when cancelled, or unsupported */
  async allowMore(account: Account): Promise<Account | undefined> {
    const pages = this.#pagesOf(account);
    permit({ ...plainFacts(pages), apiUri: account.apiUri });
    return pages.allowDrafts?.(account);
  }

  /** Asks for the permissions that files sent as links need. @returns as `allowMore` */
  async allowLinks(account: Account): Promise<Account | undefined> {
    const pages = this.#pagesOf(account);
    permit({ ...plainFacts(pages), apiUri: account.apiUri });
    return pages.allowLinks?.(account);
  }

  /**
   * Asks for one of the coming events in an account's calendar.
   * @returns undefined when the person cancelled
   * @throws FreightError when the calendar cannot be read
   */
  async chooseEvent(account: Account): Promise<CalendarEvent | undefined> {
    const title = t("Attach to Calendar Event");
    const { input } = this.#options;
    const pages = this.#pagesOf(account);
    const allowed = pages.allowCalendar === undefined ? account : await pages.allowCalendar(account);
    if (allowed === undefined) return undefined;
    const service = await this.#options.serviceFor(allowed);
    const events = await input.busy(
      title,
      t("Loading your upcoming events…"),
      async (signal) => (await service.comingEvents?.(signal)) ?? [],
    );
    if (events.length === 0)
      throw new FreightError("request-refused", t("{0} has no events in the coming weeks.", account.email));
    const answer = await input.choose(
      { title, canGoBack: false },
      t("Attach to which event?"),
      events.map((event) => ({
        label: event.subject === "" ? t("(no subject)") : withoutIcons(event.subject),
        description: new Date(event.startsAt).toLocaleString(locale(), {
          dateStyle: "medium",
          timeStyle: "short",
        }),
        value: event,
      })),
    );
    return answer === BACK ? undefined : answer;
  }

  #pagesOf(account: Account): ServicePages {
    const pages = this.#services.find(({ key }) => key === account.service);
    if (pages !== undefined) return pages;
    throw unknownService(account);
  }

  async #askService(): Promise<ServicePages | undefined> {
    const answer = await this.#options.input.choose(
      { title: t("Add Account"), canGoBack: false },
      t("Which mail service do you use?"),
      this.#services.map((pages) =>
        marked(
          { label: pages.name, detail: pages.detail, icon: pages.icon, value: pages },
          plainFacts(pages),
        ),
      ),
    );
    return answer === BACK ? undefined : answer;
  }
}

function plainFacts({ key, name }: ServicePages) {
  return { service: key, serviceName: name };
}
