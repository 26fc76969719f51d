/** Whom an account's files cannot be opened to: tried with its service, and remembered for a while. */
import type { Account } from "../accounts/accountBook.ts";
import type { Audience, AudienceRefusal } from "../services/fileLinks.ts";
import { linksOf, type MailService } from "../services/mailService.ts";
import { audiencesWithin, type LinkLimits, linkEnd } from "./words/linkLimits.ts";

export interface LinkTrialsOptions {
  readonly serviceFor: (account: Account) => Promise<MailService>;
  readonly clock: { now(): number };
  /** What may not be chosen anyway is not tried either, not even with an empty file. */
  readonly limits: () => LinkLimits;
}

/** An administrator changes such rules a few times a year, and nobody wants to wait long for that. */
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
   * One answer for whoever asks meanwhile, so that none of them can end it.
   * @param days for which links are to be open; null: without an end @throws FreightError when that cannot be found out
   */
  refusals(account: Account, days: number | null): Promise<readonly AudienceRefusal[]> {
    const { clock, limits } = this.#options;
    const audiences = audiencesWithin(limits());
    const key = `${account.id} ${days} ${audiences.length}`;
    const known = this.#known.get(key);
    if (known !== undefined && clock.now() - known.at < REMEMBERED_MS) return known.refusals;
    const refusals = this.#try(account, audiences, days);
    this.#known.set(key, { at: clock.now(), refusals });
    // What could not be found out is tried again.
    refusals.catch(() => this.#known.delete(key));
    return refusals;
  }

  async #try(
    account: Account,
    audiences: readonly Audience[],
    days: number | null,
  ): Promise<readonly AudienceRefusal[]> {
    const { serviceFor, clock } = this.#options;
    const links = linksOf(await serviceFor(account));
    const until = days === null ? null : linkEnd(clock.now(), days);
    return links.refusals(audiences, until, account.email, AbortSignal.timeout(PATIENCE_MS));
  }
}
