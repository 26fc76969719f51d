/** Asks the service, by a trial, whom an account cannot share files with; remembers the answer for a while. */
import type { Account } from "../../accounts/accountBook.ts";
import { explain, type Log } from "../../base/log.ts";
import type { Audience, AudienceRefusal } from "../../services/fileLinks.ts";
import { linksOf, type MailService } from "../../services/mailService.ts";
import type { TrialNotes } from "../store/disk/trialNotes.ts";
import { audiencesWithin, type LinkLimits, linkEnd } from "./linkLimits.ts";

export interface LinkTrialsOptions {
  readonly serviceFor: (account: Account) => Promise<MailService>;
  readonly clock: { now(): number };
  /** Audiences outside these limits are not tried, not even with an empty file. */
  readonly limits: () => LinkLimits;
  readonly notes: TrialNotes;
  readonly find: (accountId: string) => Account | undefined;
  readonly log: Log;
}

/** Administrators change such rules a few times a year, but a change should not take long to be noticed. */
const REMEMBERED_MS = 10 * 60_000;
const PATIENCE_MS = 60_000;

export class LinkTrials {
  readonly #options: LinkTrialsOptions;
  readonly #known = new Map<
    string,
    { readonly at: number; readonly refusals: Promise<readonly AudienceRefusal[]> }
  >();

  constructor(options: LinkTrialsOptions) {
    this.#options = options;
  }

  /**
   * Callers share one trial, which none of them can abort.
   * @param days how long links are to work; null: no end
   * @throws FreightError when it cannot be found out
   */
  refusals(account: Account, days: number | null): Promise<readonly AudienceRefusal[]> {
    const { clock, limits } = this.#options;
    const audiences = audiencesWithin(limits());
    const key = `${account.id} ${days} ${audiences.length}`;
    const known = this.#known.get(key);
    if (known !== undefined && clock.now() - known.at < REMEMBERED_MS) return known.refusals;
    const refusals = this.#try(account, audiences, days);
    this.#known.set(key, { at: clock.now(), refusals });
    // A trial that failed is repeated for the next caller.
    refusals.catch(() => this.#known.delete(key));
    return refusals;
  }

  async #try(
    account: Account,
    audiences: readonly Audience[],
    days: number | null,
  ): Promise<readonly AudienceRefusal[]> {
    const { serviceFor, clock, notes } = this.#options;
    const links = linksOf(await serviceFor(account));
    const until = days === null ? null : linkEnd(clock.now(), days);
    const place = links.newTrial();
    const note = await notes.keep(account.id, place);
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const refusals = await links.refusals(audiences, until, account.email, signal, place);
    await notes.drop(note);
    return refusals;
  }

  /** Deletes files that earlier trials left behind. A note stays until its file could be deleted. */
  async tidy(): Promise<void> {
    const { notes, find, serviceFor, log } = this.#options;
    for (const note of await notes.left()) {
      try {
        const account = find(note.accountId);
        // Without the account, nothing can be deleted any more.
        if (account !== undefined)
          await linksOf(await serviceFor(account)).clearTrial(note.place, AbortSignal.timeout(PATIENCE_MS));
        await notes.drop(note);
      } catch (reason) {
        log.info(explain(reason));
      }
    }
  }
}
