/** Adds the practice mailbox: the sandbox on this machine. */
import { type Account, PRACTICE_ID } from "../../../accounts/accountBook.ts";
import { PRACTICE } from "../../../accounts/accountFacts.ts";
import { FreightError } from "../../../base/errors.ts";
import type { PracticeMailbox } from "../../../services/practice.ts";
import { t } from "../../../shared/l10n.ts";
import type { PageTools, ServicePages } from "./servicePages.ts";

export class PracticePages implements ServicePages {
  readonly key = PRACTICE.service;
  readonly name = PRACTICE.serviceName;
  readonly detail = t("Needs no account: everything stays on this machine");
  readonly icon = "beaker";
  readonly #tools: PageTools;
  readonly #mailbox: PracticeMailbox;

  constructor(tools: PageTools, mailbox: PracticeMailbox) {
    this.#tools = tools;
    this.#mailbox = mailbox;
  }

  /** Adds the practice mailbox, or returns the existing one. */
  async add(): Promise<Account> {
    const { nylas } = await this.#tools.input.busy(
      t("Add Account"),
      t("Starting the practice mailbox…"),
      () => this.#mailbox.addresses(),
    );
    const grant = nylas.grants.find(({ provider }) => provider === "microsoft");
    if (grant === undefined)
      throw new FreightError("grant-unknown", t("The practice mailbox did not offer a mailbox."));
    const account = practiceAccount(grant);
    await this.#tools.save(account, undefined);
    return account;
  }

  /** Nothing to renew: it has a key of its own. */
  async renew(): Promise<boolean> {
    return false;
  }
}

/** The account of a practice mailbox, without an address: that is known only once it runs. */
export function practiceAccount({
  id,
  email,
  provider,
}: {
  readonly id: string;
  readonly email: string;
  readonly provider: string;
}): Account {
  return { id: PRACTICE_ID, ...PRACTICE, hasCalendar: false, email, provider, apiUri: "", grantId: id };
}
