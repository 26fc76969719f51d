/** The wizard's pages for a mail service: how its accounts are added and renewed. */
import type { Account } from "../../../accounts/accountBook.ts";
import { FreightError } from "../../../base/errors.ts";
import type { Http } from "../../../net/http.ts";
import type { LoopbackListener } from "../../../net/loopbackListener.ts";
import { t } from "../../../shared/l10n.ts";
import type { Browser } from "../../editor/editorBrowser.ts";
import type { readSetting, writeSetting } from "../../editor/settings.ts";
import type { Dialogs } from "../../notices/dialogs.ts";
import type { Answer, PageInput } from "./pageInput.ts";
import type { Authentication } from "./signInToken.ts";

/** What the pages of every service need. */
export interface PageTools {
  readonly input: PageInput;
  readonly browser: Browser;
  readonly listen: typeof LoopbackListener.open;
  readonly dialogs: Dialogs;
  readonly authentication: Authentication;
  readonly readSetting: typeof readSetting;
  readonly writeSetting: typeof writeSetting;
  /** The remote where the extension runs, such as "ssh-remote"; undefined on this machine. */
  readonly remoteName: string | undefined;
  readonly http: Http;
  /** Saves an account, and its credential if it has one. @throws FreightError `secrets-unavailable` */
  readonly save: (account: Account, credential: string | undefined) => Promise<void>;
  /** @throws FreightError `credential-missing` */
  readonly credential: (account: Account) => Promise<string>;
  readonly newId: () => string;
  /** Logs a refusal that the next page shows. */
  readonly noted: (reason: FreightError) => void;
  /** Logs and shows an error for which no page is asked again. */
  readonly report: (reason: FreightError) => void;
}

export interface ServicePages {
  /** The service's name in saved accounts. */
  readonly key: string;
  /** The service's name for people. */
  readonly name: string;
  /** Its description in the list of services. */
  readonly detail: string;
  /** A codicon. */
  readonly icon: string;
  /**
   * Asks for what an account needs, checks it and saves it.
   * @returns the account; BACK to the choice of services; undefined when the person cancelled
   * @throws FreightError when the check fails for good
   */
  add(): Promise<Answer<Account>>;
  /** Asks for a new key or sign-in for an account, and saves it. @returns false when the person cancelled */
  renew(account: Account): Promise<boolean>;
  /**
   * Asks for the permissions for drafts and large files, if the sign-in was for sending only.
   * @returns the account with them; undefined when the person cancelled
   */
  allowDrafts?(account: Account): Promise<Account | undefined>;
  /**
   * Asks for the permissions for files sent as links.
   * @returns the account with them; undefined when the person cancelled
   */
  allowLinks?(account: Account): Promise<Account | undefined>;
  /**
   * Asks for the permissions for calendar events, if the sign-in was for mail only.
   * @returns the account with them; undefined when the person cancelled
   */
  allowCalendar?(account: Account): Promise<Account | undefined>;
}

/** Saves an answer as a setting. A failure is shown but not thrown, because the caller has the answer. */
export async function keepAnswer(
  tools: Pick<PageTools, "report" | "writeSetting">,
  name: string,
  value: string,
): Promise<void> {
  try {
    await tools.writeSetting(name, value);
  } catch (cause) {
    const words = t("VS Code could not save “{0}” in your settings. You will be asked for it again.", name);
    tools.report(new FreightError("unexpected", words, { cause }));
  }
}
