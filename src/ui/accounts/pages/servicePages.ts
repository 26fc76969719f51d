/** The wizard's pages for a mail service: how an account of it is added and renewed. */
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
  /** "ssh-remote", …: where the extension runs, when that is another machine. */
  readonly remoteName: string | undefined;
  readonly http: Http;
  /** Keeps an account, and its credential where it has one. @throws FreightError `secrets-unavailable` */
  readonly save: (account: Account, credential: string | undefined) => Promise<void>;
  /** @throws FreightError `credential-missing` */
  readonly credential: (account: Account) => Promise<string>;
  readonly newId: () => string;
  /** Logs a refusal that the next page shows. */
  readonly noted: (reason: FreightError) => void;
  /** Shows, and logs, what no page is asked again for. */
  readonly report: (reason: FreightError) => void;
}

export interface ServicePages {
  /** As its accounts name it in what is saved. */
  readonly key: string;
  /** As people know it. */
  readonly name: string;
  /** What is said of it where a service is chosen. */
  readonly detail: string;
  /** A codicon. */
  readonly icon: string;
  /**
   * Asks for what an account needs, checks it and keeps it.
   * @returns the account; BACK to the choice of services; undefined when the person left
   * @throws FreightError when the check fails for good
   */
  add(): Promise<Answer<Account>>;
  /** Asks for a new key or sign-in of an account and keeps it. @returns false when the person left */
  renew(account: Account): Promise<boolean>;
  /**
   * Has the person allow what drafts and large files need, where a sign-in was given for sending only.
   * @returns the account with it; undefined when the person left
   */
  allowDrafts?(account: Account): Promise<Account | undefined>;
  /**
   * Has the person allow what files need that go as links.
   * @returns the account with it; undefined when the person left
   */
  allowLinks?(account: Account): Promise<Account | undefined>;
  /**
   * Has the person allow what events need, where a sign-in was given for mail only.
   * @returns the account with it; undefined when the person left
   */
  allowCalendar?(account: Account): Promise<Account | undefined>;
}

/** Keeps an answer as a setting. One that cannot be written is no reason to ask again: whoever asked has the answer. */
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
